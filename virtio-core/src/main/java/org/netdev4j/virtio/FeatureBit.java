package org.netdev4j.virtio;

/** A feature bit with its name in the specification, without the {@code VIRTIO_F_} or {@code VIRTIO_NET_F_} prefix. */
public interface FeatureBit {
    /** 0..127. */
    int bit();

    String name();
}
