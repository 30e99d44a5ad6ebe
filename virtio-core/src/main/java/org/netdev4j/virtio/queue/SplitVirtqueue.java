package org.netdev4j.virtio.queue;

/** The driver end of a split virtqueue, virtio 1.4 §2.7. */
abstract non-sealed class SplitVirtqueue extends Virtqueue {}
