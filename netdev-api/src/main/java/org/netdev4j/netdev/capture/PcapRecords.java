package org.netdev4j.netdev.capture;

import java.nio.ByteOrder;

/** The classic format (draft-ietf-opsawg-pcap): a file header, then packets behind a header each, in either byte order. */
final class PcapRecords extends CaptureRecords {
    static final int MAGIC_MICROSECONDS = 0xa1b2_c3d4;
    static final int MAGIC_NANOSECONDS = 0xa1b2_3c4d;
    static final int FILE_HEADER_BYTES = 24;

    private static final int LINK_TYPE = 20;
    private static final int LINK_TYPE_MASK = 0xffff;

    private static final int SECONDS = 0;
    private static final int FRACTION = 4;
    private static final int CAPTURED_LENGTH = 8;
    private static final int ORIGINAL_LENGTH = 12;
    private static final int PACKET_HEADER_BYTES = 16;

    private final int nanosPerUnit;

    private PcapRecords(CaptureInput input, int nanosPerUnit) {
        super(input);
        this.nanosPerUnit = nanosPerUnit;
    }

    /** Of a file that begins with {@code magic}, as little-endian; null if that is not this format. */
    static PcapRecords begin(CaptureInput input, int magic) {
        int swapped = Integer.reverseBytes(magic);
        if (magic == MAGIC_MICROSECONDS || magic == MAGIC_NANOSECONDS) {
            return new PcapRecords(input, magic == MAGIC_NANOSECONDS ? 1 : 1000);
        }
        if (swapped == MAGIC_MICROSECONDS || swapped == MAGIC_NANOSECONDS) {
            input.order(ByteOrder.BIG_ENDIAN);
            return new PcapRecords(input, swapped == MAGIC_NANOSECONDS ? 1 : 1000);
        }
        return null;
    }

    /** At the start of a file that has its header: what its packets begin with (LINKTYPE_ numbers). */
    int linkType() {
        return input.int32(LINK_TYPE) & LINK_TYPE_MASK;
    }

    @Override
    void rewind() {
        input.moveTo(FILE_HEADER_BYTES);
    }

    @Override
    Found next() {
        if (!input.has(PACKET_HEADER_BYTES)) {
            return endOrDamage();
        }
        long captured = input.uint32(CAPTURED_LENGTH);
        if (captured > PcapngWriter.WHOLE_FRAMES || !input.has(PACKET_HEADER_BYTES + (int) captured)) {
            return Found.DAMAGE;
        }
        epochNanos = input.uint32(SECONDS) * NANOS_PER_SECOND + input.uint32(FRACTION) * nanosPerUnit;
        Found found = packet(PACKET_HEADER_BYTES, (int) captured, input.uint32(ORIGINAL_LENGTH), true);
        input.skip(PACKET_HEADER_BYTES + captured);
        return found;
    }
}
