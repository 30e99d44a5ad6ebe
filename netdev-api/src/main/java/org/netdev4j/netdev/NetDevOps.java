package org.netdev4j.netdev;

import java.util.Map;
import java.util.Set;

import org.netdev4j.netbuf.MemoryRegion;

/**
 * What a driver implements. {@link NetDev} calls it with every argument and state already checked, one control call at a
 * time; the driver never calls back into {@code NetDev}. A method that throws must leave the device as it was, able to try
 * again. Errors are {@link NetDevException}s.
 */
public interface NetDevOps {
    /** Name of the driver, "virtio-net" for example. */
    String driverName();

    /** Finds out what the device is. UNPROBED to UNCONFIGURED. */
    void probe();

    /** What the device can do; valid from UNCONFIGURED on. */
    NetDevInfo info();

    /** Limits of receive queue {@code index}; valid from UNCONFIGURED on. */
    QueueInfo rxQueueInfo(int index);

    /** Limits of transmit queue {@code index}; valid from UNCONFIGURED on. */
    QueueInfo txQueueInfo(int index);

    /** Fixes the number of queues. Also called again when the device is reconfigured: earlier queues are void then. */
    void configure(NetDevConfig config);

    /**
     * Prepares one receive queue; it stays the same object over stop and start. The size in {@code config} is the one to
     * use, never 0; its pool has the headroom asked for; it has a listener only with {@link Capability#RX_INTERRUPT}.
     */
    RxQueue configureRxQueue(int index, RxQueueConfig config);

    /**
     * Prepares one transmit queue; it stays the same object over stop and start. The size in {@code config} is the one to
     * use, never 0; it has a listener only with {@link Capability#TX_INTERRUPT}.
     */
    TxQueue configureTxQueue(int index, TxQueueConfig config);

    /** Makes packets flow. Called when every configured queue is prepared, and again after {@link #stop()}. */
    void start();

    /** Stops the device and gives every buffer it held back to its pool. Afterwards {@link #start()} may follow. */
    void stop();

    /** Releases everything; called once, in any state. */
    void close();

    MacAddress macAddress();

    /**
     * Called with {@link Capability#MAC_SET} only, with a unicast address, in any state from CONFIGURED on; holds until
     * close.
     */
    default void macAddress(MacAddress address) {
        throw NetDevException.unsupported("set the MAC address", driverName());
    }

    /** Largest IP packet, bytes, without the Ethernet header. */
    int mtu();

    /**
     * Called with {@link Capability#MTU_SET} only, within the limits of {@link NetDevInfo}, in any state from CONFIGURED on;
     * holds until close.
     */
    default void mtu(int bytes) {
        throw NetDevException.unsupported("set the MTU", driverName());
    }

    boolean promiscuous();

    /** Called with {@link Capability#PROMISCUOUS} only, in any state from CONFIGURED on; holds until close. */
    default void promiscuous(boolean on) {
        throw NetDevException.unsupported("set promiscuous mode", driverName());
    }

    default boolean allMulticast() {
        return false;
    }

    /** Called with {@link Capability#ALL_MULTICAST} only, in any state from CONFIGURED on; holds until close. */
    default void allMulticast(boolean on) {
        throw NetDevException.unsupported("set all-multicast mode", driverName());
    }

    /** Receive modes that are on. */
    default Set<ReceiveMode> receiveModes() {
        return Set.of();
    }

    /**
     * Has those modes on, and the others off. Called with {@link Capability#RECEIVE_MODES} only, in any state from CONFIGURED on;
     * holds until close.
     */
    default void receiveModes(Set<ReceiveMode> modes) {
        throw NetDevException.unsupported("set receive modes", driverName());
    }

    /** Multicast addresses the device listens to, apart from broadcast. */
    default Set<MacAddress> multicastList() {
        return Set.of();
    }

    /**
     * Listens to those addresses instead of those before. Called with {@link Capability#MULTICAST_LIST} only, with multicast
     * addresses that are not broadcast, in any state from CONFIGURED on; holds until close.
     */
    default void multicastList(Set<MacAddress> addresses) {
        throw NetDevException.unsupported("set the multicast list", driverName());
    }

