package org.netdev4j.netdev;

/**
 * What a device delivers besides, or instead of, what its address and lists say. What is kept out wins over what is let in (virtio 1.4
 * §5.1.9.5.1).
 */
public enum ReceiveMode {
    /** Every unicast frame. */
    ALL_UNICAST,
    /** No unicast frame, not even to the device's own address. */
    NO_UNICAST,
    /** No multicast frame. */
    NO_MULTICAST,
    /** No broadcast frame. */
    NO_BROADCAST
}
