package org.netdev4j.virtio.queue;

/** The device end of a split virtqueue, virtio 1.4 §2.7. */
abstract non-sealed class SplitDeviceQueue extends DeviceQueue {}
