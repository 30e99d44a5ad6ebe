package org.netdev4j.netdev;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netdev.jfr.DeviceFlight;
import org.netdev4j.netdev.jmx.DeviceBeans;
import org.netdev4j.netdev.offload.SoftwareOffload;

/**
 * A network device as an application sees it. The life cycle is {@link NetDevState}'s; a call that is illegal in the
 * present state is an IllegalStateException that names the state and what is allowed, and changes nothing. A step that fails
 * leaves the device where it was, able to try again.
 *
 * <pre>{@code
 * try (NetDev dev = NetDev.open("tap:nd0")) {
 *     dev.configure(NetDevConfig.ONE_PAIR);
 *     RxQueue rx = dev.configureRxQueue(0, RxQueueConfig.polled(pool));
 *     TxQueue tx = dev.configureTxQueue(0, TxQueueConfig.POLLED);
 *     dev.start();
 *     ...
 * }
 * }</pre>
 *
 * Control calls may come from any thread and are serialised. Queues are another matter: see {@link RxQueue} and
 * {@link TxQueue}; no thread may be inside a queue call while the device is stopped, configured anew or closed.
 */
public final class NetDev implements AutoCloseable {
    private final int id = NetDevRegistry.newId();
    private final String name;
    private final NetDevOps ops;
    private final ReentrantLock lock = new ReentrantLock();
    private final DeviceListeners listeners = new DeviceListeners();
    private final Queues queues;
    private final DeviceFlight flight;
    private final DeviceBeans beans;
    private volatile NetDevState state = NetDevState.UNPROBED;

    /**
     * A device over a driver, UNPROBED; registered in {@link NetDevRegistry} until it is closed.
     *
     * @param ops owned by this device from now on; closed if a decorator throws
     * @param decorators put around it, the first nearest to the device
     */
    public NetDev(String name, NetDevOps ops, NetDevDecorator... decorators) {
        this.name = Objects.requireNonNull(name, "name");
        this.ops = SoftwareOffload.AROUND_ANY
                .decorate(NetDevDecorator.decorate(Objects.requireNonNull(ops, "ops"), name, decorators), name);
        this.queues = new Queues(this.ops);
        flight = new DeviceFlight(this);
        listeners.add(flight);
        this.ops.onEvent(listeners);
        NetDevRegistry.add(this);
        beans = new DeviceBeans(this);
    }

