package org.netdev4j.netdev;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.netdev4j.netbuf.MemoryRegion;

/**
 * The smallest whole driver, to test with and to learn from: its device sends every frame back to the receive queue of the
 * same number. {@link NetDev} has checked states and arguments, so that what is left is the work.
 * <p>
 * The device end runs when {@link #settle()} is called, by the thread that uses the queues.
 */
public class InMemoryDriver implements NetDevOps {
    private static final int MAX_QUEUES = 4;
    private static final int MAX_MTU = 9000;

    private final List<String> calls = new ArrayList<>();
    private final Set<String> faults = new HashSet<>();
    private boolean failNextCall;
    private final Map<String, ExecutorService> dispatchers = new HashMap<>();
    private InMemoryRxQueue[] rx = {};
    private InMemoryTxQueue[] tx = {};
    private MacAddress macAddress = MacAddress.parse("02:00:00:00:00:01");
    private int mtu = 1500;
    private boolean promiscuous;
    private boolean allMulticast;
    private Set<ReceiveMode> receiveModes = Set.of();
    private Set<MacAddress> multicastList = Set.of();
    private final Set<Integer> vlans = new TreeSet<>();
    private NetDevInfo info = NetDevInfo.pairs(MAX_QUEUES).withMaxMtu(MAX_MTU).with(Capability.RX_INTERRUPT,
            Capability.TX_INTERRUPT, Capability.LINK_STATE, Capability.PROMISCUOUS, Capability.ALL_MULTICAST,
            Capability.RECEIVE_MODES,
            Capability.MULTICAST_LIST, Capability.VLAN_FILTER, Capability.RSS, Capability.FLOW_HASH,
            Capability.COALESCING, Capability.QUEUE_COALESCING, Capability.RX_OFFLOADS_SET, Capability.MAC_SET,
            Capability.MTU_SET);
    private final Map<String, Coalescing> coalescing = new TreeMap<>();
    private volatile LinkState linkState = LinkState.UP;
    private DeviceListener listener;

    /** A device with up to four queue pairs, its link up. */
    public InMemoryDriver() {}

    /** Lets the device work until it has nothing to do, or no receive buffer to do it with. */
    public void settle() {
        for (int i = 0; i < tx.length; i++) {
            tx[i].sendTo(rx[i]);
            if (rx[i].newlyStalled()) {
                listener.onEvent(DeviceEvent.QUEUE_STALLED, "rx" + i + ": the pool has no buffer");
            }
        }
    }

    /** The device can do more from now on than the least. */
    public InMemoryDriver with(Capability... capabilities) {
        info = info.with(capabilities);
        return this;
    }

    /** The link goes up or down. */
    void link(LinkState state) {
        linkState = state;
        listener.onEvent(DeviceEvent.LINK_CHANGED, "the link is " + state);
    }

    /** The next call of that name fails. */
    void failNext(String call) {
        faults.add(call);
    }

    /** The next call that changes something fails, whichever it is; or none does. */
    void failNextCall(boolean fails) {
        failNextCall = fails;
    }

    /** Names of the control calls that got here, in order. */
    List<String> calls() {
        return calls;
    }

    @Override
    public String driverName() {
        return "in-memory";
    }

    @Override
    public void probe() {
        called("probe");
    }

    @Override
    public NetDevInfo info() {
        return info;
    }

    @Override
    public QueueInfo rxQueueInfo(int index) {
        return new QueueInfo(1024, 2, 256, true);
    }

    @Override
    public QueueInfo txQueueInfo(int index) {
        return new QueueInfo(1024, 2, 256, true);
    }

    @Override
    public void configure(NetDevConfig config) {
        called("configure");
        rx = new InMemoryRxQueue[config.rxQueues()];
        tx = new InMemoryTxQueue[config.txQueues()];
    }

    @Override
    public RxQueue configureRxQueue(int index, RxQueueConfig config) {
        called("configureRxQueue " + index);
        rx[index] = new InMemoryRxQueue(index, config, dispatcher(config.dispatcher()));
        return rx[index];
    }

    @Override
    public TxQueue configureTxQueue(int index, TxQueueConfig config) {
        called("configureTxQueue " + index);
        tx[index] = new InMemoryTxQueue(index, config, dispatcher(config.dispatcher()));
        return tx[index];
    }

