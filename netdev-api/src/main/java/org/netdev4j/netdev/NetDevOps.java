package org.netdev4j.netdev;

import java.util.Map;

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

    /** From memory, without a lock: unlike the others this may be called by any thread, during any other call. */
    LinkState linkState();

    /**
     * Calls {@code listener} after each change of {@link #linkState()}, on a thread of the driver's. Called once, before
     * {@link #probe()}.
     */
    default void onLinkChange(Runnable listener) {}

    /** Memory that this device can reach, for pools and for anything else packets are made of. */
    MemoryRegion allocateMemory(String name, long bytes);

    /** Lets the device reach a region mapped by someone else. Idempotent. */
    void attachMemory(MemoryRegion region);

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
