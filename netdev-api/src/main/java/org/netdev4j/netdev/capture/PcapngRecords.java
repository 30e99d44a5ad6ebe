package org.netdev4j.netdev.capture;

import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The blocks of a pcapng file (draft-ietf-opsawg-pcapng): sections in either byte order, their interfaces, enhanced and simple
 * packets; what else there is is passed over.
 */
final class PcapngRecords extends CaptureRecords {
    static final int SECTION_HEADER = 0x0a0d_0d0a;
    private static final int BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int SIMPLE_PACKET = 3;
    private static final int ENHANCED_PACKET = 6;

    private static final int LENGTH = 4;
    private static final int BODY = 8;
    /** The type, the length, and the length again. */
    private static final int MIN_BLOCK_BYTES = 12;
    private static final int SECTION_HEADER_BYTES = 28;
    private static final int INTERFACE_OPTIONS = 16;
    private static final int SIMPLE_PACKET_DATA = 12;
    private static final int ENHANCED_PACKET_DATA = 28;
    private static final int MAX_INTERFACE_BYTES = 64 * 1024;
    private static final int MAX_INTERFACES = 4096;

    private CapturedInterface[] interfaces = new CapturedInterface[4];
    private int interfaceCount;

    PcapngRecords(CaptureInput input) {
        super(input);
    }

    @Override
    void rewind() {
        input.moveTo(0);
        interfaceCount = 0;
    }

    @Override
    Found next() {
        if (!input.has(MIN_BLOCK_BYTES)) {
            return endOrDamage();
        }
        int type = input.int32(0);
        if (type == SECTION_HEADER && !beginSection()) {
            return Found.DAMAGE;
        }
        long length = input.uint32(LENGTH);
        if (length < MIN_BLOCK_BYTES || length % Integer.BYTES != 0) {
            return Found.DAMAGE;
        }
        Found found = switch (type) {
            case INTERFACE_DESCRIPTION -> addInterface(length);
            case ENHANCED_PACKET -> enhancedPacket(length);
            case SIMPLE_PACKET -> simplePacket(length);
            default -> Found.NO_PACKET;
        };
        if (found != Found.DAMAGE) {
            input.skip(length);
        }
        return found;
    }

    private boolean beginSection() {
        if (!input.has(SECTION_HEADER_BYTES)) {
            return false;
        }
        input.order(ByteOrder.LITTLE_ENDIAN);
        if (input.int32(BODY) != BYTE_ORDER_MAGIC) {
            input.order(ByteOrder.BIG_ENDIAN);
        }
        interfaceCount = 0;
        return input.int32(BODY) == BYTE_ORDER_MAGIC && input.uint32(LENGTH) >= SECTION_HEADER_BYTES;
    }

    private Found addInterface(long length) {
        if (length < INTERFACE_OPTIONS + Integer.BYTES || length > MAX_INTERFACE_BYTES || !input.has((int) length)
                || interfaceCount == MAX_INTERFACES) {
            return Found.DAMAGE;
        }
        if (interfaceCount == interfaces.length) {
            interfaces = Arrays.copyOf(interfaces, 2 * interfaceCount);
        }
        interfaces[interfaceCount++] = CapturedInterface.read(input, INTERFACE_OPTIONS, (int) length - Integer.BYTES);
        return Found.NO_PACKET;
    }

    private Found enhancedPacket(long length) {
        long captured = length < ENHANCED_PACKET_DATA + Integer.BYTES || !input.has(ENHANCED_PACKET_DATA)
                ? Long.MAX_VALUE
                : input.uint32(20);
        if (!fits(ENHANCED_PACKET_DATA, captured, length)) {
            return Found.DAMAGE;
        }
        long interfaceNumber = input.uint32(BODY);
        if (interfaceNumber >= interfaceCount) {
            return Found.DAMAGE;
        }
        CapturedInterface on = interfaces[(int) interfaceNumber];
        epochNanos = on.epochNanos(input.uint32(12) << 32 | input.uint32(16));
        return packet(ENHANCED_PACKET_DATA, (int) captured, input.uint32(24), on.linkType() == LINKTYPE_ETHERNET);
    }

    /** Has no time of its own and comes from the first interface, cut at its snap length. */
    private Found simplePacket(long length) {
        if (interfaceCount == 0 || length < SIMPLE_PACKET_DATA + Integer.BYTES || !input.has(SIMPLE_PACKET_DATA)) {
            return Found.DAMAGE;
        }
        CapturedInterface on = interfaces[0];
        long original = input.uint32(BODY);
        long captured = Math.min(original, on.snapLength());
        if (!fits(SIMPLE_PACKET_DATA, captured, length)) {
            return Found.DAMAGE;
        }
        return packet(SIMPLE_PACKET_DATA, (int) captured, original, on.linkType() == LINKTYPE_ETHERNET);
    }

    /** A packet of so many bytes is in the block, and in the window. */
    private boolean fits(int dataOffset, long captured, long length) {
        return captured <= PcapngWriter.WHOLE_FRAMES && dataOffset + captured + Integer.BYTES <= length
                && input.has(dataOffset + (int) captured);
    }
}
