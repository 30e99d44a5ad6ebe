package org.netdev4j.virtio.device;

import org.netdev4j.virtio.Features;

/**
 * What a device does, independent of the transport that carries it. Every method is called on the thread of the device's
 * {@link DeviceLoop}, one at a time.
 */
public interface DeviceModel extends AutoCloseable {
    /** Virtio device id: 1 is a network device. */
    int deviceType();

    /** Everything the device offers. */
    Features offeredFeatures();

    /** True if the device can work with this subset (virtio 1.4 §2.2.2); false leaves FEATURES_OK clear. */
    boolean acceptFeatures(Features accepted);

    /** Largest size of queue {@code index}, 0 if there is none. */
    int maxQueueSize(int index);

    /** Device configuration as it reads now, little-endian. */
    byte[] config();

    /**
     * DRIVER_OK was written. {@link #queueStarted} follows for each queue that the driver has enabled. An exception tells the
     * driver why the device cannot start; {@link #stop} follows at the next reset all the same.
     */
    void start(DeviceContext context);

    /**
     * Queue {@code index} may be used from now on: {@link DeviceContext#queue} has it. With RING_RESET queues come and go while
     * the device runs (virtio 1.4 §2.6.1), and the one that comes may have another size. An exception is one of {@link #start}.
     */
    default void queueStarted(int index) {}

    /**
     * The driver resets queue {@code index}, or takes it away for a while: put back every buffer taken from it and not completed,
     * publish what is completed, and forget it. The rest goes on. Not called for the queues that {@link #stop} ends.
     */
    default void queueStopped(int index) {}

    /**
     * Queue {@code index}, which is started, is disabled or enabled again; a queue starts enabled. Some transports can do that
     * (vhost-user): what the driver sends on a disabled queue is taken and discarded, nothing is delivered to it.
     */
    default void queueEnabled(int index, boolean enabled) {}

    /**
     * The device was reset, or {@link #poll} and its like threw: forget the queues, touch no memory of the driver's, watch
     * nothing. Once for each start; called before reset reads as done.
     */
    void stop();

    /**
     * Moves what can be moved, a bounded amount. A model that throws is stopped and DEVICE_NEEDS_RESET is set.
     *
     * @return work done, 0 if there was none
     */
    int poll();

    /**
     * Before the loop sleeps: ask for kicks.
     *
     * @return false if there is work already
     */
    boolean armWakeUps();

    /** After the loop woke: no kicks while polling. */
    void disarmWakeUps();

    /** The device is taken away for good, after {@link #stop} if it was started. Called once. */
    @Override
    void close();
}
