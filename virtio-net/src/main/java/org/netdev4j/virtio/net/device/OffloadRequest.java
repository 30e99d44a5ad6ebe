package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.netdev4j.virtio.net.NetHeader;

/**
 * What a frame asks of whoever passes it on: its virtio-net header (virtio 1.4 §5.1.9) without num_buffers, read once, so that
 * a check holds whatever becomes of the header afterwards. Reused for the next frame.
 */
public final class OffloadRequest {
    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The fields as they are in the header, from flags to csum_start. */
    private long fields;
    private int checksumOffset;

    /** Asks for nothing. */
    public OffloadRequest() {}

    /** Asks for nothing from now on. */
    public void clear() {
        fields = 0;
        checksumOffset = 0;
    }

    /** Takes over what {@code other} asks for. */
    public void set(OffloadRequest other) {
        fields = other.fields;
        checksumOffset = other.checksumOffset;
    }

    /** Asks for the checksum from {@code start} to the end, to be stored at {@code start + offset}; nothing else. */
    public void partialChecksum(int start, int offset) {
        fields = NetHeader.FLAG_NEEDS_CSUM | ((long) start << (8 * NetHeader.CSUM_START));
        checksumOffset = offset;
    }

    /** Reads a header. */
    public void read(MemorySegment header, long offset) {
        fields = header.get(LE64, offset);
        checksumOffset = header.get(LE32, offset + NetHeader.CSUM_OFFSET) & 0xffff;
    }

    /**
     * Makes memory a whole header of {@link NetHeader#LENGTH} bytes. What says so already is not written, as in most buffers that
     * have gone round: the cache line can stay with both ends.
     */
    public void write(MemorySegment header, long offset, int numBuffers) {
        int last = checksumOffset | (numBuffers << 16);
        if (header.get(LE64, offset) != fields || header.get(LE32, offset + NetHeader.CSUM_OFFSET) != last) {
            header.set(LE64, offset, fields);
            header.set(LE32, offset + NetHeader.CSUM_OFFSET, last);
        }
    }

    /** Forgets the flags that are not in {@code known}, and every field that then means nothing. */
    public void keep(int known) {
        boolean checksum = needsChecksum() && (known & NetHeader.FLAG_NEEDS_CSUM) != 0;
        long kept = 0xff00L | (known & 0xff);
        if (gsoType() != NetHeader.GSO_NONE) {
            kept |= 0xffff_ffffL << (8 * NetHeader.HDR_LEN);
        }
        if (checksum) {
            kept |= 0xffffL << (8 * NetHeader.CSUM_START);
        } else {
            checksumOffset = 0;
        }
        fields &= kept;
    }

    private int field16(int offset) {
        return (int) (fields >>> (8 * offset)) & 0xffff;
    }

    /** Bits of {@code NetHeader.FLAG_*}. */
    public int flags() {
        return (int) fields & 0xff;
    }

    /** {@code NetHeader.GSO_*}. */
    public int gsoType() {
        return field16(NetHeader.FLAGS) >>> 8;
    }

    /** A hint, never to be relied on (virtio 1.4 §5.1.9.2.2). */
    public int headerLength() {
        return field16(NetHeader.HDR_LEN);
    }

    /** Sets the hint to what was found to be true, 0..65535 bytes. */
    void headerLength(int bytes) {
        fields = (fields & ~(0xffffL << (8 * NetHeader.HDR_LEN))) | ((long) bytes << (8 * NetHeader.HDR_LEN));
    }

    /** Bytes from {@link #checksumStart()} to the field. */
    int checksumOffset() {
        return checksumOffset;
    }

    /** Asks for segments of {@code type} ({@code NetHeader.GSO_*}) with {@code payload} bytes each, and their checksums. */
    public void segments(int type, int headers, int payload, int start, int offset) {
        partialChecksum(start, offset);
        fields |= ((long) type << (8 * NetHeader.GSO_TYPE)) | ((long) payload << (8 * NetHeader.GSO_SIZE));
        headerLength(headers);
    }

    public int gsoSize() {
        return field16(NetHeader.GSO_SIZE);
    }

    /** True if the checksum holds the sum of the pseudo-header only. */
    public boolean needsChecksum() {
        return (flags() & NetHeader.FLAG_NEEDS_CSUM) != 0;
    }

    /** Where the checksum begins, bytes from the start of the frame; with {@link #needsChecksum()} only. */
    public int checksumStart() {
        return field16(NetHeader.CSUM_START);
    }

    /** Where the checksum is stored, bytes from the start of the frame; with {@link #needsChecksum()} only. */
    public int checksumField() {
        return checksumStart() + checksumOffset;
    }

    /** The frame became so many bytes longer in front of what is asked for, or shorter if negative; by less than that. */
    public void move(int bytes) {
        if (needsChecksum()) {
            fields += (long) bytes << (8 * NetHeader.CSUM_START);
        }
        if (gsoType() != NetHeader.GSO_NONE && headerLength() != 0) {
            headerLength(Math.clamp(headerLength() + bytes, 0, 0xffff));
        }
    }

    /** True if no checksum is asked for, or one that lies in a frame of {@code length} bytes. */
    public boolean checksumIsInside(int length) {
        return !needsChecksum() || checksumField() + Short.BYTES <= length;
    }
}
