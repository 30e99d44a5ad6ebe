package org.netdev4j.virtio.net;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;

/**
 * Offsets and values of {@code struct virtio_net_hdr}, virtio 1.4 §5.1.9: in front of every frame in both directions,
 * little-endian.
 *
 * <pre>
 *   0       1         2         4          6            8             10
 *  +-------+---------+---------+----------+------------+-------------+-------------+
 *  | flags | gso     | hdr_len | gso_size | csum_start | csum_offset | num_buffers |
 *  +-------+---------+---------+----------+------------+-------------+-------------+
 *  | 12: hash_value (4)        | 16: hash_report (2)   | 18: padding (2)           |  with HASH_REPORT
 *  +---------------------------+-----------------------+---------------------------+
 * </pre>
 */
public final class NetHeader {
    public static final int FLAGS = 0;
    public static final int GSO_TYPE = 1;
    public static final int HDR_LEN = 2;
    public static final int GSO_SIZE = 4;
    public static final int CSUM_START = 6;
    public static final int CSUM_OFFSET = 8;
    public static final int NUM_BUFFERS = 10;
    public static final int HASH_VALUE = 12;
    public static final int HASH_REPORT = 16;

    /** Bytes of the header with VERSION_1 or MRG_RXBUF. */
    public static final int LENGTH = 12;
    /** Bytes of the header of a legacy device without MRG_RXBUF: no num_buffers. */
    public static final int LEGACY_LENGTH = 10;
    /** Bytes of the header with HASH_REPORT. */
    public static final int HASH_LENGTH = 20;

    public static final int FLAG_NEEDS_CSUM = 1;
    public static final int FLAG_DATA_VALID = 2;
    public static final int FLAG_RSC_INFO = 4;

    public static final int GSO_NONE = 0;
    public static final int GSO_TCPV4 = 1;
    public static final int GSO_UDP = 3;
    public static final int GSO_TCPV6 = 4;
    public static final int GSO_UDP_L4 = 5;
    public static final int GSO_ECN = 0x80;

    /** The header is read and written in two words: flags to csum_start, then csum_offset and num_buffers. */
    static final ValueLayout.OfLong FIRST_WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt SECOND_WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** In place of {@link #SECOND_WORD} where the header ends with csum_offset. */
    static final ValueLayout.OfShort LAST_HALF_WORD = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    /** Offset of {@link #SECOND_WORD}. */
    static final int SECOND_WORD_OFFSET = CSUM_OFFSET;

    /** Distance of headers in a queue's header area: holds the longest header the driver negotiates, bytes. */
    static final int AREA_STRIDE = 32;

    private NetHeader() {}

    /** Bytes of the header with these features, the same in both directions (virtio 1.4 §5.1.9.2.1, §5.1.9.3.1). */
    public static int length(Features negotiated) {
        if (negotiated.has(NetFeature.HASH_REPORT)) {
            return HASH_LENGTH;
        }
        boolean numBuffers = negotiated.has(VirtioFeature.VERSION_1) || negotiated.has(NetFeature.MRG_RXBUF);
        return numBuffers ? LENGTH : LEGACY_LENGTH;
    }
}
