package org.netdev4j.netdev;

import java.util.List;
import java.util.Map;

import org.netdev4j.netbuf.MemoryRegion;

/**
 * A network device as an application sees it. The life cycle is {@link NetDevState}'s; a call that is illegal in the
 * present state is an IllegalStateException that names the state and what is allowed, and changes nothing. A step that fails
 * leaves the device where it was.
 * <p>
 * Control calls may come from any thread and are serialised. Queues are another matter: see {@link RxQueue} and
 * {@link TxQueue}; no thread may be inside a queue call while the device is stopped or closed.
 */
public final class NetDev implements AutoCloseable {
    /** A device over a driver, UNPROBED; registered in {@link NetDevRegistry} until it is closed. */
    public NetDev(String name, NetDevOps ops) {
        throw new UnsupportedOperationException();
    }

    /**
     * Opens the device that a {@link DeviceString} names and probes it: UNCONFIGURED.
     *
     * @throws DeviceStringException if the string is wrong; the message lists what is known
     * @throws NetDevException if the device cannot be opened
     */
    public static NetDev open(String deviceString) {
        throw new UnsupportedOperationException();
    }

    /** Small number, unique while the JVM runs. */
    public int id() {
        throw new UnsupportedOperationException();
    }

    /** The device string, or the name given to the constructor. */
    public String name() {
        throw new UnsupportedOperationException();
    }

    public String driverName() {
        throw new UnsupportedOperationException();
    }

    public NetDevState state() {
        throw new UnsupportedOperationException();
    }

    public void probe() {
        throw new UnsupportedOperationException();
    }

    public NetDevInfo info() {
        throw new UnsupportedOperationException();
    }

    public QueueInfo rxQueueInfo(int index) {
        throw new UnsupportedOperationException();
    }

    public QueueInfo txQueueInfo(int index) {
        throw new UnsupportedOperationException();
    }

    public void configure(NetDevConfig config) {
        throw new UnsupportedOperationException();
    }

    public RxQueue configureRxQueue(int index, RxQueueConfig config) {
        throw new UnsupportedOperationException();
    }

    public TxQueue configureTxQueue(int index, TxQueueConfig config) {
        throw new UnsupportedOperationException();
    }

    /** The receive queue prepared under that index. */
    public RxQueue rxQueue(int index) {
        throw new UnsupportedOperationException();
    }

    /** The transmit queue prepared under that index. */
    public TxQueue txQueue(int index) {
        throw new UnsupportedOperationException();
    }

    /** Every configured queue must have been prepared. */
    public void start() {
        throw new UnsupportedOperationException();
    }

    /** Stops traffic and returns the buffers in the queues to their pools; {@link #start()} resumes. */
    public void stop() {
        throw new UnsupportedOperationException();
    }

    /** Idempotent; stops first if need be. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    public MacAddress macAddress() {
        throw new UnsupportedOperationException();
    }

    public void macAddress(MacAddress address) {
        throw new UnsupportedOperationException();
    }

    public int mtu() {
        throw new UnsupportedOperationException();
    }

    public void mtu(int bytes) {
        throw new UnsupportedOperationException();
    }

    public boolean promiscuous() {
        throw new UnsupportedOperationException();
    }

    public void promiscuous(boolean on) {
        throw new UnsupportedOperationException();
    }

    public LinkState linkState() {
        throw new UnsupportedOperationException();
    }

    public void onLinkChange(Runnable listener) {
        throw new UnsupportedOperationException();
    }

    public MemoryRegion allocateMemory(String regionName, long bytes) {
        throw new UnsupportedOperationException();
    }

    public void attachMemory(MemoryRegion region) {
        throw new UnsupportedOperationException();
    }

    public String extendedInfo(ExtendedInfo key) {
        throw new UnsupportedOperationException();
    }

    /** Counters of the device: its queues' added up. */
    public NetDevStats stats() {
        throw new UnsupportedOperationException();
    }

    /** Driver-specific facts to show a person. */
    public Map<String, String> details() {
        throw new UnsupportedOperationException();
    }

    /** Driver-specific counters to show a person. */
    public Map<String, Long> counters() {
        throw new UnsupportedOperationException();
    }

    /** Every device that is not closed. */
    public static List<NetDev> all() {
        return NetDevRegistry.devices();
    }
}
