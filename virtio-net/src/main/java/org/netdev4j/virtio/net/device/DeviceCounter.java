package org.netdev4j.virtio.net.device;

/** What a network device counts; {@code TX} is from the driver, {@code RX} to the driver. */
enum DeviceCounter {
    /** Frames that the back-end took. */
    TX_FRAMES,
    TX_BYTES,
    /** Checksums completed because the back-end does not take partial ones. */
    TX_CHECKSUMS,
    /** Frames cut into segments because the back-end does not take them whole. */
    TX_CUT,
    /** Times the back-end had no room and the queue was left alone until it had. */
    TX_BUSY,
    /** Frames on a queue that is disabled. */
    TX_DROP_DISABLED,
    /** Buffers shorter than the virtio-net header. */
    TX_DROP_NO_HEADER,
    TX_DROP_RUNT,
    TX_DROP_OVERSIZE,
    /** Checksum requests that reach beyond the frame. */
    TX_DROP_CHECKSUM_RANGE,
    /** Requests for work that was not negotiated, or that make no sense. */
    TX_DROP_OFFLOAD,
    /** Frames that the back-end gave up. */
    TX_DROP_BACKEND,
    /** Frames delivered. */
    RX_FRAMES,
    RX_BYTES,
    /** Checksums completed because the driver does not take partial ones. */
    RX_CHECKSUMS,
    /** Frames cut into segments because the driver does not take them whole. */
    RX_CUT,
    /** Frames padded to the length of the shortest. */
    RX_PADDED,
    /** Times the driver had no buffer and the back-end was told to wait. */
    RX_BUSY,
    /** Frames that came while the driver was not ready. */
    RX_DROP_NOT_READY,
    /** Frames for an address that the driver does not want. */
    RX_DROP_OTHER_ADDRESS,
    /** Frames with a VLAN tag that the driver does not want. */
    RX_DROP_OTHER_VLAN,
    RX_DROP_RUNT,
    RX_DROP_OVERSIZE,
    RX_DROP_CHECKSUM_RANGE,
    RX_DROP_OFFLOAD,
    /** Frames larger than the driver's next buffer, or than all it can have. */
    RX_DROP_BUFFER_TOO_SMALL,
    /** Times a queue was found broken and the device asked for a reset. */
    BROKEN_QUEUES
}
