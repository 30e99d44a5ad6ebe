package org.netdev4j.virtio.device;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.queue.DeviceQueue;

/** What a running device model has from its transport. */
public interface DeviceContext {
    /** What was negotiated. */
    Features features();

    /** The queue, or null if the driver did not enable it, or reset it. */
    DeviceQueue queue(int index);

    /** Sends a used-buffer notification; none if the queue is not there (virtio 1.4 §2.6.1.1.1). */
    void interrupt(int queueIndex);

    /** The configuration changed: new generation, configuration change notification. */
    void configChanged();

    /** Sets DEVICE_NEEDS_RESET and notifies (virtio 1.4 §2.1.2). */
    void needsReset(String reason);
}
