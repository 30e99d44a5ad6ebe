package org.netdev4j.virtio;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.queue.QueuePlacement;

/**
 * How a driver reaches one device: the registers of virtio 1.4 §2 and §4, whatever carries them. Control calls come from one
 * thread at a time and may block for a bounded time; {@link Kick#kick} is the only call of the packet path.
 */
public interface VirtioTransport extends AutoCloseable {
    /** For messages, the device string for example. */
    String name();

    /** Virtio device id (virtio 1.4 §5): 1 is a network device. */
    int deviceType();

    /** Features the device offers; valid at any time. */
    Features deviceFeatures();

    /** Writes the subset the driver accepts, before FEATURES_OK. */
    void driverFeatures(Features accepted);

    /** Device status, bits of {@link DeviceStatus}. */
    int status();

    /** Writes the device status; never 0, see {@link #reset()}. */
    void status(int status);

    /**
     * Writes status 0 and waits until it reads 0 (virtio 1.4 §2.4.2): afterwards the device touches no queue and no memory.
     *
     * @throws VirtioException if the device does not get there in time
     */
    void reset();

    /** Changes whenever the device configuration changes (virtio 1.4 §2.5). */
    int configGeneration();

    /** Bytes of device configuration that can be read. */
    int configSize();

    /** One byte of device configuration. */
    int readConfig8(int offset);

    /** Little-endian, {@code offset} a multiple of 2. */
    int readConfig16(int offset);

    /** Little-endian, {@code offset} a multiple of 4. */
    int readConfig32(int offset);

    /** Largest size of queue {@code index} in descriptors, 0 if there is no such queue. */
    int maxQueueSize(int index);

    /**
     * Tells the device where the queue is and enables it; between FEATURES_OK and DRIVER_OK, and with RING_RESET while the
     * device runs, for a queue that was reset: with another placement or size if one likes (virtio 1.4 §2.6.1.2).
     *
     * @throws VirtioException if the device cannot use what is there
     * @throws IllegalStateException if the queue is enabled already, or this is not the time
     */
    void enableQueue(int index, QueuePlacement placement);

    /**
     * Resets one enabled queue and waits until the device has done so (virtio 1.4 §2.6.1): afterwards it touches neither the
     * queue nor its buffers and sends no notification for it, and the driver may take them back. The rest of the device goes
     * on.
     *
     * @throws VirtioException if the device does not get there in time
     * @throws IllegalStateException if RING_RESET was not negotiated or the queue is not enabled
     */
    void resetQueue(int index);

    /** The doorbell of an enabled queue. */
    Kick kick(int index);

    /** Becomes readable when the device sends a used-buffer notification for the queue. */
    EventFd queueInterrupt(int index);

    /** Becomes readable when the device sends a configuration change notification. */
    EventFd configInterrupt();

    /**
     * Has {@code listener} told when the other end of the transport goes and when it is back, on a thread of the transport's; set
     * once, before the first reset. Where the other end cannot go alone, nobody is ever told.
     * <p>
     * While it is gone nobody touches the queues, kicks go nowhere, {@link #reset()} is done at once and the other registers read
     * as they did. When it is back, status and features are what they were, but it knows no queue: the driver resets each
     * and enables it, whatever the status (as after {@link #resetQueue}, without that RING_RESET was negotiated). A transport
     * whose other end comes back unable to do what was negotiated does not tell that it is back.
     */
    default void onPeerChange(PeerListener listener) {}

    /**
     * Called again and again while the driver waits for an answer: a device that has no thread of its own, but is driven by
     * hand, works now.
     */
    default void driveDevice() {}

    /** Zeroed memory that the device can reach, attached. */
    MemoryRegion allocateMemory(String name, long bytes);

    /** Lets the device reach {@code region}. Idempotent. */
    void attachMemory(MemoryRegion region);

    /** True if the device can reach memory of {@code region}. */
    boolean isAttached(MemoryRegion region);

    /** Detaches the region; its memory must not be in any queue. */
    void detachMemory(MemoryRegion region);

    /** Resets the device and lets it go. Idempotent. */
    @Override
    void close();

    /** Told that the other end of a transport went or came back. */
    @FunctionalInterface
    interface PeerListener {
        void peerChanged(boolean present);
    }

    /** An available-buffer notification (virtio 1.4 §2.9). */
    @FunctionalInterface
    interface Kick {
        /**
         * @param data the queue's index in bits 0 to 15; with NOTIFICATION_DATA what the queue says of its position in the bits
         *     above. Devices that have no use for it ignore it
         */
        void kick(int data);
    }
}
