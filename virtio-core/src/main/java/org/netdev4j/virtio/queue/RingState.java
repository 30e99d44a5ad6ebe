package org.netdev4j.virtio.queue;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;

/**
 * Where a device end is in its ring: what it says when it stops, and what the next one starts from. Both positions have 16
 * bits, as vhost-user writes them: for a split queue the ring index, modulo 65536; for a packed queue the slot in bits 0 to
 * 14 and the wrap counter in bit 15.
 *
 * @param available where the next buffer is taken
 * @param used where the next buffer is returned
 */
public record RingState(int available, int used) {
    private static final int PACKED_START = 1 << 15;

    public RingState {
        if ((available & 0xffff) != available || (used & 0xffff) != used) {
            throw new IllegalArgumentException(
                    "a ring position has 16 bits: available " + available + ", used " + used);
        }
    }

    /** The state of a queue that was never used: index 0, or slot 0 with the wrap counter 1 (virtio 1.4 §2.8.1). */
    public static RingState start(Features features) {
        int position = features.has(VirtioFeature.RING_PACKED) ? PACKED_START : 0;
        return new RingState(position, position);
    }

    /**
     * The state that a vhost-user front-end sets. For a split queue it names the available index alone, in the low half;
     * every buffer before it is taken as returned.
     *
     * @param base {@code num} of VHOST_USER_SET_VRING_BASE
     */
    public static RingState ofVringBase(int base, Features features) {
        int available = base & 0xffff;
        return new RingState(available, features.has(VirtioFeature.RING_PACKED) ? base >>> 16 : available);
    }

    /** {@code num} of the reply to VHOST_USER_GET_VRING_BASE. */
    public int vringBase(Features features) {
        return features.has(VirtioFeature.RING_PACKED) ? available | used << 16 : available;
    }
}