    /**
     * Opens the device that a {@link DeviceString} names and probes it: UNCONFIGURED.
     *
     * @param decorators put around it, the first nearest to the device
     * @throws DeviceStringException if the string is wrong; the message lists what is known
     * @throws NetDevException if the device cannot be opened
     */
    public static NetDev open(String deviceString, NetDevDecorator... decorators) {
        NetDevOps ops = NetDevRegistry.open(DeviceString.parse(deviceString));
        NetDev device = new NetDev(deviceString, ops, decorators);
        try {
            device.probe();
            return device;
        } catch (RuntimeException | Error e) {
            try {
                device.close();
            } catch (RuntimeException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    /** Every device that is not closed. */
    public static List<NetDev> all() {
        return NetDevRegistry.devices();
    }

    /** Small number, unique while the JVM runs. */
    public int id() {
        return id;
    }

    /** The device string, or the name given to the constructor. */
    public String name() {
        return name;
    }

    public String driverName() {
        return ops.driverName();
    }

    public NetDevState state() {
        return state;
    }

    // life cycle

    /** Finds out what the device is. */
    public void probe() {
        control(Operation.PROBE, ops::probe);
    }

    /**
     * Fixes the number of queues. Queues prepared under an earlier configuration are void from then on: their calls are
     * IllegalStateExceptions.
     *
     * @throws NetDevException if the device has fewer queues, or wants them in pairs
     */
    public void configure(NetDevConfig config) {
        control(Operation.CONFIGURE, () -> {
            queues.configure(config);
            beans.removeQueues();
        });
    }

    /**
     * Prepares a receive queue; queues may be prepared in any order, each once.
     *
     * @return the queue, the same object over stop and start
     * @throws NetDevException if the device cannot do what {@code config} asks for
     */
    public RxQueue configureRxQueue(int index, RxQueueConfig config) {
        return control(Operation.CONFIGURE_RX_QUEUE, () -> {
            RxQueue queue = queues.configureRx(index, config);
            beans.add(queue);
            return queue;
        });
    }

    /**
     * Prepares a transmit queue; queues may be prepared in any order, each once.
     *
     * @return the queue, the same object over stop and start
     * @throws NetDevException if the device cannot do what {@code config} asks for
     */
    public TxQueue configureTxQueue(int index, TxQueueConfig config) {
        return control(Operation.CONFIGURE_TX_QUEUE, () -> {
            TxQueue queue = queues.configureTx(index, config);
            beans.add(queue);
            return queue;
        });
    }

    /** Lets packets flow. Every configured queue must have been prepared. */
    public void start() {
        control(Operation.START, queues::start);
    }

    /** Stops traffic and returns the buffers in the queues to their pools; {@link #start()} resumes. */
    public void stop() {
        control(Operation.STOP, queues::stop);
    }

    /** Idempotent; stops first if need be. The device is closed even if the driver throws. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (state == NetDevState.CLOSED) {
                return;
            }
            boolean running = state == NetDevState.RUNNING;
            enter(Operation.CLOSE.after(state));
            NetDevRegistry.remove(this);
            beans.close();
            queues.close(running);
        } finally {
            lock.unlock();
        }
    }

    // what the device is

    /** What the device can do; every transmit offload is among it, in software if need be (see {@link SoftwareOffload}). */
    public NetDevInfo info() {
        return control(Operation.INFO, ops::info);
    }

    public QueueInfo rxQueueInfo(int index) {
        return control(Operation.RX_QUEUE_INFO, () -> queues.rxInfo(index));
    }

    public QueueInfo txQueueInfo(int index) {
        return control(Operation.TX_QUEUE_INFO, () -> queues.txInfo(index));
    }

    /** The receive queue prepared under that index. */
    public RxQueue rxQueue(int index) {
        return control(Operation.RX_QUEUE, () -> queues.rx(index));
    }

    /** The transmit queue prepared under that index. */
    public TxQueue txQueue(int index) {
        return control(Operation.TX_QUEUE, () -> queues.tx(index));
    }

    /**
     * Address that was assigned to this device, as text, or null: by {@link AssignedAddresses}, else by the platform. Address
     * and mask are null where there is a CIDR, which says both.
     */
    public String extendedInfo(ExtendedInfo key) {
        return control(Operation.EXTENDED_INFO, () -> key.isInCidr() && ops.extendedInfo(ExtendedInfo.IPV4_CIDR) != null
                ? null
                : ops.extendedInfo(key));
    }

    /** Driver-specific facts to show a person. */
    public Map<String, String> details() {
        return control(Operation.DETAILS, ops::details);
    }

    /** Driver-specific counters to show a person. */
    public Map<String, Long> counters() {
        return control(Operation.COUNTERS, ops::counters);
    }

    /** Counters of the device, its queues' added up; in any state, also after close. */
    public NetDevStats stats() {
        return queues.stats();
    }

    // how the device behaves

    public MacAddress macAddress() {
        return control(Operation.MAC_ADDRESS, () -> ops.macAddress());
    }

    /** @throws NetDevException if the device keeps its address, or {@code address} is not one a station can have */
    public void macAddress(MacAddress address) {
        control(Operation.SET_MAC_ADDRESS, () -> {
            require(Capability.MAC_SET, "set the MAC address");
            SettingChecks.macAddress(name, address);
            ops.macAddress(address);
        });
    }

    /** Largest IP packet, bytes, without the Ethernet header. */
    public int mtu() {
        return control(Operation.MTU, () -> ops.mtu());
    }

    /** @throws NetDevException if the device keeps its MTU, or {@code bytes} is out of its range */
    public void mtu(int bytes) {
        control(Operation.SET_MTU, () -> {
            require(Capability.MTU_SET, "set the MTU");
            SettingChecks.mtu(name, bytes, ops.info().maxMtu());
            ops.mtu(bytes);
        });
    }

    public boolean promiscuous() {
        return control(Operation.PROMISCUOUS, () -> ops.promiscuous());
    }

    /** @throws NetDevException if the device has no promiscuous mode */
    public void promiscuous(boolean on) {
        control(Operation.SET_PROMISCUOUS, () -> {
            require(Capability.PROMISCUOUS, "set promiscuous mode");
            ops.promiscuous(on);
        });
    }

    public boolean allMulticast() {
        return control(Operation.ALL_MULTICAST, () -> ops.allMulticast());
    }

    /** @throws NetDevException if the device has no all-multicast mode */
    public void allMulticast(boolean on) {
        control(Operation.SET_ALL_MULTICAST, () -> {
            require(Capability.ALL_MULTICAST, "set all-multicast mode");
            ops.allMulticast(on);
        });
    }

    /** The modes that are on beside promiscuous and all-multicast mode; none at first. */
    public Set<ReceiveMode> receiveModes() {
        return control(Operation.RECEIVE_MODES, () -> ops.receiveModes());
    }

    /**
     * Has those modes on, and the others off, one after the other.
     *
     * @throws NetDevException if the device has no such modes, or refuses one: {@link #receiveModes()} then says which are on
     */
    public void receiveModes(Set<ReceiveMode> modes) {
        Set<ReceiveMode> on = Set.copyOf(modes);
        control(Operation.SET_RECEIVE_MODES, () -> {
            require(Capability.RECEIVE_MODES, "set receive modes");
            ops.receiveModes(on);
        });
    }

    /** Multicast addresses that the device listens to; broadcast is never among them, and always heard. */
    public Set<MacAddress> multicastList() {
        return control(Operation.MULTICAST_LIST, () -> ops.multicastList());
    }

    /**
     * Listens to those multicast addresses instead of those before.
     *
     * @throws NetDevException if the device has no list, or an address is not multicast or is broadcast
     */
    public void multicastList(Set<MacAddress> addresses) {
        Set<MacAddress> list = Set.copyOf(addresses);
        control(Operation.SET_MULTICAST_LIST, () -> {
            require(Capability.MULTICAST_LIST, "set the multicast list");
            SettingChecks.multicastList(name, list);
            ops.multicastList(list);
        });
    }

    /** Ids of the VLANs that the device listens to. */
    public Set<Integer> vlans() {
        return control(Operation.VLANS, () -> ops.vlans());
    }

    /**
     * Listens to frames tagged with {@code vlanId} too. Idempotent.
     *
     * @param vlanId 0 to 4094
     * @throws NetDevException if the device does not filter VLANs, or there is no such id
     */
    public void addVlan(int vlanId) {
        control(Operation.ADD_VLAN, () -> {
            requireVlan(vlanId);
            ops.addVlan(vlanId);
        });
    }

    /** Takes {@link #addVlan} back. Idempotent. */
    public void removeVlan(int vlanId) {
        control(Operation.REMOVE_VLAN, () -> {
            requireVlan(vlanId);
            ops.removeVlan(vlanId);
        });
    }

    private void requireVlan(int vlanId) {
        require(Capability.VLAN_FILTER, "filter VLANs");
        SettingChecks.vlan(vlanId);
    }

    /**
     * Steers packets to receive queues by a hash of their flow.
     *
     * @param config or null: as the device likes
     * @throws NetDevException if the device does not steer like that, or a queue is not there
     */
    public void steering(RssConfig config) {
        control(Operation.STEERING, () -> {
            require(Capability.RSS, "steer by hash");
            if (config != null) {
                for (int queue : config.table()) {
                    queues.requireRx(queue);
                }
                queues.requireRx(config.unclassified());
            }
            ops.steering(config);
        });
    }

    /**
     * Has the device tell the hash of each packet's flow ({@link org.netdev4j.netbuf.NetBuf#flowHash()}); until stop.
     *
     * @throws NetDevException if the device does not, or not with that key or of that
     */
    public void flowHash(Set<FlowHashType> types, byte[] key) {
        control(Operation.FLOW_HASH, () -> {
            require(Capability.FLOW_HASH, "tell flow hashes");
            ops.flowHash(types, key);
        });
    }

    /** Has the device hold interrupts back. @throws NetDevException if it does not */
    public void coalescing(Coalescing rx, Coalescing tx) {
        control(Operation.COALESCING, () -> {
            require(Capability.COALESCING, "hold interrupts back");
            ops.coalescing(rx, tx);
        });
    }

    /** Has the device hold the interrupts of one receive queue back. @throws NetDevException if it does not */
    public void rxCoalescing(int index, Coalescing coalescing) {
        control(Operation.COALESCING, () -> {
            require(Capability.QUEUE_COALESCING, "hold the interrupts of one queue back");
            queues.requireRx(index);
            ops.rxCoalescing(index, coalescing);
        });
    }

    /** Has the device hold the interrupts of one transmit queue back. @throws NetDevException if it does not */
    public void txCoalescing(int index, Coalescing coalescing) {
        control(Operation.COALESCING, () -> {
            require(Capability.QUEUE_COALESCING, "hold the interrupts of one queue back");
            queues.requireTx(index);
            ops.txCoalescing(index, coalescing);
        });
    }

    /** How the device holds the interrupts of a receive queue back. */
    public Coalescing rxCoalescing(int index) {
        return control(Operation.COALESCING, () -> {
            require(Capability.QUEUE_COALESCING, "hold the interrupts of one queue back");
            queues.requireRx(index);
            return ops.rxCoalescing(index);
        });
    }

    /** How the device holds the interrupts of a transmit queue back. */
    public Coalescing txCoalescing(int index) {
        return control(Operation.COALESCING, () -> {
            require(Capability.QUEUE_COALESCING, "hold the interrupts of one queue back");
            queues.requireTx(index);
            return ops.txCoalescing(index);
        });
    }

    /**
     * Of the receive offloads among its capabilities, the device uses those in {@code offloads} from now on.
     *
     * @throws NetDevException if it cannot change them
     */
    public void rxOffloads(Set<Capability> offloads) {
        Set<Capability> wanted = Set.copyOf(offloads);
        control(Operation.SET_RX_OFFLOADS, () -> {
            require(Capability.RX_OFFLOADS_SET, "change receive offloads");
            ops.rxOffloads(wanted);
        });
    }

    /** Speed of the link, Mbit/s, or -1: not known. Does not wait for a control call that is under way. */
    public int linkSpeedMbps() {
        Operation.LINK_STATE.check(state, name);
        return ops.linkSpeedMbps();
    }

    /** Does not wait for a control call that is under way: a listener may ask. */
    public LinkState linkState() {
        Operation.LINK_STATE.check(state, name);
        return ops.linkState();
    }

    /**
     * Tells {@code listener} what happens to the device. May be called in any state; a listener stays until close. What it
     * throws goes to its thread's uncaught exception handler.
     */
    public void onEvent(DeviceListener listener) {
        listeners.add(listener);
    }

    // memory

    /** Memory that this device can reach, for pools; the caller closes it. */
    public MemoryRegion allocateMemory(String regionName, long bytes) {
        return control(Operation.ALLOCATE_MEMORY, () -> ops.allocateMemory(regionName, bytes));
    }

    /** Lets the device reach a region mapped by someone else. Idempotent. */
    public void attachMemory(MemoryRegion region) {
        control(Operation.ATTACH_MEMORY, () -> ops.attachMemory(region));
    }

    /**
     * Takes back that the device reaches {@code region}; packets in it are dropped and counted from then on. Idempotent. No
     * packet of it may be in a queue: stop first, or wait until every buffer is back in its pool; a device that still meets an
     * address of it breaks the queue.
     *
     * @throws NetDevException if a prepared receive queue has its pool there; {@link #configure} lets go of the pools
     */
    public void detachMemory(MemoryRegion region) {
        control(Operation.DETACH_MEMORY, () -> {
            queues.requireNoPoolIn(region);
            ops.detachMemory(region);
        });
    }

    /** Name, driver and state, for a person. */
    @Override
    public String toString() {
        return name + " (" + driverName() + ", " + state + ")";
    }

    private void control(Operation operation, Runnable work) {
        control(operation, () -> {
            work.run();
            return null;
        });
    }

    private <T> T control(Operation operation, Supplier<T> work) {
        lock.lock();
        try {
            operation.check(state, name);
            T result = work.get();
            enter(operation.after(state));
            return result;
        } finally {
            lock.unlock();
        }
    }

    private void enter(NetDevState next) {
        NetDevState left = state;
        state = next;
        if (next != left) {
            flight.stateChanged(left, next);
        }
    }

    private void require(Capability capability, String what) {
        if (!ops.info().has(capability)) {
            throw NetDevException.unsupported(what, ops.driverName());
        }
    }
}
