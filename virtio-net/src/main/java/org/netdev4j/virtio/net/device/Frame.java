package org.netdev4j.virtio.net.device;

/**
 * An Ethernet frame, without any virtio header and without frame check sequence, with the work it asks for. The bytes may be
 * a driver's and change at any time, so what is decided from them is read once.
 */
public interface Frame extends FrameMemory {
    /** Most pieces a frame comes in: a frame in more is copied together before a back-end sees it. */
    int MAX_PIECES = 64;

    /** Length of an Ethernet header in bytes, and of the shortest frame. */
    int HEADER_LENGTH = 14;

    /** Bytes that a frame may be longer than the MTU: Ethernet header and one VLAN tag. */
    int MTU_OVERHEAD = HEADER_LENGTH + 4;

    /** Bytes of the shortest frame on a wire, without frame check sequence (IEEE 802.3 §4.2.3.3). */
    int MIN_LENGTH = 60;

    /** Bytes of the longest frame there is: an IP packet of 65535 bytes that is to be cut. */
    int MAX_LENGTH = 65535 + MTU_OVERHEAD;

    /** What the frame asks for; its offsets lie in the frame. */
    OffloadRequest offload();

    /** The queue pair on which the driver sent it; 0 for a frame that came another way. */
    default int pair() {
        return 0;
    }
}
