package org.netdev4j.virtio.net.backend;

/** What a TAP back-end counts. */
enum TapCounter {
    /** Times reading was paused because the driver had no buffer. */
    READ_PAUSES,
    /** Frames shorter than their virtio-net header. */
    READ_DROP_TRUNCATED,
    READ_ERRORS,
    /** Times the kernel had no room and the device was told to wait. */
    WRITE_BUSY,
    /** Frames that the kernel refused. */
    WRITE_DROP_REFUSED,
    /** Frames for an interface that is down or gone. */
    WRITE_DROP_LINK_DOWN
}
