package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.netdev4j.virtio.net.NetHeader;

/**
 * What a frame asks of whoever passes it on: the fields of its virtio-net header (virtio 1.4 §5.1.9) but for num_buffers,
 * each read once, so that a check holds whatever becomes of the header afterwards. Reused for the next frame.
 */
public final class OffloadRequest {
    private static final ValueLayout.OfShort LE16 = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

    private int flags;
    private int gsoType;
    private int headerLength;
    private int gsoSize;
    private int checksumStart;
    private int checksumOffset;

    /** Asks for nothing. */
    public OffloadRequest() {}

    /** Asks for nothing from now on. */
    public void clear() {
        flags = 0;
        gsoType = NetHeader.GSO_NONE;
        headerLength = 0;
        gsoSize = 0;
        checksumStart = 0;
        checksumOffset = 0;
    }

    /** Takes over what {@code other} asks for. */
    public void set(OffloadRequest other) {
        flags = other.flags;
        gsoType = other.gsoType;
        headerLength = other.headerLength;
        gsoSize = other.gsoSize;
        checksumStart = other.checksumStart;
        checksumOffset = other.checksumOffset;
    }

    /** Asks for the checksum from {@code start} to the end, to be stored at {@code start + offset}; nothing else. */
    public void partialChecksum(int start, int offset) {
        clear();
        flags = NetHeader.FLAG_NEEDS_CSUM;
        checksumStart = start;
        checksumOffset = offset;
    }

    /** Reads a header. */
    public void read(MemorySegment header, long offset) {
        flags = Byte.toUnsignedInt(header.get(U8, offset + NetHeader.FLAGS));
        gsoType = Byte.toUnsignedInt(header.get(U8, offset + NetHeader.GSO_TYPE));
        headerLength = Short.toUnsignedInt(header.get(LE16, offset + NetHeader.HDR_LEN));
        gsoSize = Short.toUnsignedInt(header.get(LE16, offset + NetHeader.GSO_SIZE));
        checksumStart = Short.toUnsignedInt(header.get(LE16, offset + NetHeader.CSUM_START));
        checksumOffset = Short.toUnsignedInt(header.get(LE16, offset + NetHeader.CSUM_OFFSET));
    }

    /** Writes a whole header of {@link NetHeader#LENGTH} bytes. */
    public void write(MemorySegment header, long offset, int numBuffers) {
        header.set(U8, offset + NetHeader.FLAGS, (byte) flags);
        header.set(U8, offset + NetHeader.GSO_TYPE, (byte) gsoType);
        header.set(LE16, offset + NetHeader.HDR_LEN, (short) headerLength);
        header.set(LE16, offset + NetHeader.GSO_SIZE, (short) gsoSize);
        header.set(LE16, offset + NetHeader.CSUM_START, (short) checksumStart);
        header.set(LE16, offset + NetHeader.CSUM_OFFSET, (short) checksumOffset);
        header.set(LE16, offset + NetHeader.NUM_BUFFERS, (short) numBuffers);
    }

    /** Forgets the flags that are not in {@code known}, and every field that then means nothing. */
    public void keep(int known) {
        flags &= known;
        if (!needsChecksum()) {
            checksumStart = 0;
            checksumOffset = 0;
        }
        if (gsoType == NetHeader.GSO_NONE) {
            headerLength = 0;
            gsoSize = 0;
        }
    }

    /** Bits of {@code NetHeader.FLAG_*}. */
    public int flags() {
        return flags;
    }

    /** {@code NetHeader.GSO_*}. */
    public int gsoType() {
        return gsoType;
    }

    public int gsoSize() {
        return gsoSize;
    }

    /** A hint, never to be relied on (virtio 1.4 §5.1.9.2.2). */
    public int headerLength() {
        return headerLength;
    }

    /** True if the checksum holds the sum of the pseudo-header only. */
    public boolean needsChecksum() {
        return (flags & NetHeader.FLAG_NEEDS_CSUM) != 0;
    }

    /** Where the checksum begins, bytes from the start of the frame; with {@link #needsChecksum()} only. */
    public int checksumStart() {
        return checksumStart;
    }

    /** Where the checksum is stored, bytes from the start of the frame; with {@link #needsChecksum()} only. */
    public int checksumField() {
        return checksumStart + checksumOffset;
    }

    /** True if no checksum is asked for, or one that lies in a frame of {@code length} bytes. */
    public boolean checksumIsInside(int length) {
        return !needsChecksum() || checksumField() + 2 <= length;
    }
}