    /** Ids of the VLANs the device listens to. */
    default Set<Integer> vlans() {
        return Set.of();
    }

    /**
     * Listens to one more VLAN, idempotent. Called with {@link Capability#VLAN_FILTER} only, with an id from 0 to 4094, in any
     * state from CONFIGURED on; holds until close.
     */
    default void addVlan(int vlanId) {
        throw NetDevException.unsupported("filter VLANs", driverName());
    }

    /** Takes {@link #addVlan} back, idempotent; called as that is. */
    default void removeVlan(int vlanId) {
        throw NetDevException.unsupported("filter VLANs", driverName());
    }

    /**
     * Steers by hash, or with null as the device likes. Called with {@link Capability#RSS} only, with receive queues that there
     * are, in any state from CONFIGURED on; holds until the next configure.
     */
    default void steering(RssConfig config) {
        throw NetDevException.unsupported("steer by hash", driverName());
    }

    /** Called with {@link Capability#FLOW_HASH} only, while RUNNING; holds until stop. */
    default void flowHash(Set<FlowHashType> types, byte[] key) {
        throw NetDevException.unsupported("tell flow hashes", driverName());
    }

    /** Called with {@link Capability#COALESCING} only, in any state from CONFIGURED on; holds until close. */
    default void coalescing(Coalescing rx, Coalescing tx) {
        throw NetDevException.unsupported("hold interrupts back", driverName());
    }

    /** Called with {@link Capability#QUEUE_COALESCING} only, in any state from CONFIGURED on; holds until close. */
    default void rxCoalescing(int index, Coalescing coalescing) {
        throw NetDevException.unsupported("hold interrupts back", driverName());
    }

    /** Called as {@link #rxCoalescing(int, Coalescing)} is. */
    default void txCoalescing(int index, Coalescing coalescing) {
        throw NetDevException.unsupported("hold interrupts back", driverName());
    }

    /** What is in force. Called as {@link #rxCoalescing(int, Coalescing)} is. */
    default Coalescing rxCoalescing(int index) {
        return Coalescing.NONE;
    }

    /** What is in force. Called as {@link #rxCoalescing(int, Coalescing)} is. */
    default Coalescing txCoalescing(int index) {
        return Coalescing.NONE;
    }

    /**
     * Of its receive offloads the device uses those in {@code offloads} from now on. Called with
     * {@link Capability#RX_OFFLOADS_SET} only, in any state from CONFIGURED on; holds until close.
     */
    default void rxOffloads(Set<Capability> offloads) {
        throw NetDevException.unsupported("change receive offloads", driverName());
    }

    /** Speed of the link, Mbit/s, or -1: not known. As {@link #linkState()}, from memory and without a lock. */
    default int linkSpeedMbps() {
        return -1;
    }

    /** From memory, without a lock: unlike the others this may be called by any thread, during any other call. */
    LinkState linkState();

    /** Tells {@code listener} what happens to the device. Called once, before {@link #probe()}. */
    default void onEvent(DeviceListener listener) {}

    /** Memory that this device can reach, for pools and for anything else packets are made of. */
    MemoryRegion allocateMemory(String name, long bytes);

    /** Lets the device reach a region mapped by someone else. Idempotent. */
    void attachMemory(MemoryRegion region);

    /**
     * Takes back that the device reaches a region, from {@link #allocateMemory} or {@link #attachMemory}: packets in it are
     * {@link DropReason#UNREACHABLE_MEMORY} from the next burst on. Idempotent. Called while no prepared receive queue has its
     * pool there; that no packet in a transmit queue is there either is up to the caller.
     */
    void detachMemory(MemoryRegion region);

    /** Addresses that the platform assigned to this device (uk_netdev's einfo), or null. */
    default String extendedInfo(ExtendedInfo key) {
        return null;
    }

    /** Driver-specific facts to show a person, in order: features offered and negotiated, for example. */
    default Map<String, String> details() {
        return Map.of();
    }

    /** Driver- and device-specific counters to show a person, in order. */
    default Map<String, Long> counters() {
        return Map.of();
    }
}