    /** One thread for all queues that name the same dispatcher. */
    private ExecutorService dispatcher(String name) {
        return name == null
                ? null
                : dispatchers.computeIfAbsent(name,
                        n -> Executors.newSingleThreadExecutor(Thread.ofPlatform().name(n).daemon().factory()));
    }

    @Override
    public void start() {
        called("start");
        for (InMemoryRxQueue queue : rx) {
            queue.refill();
        }
    }

    @Override
    public void stop() {
        called("stop");
        for (InMemoryRxQueue queue : rx) {
            queue.reset();
        }
        for (InMemoryTxQueue queue : tx) {
            queue.reset();
        }
    }

    @Override
    public void close() {
        called("close");
        dispatchers.values().forEach(ExecutorService::close);
    }

    @Override
    public MacAddress macAddress() {
        return macAddress;
    }

    @Override
    public void macAddress(MacAddress address) {
        called("macAddress " + address);
        macAddress = address;
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public void mtu(int bytes) {
        called("mtu " + bytes);
        mtu = bytes;
    }

    @Override
    public boolean promiscuous() {
        return promiscuous;
    }

    @Override
    public void promiscuous(boolean on) {
        called("promiscuous " + on);
        promiscuous = on;
    }

    @Override
    public boolean allMulticast() {
        return allMulticast;
    }

    @Override
    public void allMulticast(boolean on) {
        called("allMulticast " + on);
        allMulticast = on;
    }

    @Override
    public Set<ReceiveMode> receiveModes() {
        return receiveModes;
    }

    @Override
    public void receiveModes(Set<ReceiveMode> modes) {
        called("receiveModes " + modes);
        receiveModes = modes;
    }

    @Override
    public Set<MacAddress> multicastList() {
        return multicastList;
    }

    @Override
    public void multicastList(Set<MacAddress> addresses) {
        called("multicastList " + addresses);
        multicastList = addresses;
    }

    @Override
    public Set<Integer> vlans() {
        return Set.copyOf(vlans);
    }

    @Override
    public void addVlan(int vlanId) {
        called("addVlan " + vlanId);
        vlans.add(vlanId);
    }

    @Override
    public void removeVlan(int vlanId) {
        called("removeVlan " + vlanId);
        vlans.remove(vlanId);
    }

    @Override
    public void steering(RssConfig config) {
        called("steering " + (config == null ? "off" : Arrays.toString(config.table())));
    }

    @Override
    public void flowHash(Set<FlowHashType> types, byte[] key) {
        called("flowHash " + types);
    }

    @Override
    public void coalescing(Coalescing rx, Coalescing tx) {
        called("coalescing " + rx + " " + tx);
    }

    @Override
    public void rxCoalescing(int index, Coalescing limits) {
        called("rxCoalescing " + index + " " + limits);
        coalescing.put("rx" + index, limits);
    }

    @Override
    public void txCoalescing(int index, Coalescing limits) {
        called("txCoalescing " + index + " " + limits);
        coalescing.put("tx" + index, limits);
    }

    @Override
    public Coalescing rxCoalescing(int index) {
        return coalescing.getOrDefault("rx" + index, Coalescing.NONE);
    }

    @Override
    public Coalescing txCoalescing(int index) {
        return coalescing.getOrDefault("tx" + index, Coalescing.NONE);
    }

    @Override
    public void rxOffloads(Set<Capability> offloads) {
        called("rxOffloads " + offloads);
    }

    @Override
    public LinkState linkState() {
        return linkState;
    }

    @Override
    public void onEvent(DeviceListener deviceListener) {
        listener = deviceListener;
    }

    @Override
    public MemoryRegion allocateMemory(String name, long bytes) {
        return MemoryRegion.allocate(name, bytes);
    }

    /** All memory of the JVM is within reach. */
    @Override
    public void attachMemory(MemoryRegion region) {}

    @Override
    public void detachMemory(MemoryRegion region) {}

    private void called(String call) {
        calls.add(call);
        if (faults.remove(call) || failNextCall) {
            failNextCall = false;
            throw new NetDevException("fault in " + call);
        }
    }
}
