package org.netdev4j.netdev;

import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.netdev4j.netbuf.MemoryRegion;

/**
 * A device that passes every call on to another one, for a class that changes some of them. Whoever puts something between
 * the queues and their user overrides {@link #configureRxQueue} and {@link #configureTxQueue} to return a
 * {@link ForwardingRxQueue} or {@link ForwardingTxQueue} around those of the device behind.
 */
public abstract class ForwardingNetDevOps implements NetDevOps {
    /** The device behind. */
    protected final NetDevOps inner;

    protected ForwardingNetDevOps(NetDevOps inner) {
        this.inner = Objects.requireNonNull(inner, "inner");
    }

    @Override
    public String driverName() {
        return inner.driverName();
    }

    @Override
    public void probe() {
        inner.probe();
    }

    @Override
    public NetDevInfo info() {
        return inner.info();
    }

    @Override
    public QueueInfo rxQueueInfo(int index) {
        return inner.rxQueueInfo(index);
    }

    @Override
    public QueueInfo txQueueInfo(int index) {
        return inner.txQueueInfo(index);
    }

    @Override
    public void configure(NetDevConfig config) {
        inner.configure(config);
    }

    @Override
    public RxQueue configureRxQueue(int index, RxQueueConfig config) {
        return inner.configureRxQueue(index, config);
    }

    @Override
    public TxQueue configureTxQueue(int index, TxQueueConfig config) {
        return inner.configureTxQueue(index, config);
    }

    @Override
    public void start() {
        inner.start();
    }

    @Override
    public void stop() {
        inner.stop();
    }

    @Override
    public void close() {
        inner.close();
    }

    @Override
    public MacAddress macAddress() {
        return inner.macAddress();
    }

    @Override
    public void macAddress(MacAddress address) {
        inner.macAddress(address);
    }

    @Override
    public int mtu() {
        return inner.mtu();
    }

    @Override
    public void mtu(int bytes) {
        inner.mtu(bytes);
    }

    @Override
    public boolean promiscuous() {
        return inner.promiscuous();
    }

    @Override
    public void promiscuous(boolean on) {
        inner.promiscuous(on);
    }

    @Override
    public boolean allMulticast() {
        return inner.allMulticast();
    }

    @Override
    public void allMulticast(boolean on) {
        inner.allMulticast(on);
    }

    @Override
    public Set<ReceiveMode> receiveModes() {
        return inner.receiveModes();
    }

    @Override
    public void receiveModes(Set<ReceiveMode> modes) {
        inner.receiveModes(modes);
    }

    @Override
    public Set<MacAddress> multicastList() {
        return inner.multicastList();
    }

    @Override
    public void multicastList(Set<MacAddress> addresses) {
        inner.multicastList(addresses);
    }

    @Override
    public Set<Integer> vlans() {
        return inner.vlans();
    }

    @Override
    public void addVlan(int vlanId) {
        inner.addVlan(vlanId);
    }

    @Override
    public void removeVlan(int vlanId) {
        inner.removeVlan(vlanId);
    }

    @Override
    public void steering(RssConfig config) {
        inner.steering(config);
    }

    @Override
    public void flowHash(Set<FlowHashType> types, byte[] key) {
        inner.flowHash(types, key);
    }

    @Override
    public void coalescing(Coalescing rx, Coalescing tx) {
        inner.coalescing(rx, tx);
    }

    @Override
    public void rxCoalescing(int index, Coalescing coalescing) {
        inner.rxCoalescing(index, coalescing);
    }

    @Override
    public void txCoalescing(int index, Coalescing coalescing) {
        inner.txCoalescing(index, coalescing);
    }

    @Override
    public Coalescing rxCoalescing(int index) {
        return inner.rxCoalescing(index);
    }

    @Override
    public Coalescing txCoalescing(int index) {
        return inner.txCoalescing(index);
    }

    @Override
    public void rxOffloads(Set<Capability> offloads) {
        inner.rxOffloads(offloads);
    }

    @Override
    public int linkSpeedMbps() {
        return inner.linkSpeedMbps();
    }

    @Override
    public LinkState linkState() {
        return inner.linkState();
    }

    @Override
    public void onEvent(DeviceListener listener) {
        inner.onEvent(listener);
    }

    @Override
    public MemoryRegion allocateMemory(String name, long bytes) {
        return inner.allocateMemory(name, bytes);
    }

    @Override
    public void attachMemory(MemoryRegion region) {
        inner.attachMemory(region);
    }

    @Override
    public void detachMemory(MemoryRegion region) {
        inner.detachMemory(region);
    }

    @Override
    public String extendedInfo(ExtendedInfo key) {
        return inner.extendedInfo(key);
    }

    @Override
    public Map<String, String> details() {
        return inner.details();
    }

    @Override
    public Map<String, Long> counters() {
        return inner.counters();
    }
}
