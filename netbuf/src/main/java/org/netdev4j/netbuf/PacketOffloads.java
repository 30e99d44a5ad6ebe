package org.netdev4j.netbuf;

import java.util.Objects;

/** What the head of a packet asks of a device, or was told by one: checksum and segmentation. */
abstract sealed class PacketOffloads extends CountedBuffer permits NetBuf {
    /** {@link #flags()}: the device or the sender vouches for the checksum (virtio: DATA_VALID). */
    public static final int CHECKSUM_VALID = 1;

    /**
     * {@link #flags()}: the checksum field holds the pseudo-header sum only; whoever puts the packet on a wire sums from
     * {@link #checksumStart()} to the end and stores at {@code checksumStart + checksumOffset} (virtio: NEEDS_CSUM).
     */
    public static final int CHECKSUM_PARTIAL = 2;

    private int flags;
    private int checksumStart;
    private int checksumOffset;
    private GsoType gsoType = GsoType.NONE;
    private int gsoSize;
    private int headerLength;
    private int flowHash;
    private int flowHashType;

    PacketOffloads(NetBufPool pool, int index, MemorySlice slice, long base) {
        super(pool, index, slice, base);
    }

    /** {@link #CHECKSUM_VALID}, {@link #CHECKSUM_PARTIAL}, both or 0. */
    public int flags() {
        return flags;
    }

    public void flags(int flags) {
        checkChangeable();
        if (CHECKS && (flags & ~(CHECKSUM_VALID | CHECKSUM_PARTIAL)) != 0) {
            throw new IllegalArgumentException(this + ": unknown flags 0x" + Integer.toHexString(flags));
        }
        this.flags = flags;
    }

    /** Bytes from the start of the packet to where the checksum begins; with {@link #CHECKSUM_PARTIAL} only. */
    public int checksumStart() {
        return checksumStart;
    }

    /** Bytes from {@link #checksumStart()} to the checksum field; with {@link #CHECKSUM_PARTIAL} only. */
    public int checksumOffset() {
        return checksumOffset;
    }

    /** Sets {@link #CHECKSUM_PARTIAL} and where it applies, bytes. */
    public void partialChecksum(int start, int offset) {
        checkChangeable();
        if (CHECKS && (start < 0 || offset < 0)) {
            throw new IllegalArgumentException(this + ": checksum start " + start + ", offset " + offset);
        }
        flags |= CHECKSUM_PARTIAL;
        checksumStart = start;
        checksumOffset = offset;
    }

    /** How the packet is to be cut (transmit) or was joined (receive). */
    public GsoType gsoType() {
        return gsoType;
    }

    /** Payload bytes of each segment; with {@link #gsoType()} other than NONE only. */
    public int gsoSize() {
        return gsoSize;
    }

    /** Bytes of all headers, repeated in every segment; with {@link #gsoType()} other than NONE only. */
    public int headerLength() {
        return headerLength;
    }

    /**
     * Asks for segmentation, or with {@link GsoType#NONE} for none. A packet that is to be cut asks for its checksum too.
     *
     * @param gsoSize payload bytes of each segment
     * @param headerLength bytes of all headers
     */
    public void gso(GsoType type, int gsoSize, int headerLength) {
        checkChangeable();
        if (CHECKS && type != GsoType.NONE && (gsoSize <= 0 || headerLength < 0)) {
            throw new IllegalArgumentException(
                    this + ": " + type + " with segments of " + gsoSize + " and headers of " + headerLength + " bytes");
        }
        gsoType = Objects.requireNonNull(type, "type");
        this.gsoSize = gsoSize;
        this.headerLength = headerLength;
    }

    /** The hash that a device computed over what names the packet's flow; 0 without a {@link #flowHashType()}. */
    public int flowHash() {
        return flowHash;
    }

    /** What the device made {@link #flowHash()} of, by the device's own numbers; 0: there is none. */
    public int flowHashType() {
        return flowHashType;
    }

    /** Says what a device computed. */
    public void flowHash(int hash, int type) {
        checkChangeable();
        flowHash = hash;
        flowHashType = type;
    }

    abstract void checkChangeable();

    /** Takes over what {@code other}, whose bytes come {@code shift} bytes later in this packet, asks for. */
    final void takeOffloads(PacketOffloads other, int shift) {
        flags = other.flags;
        checksumStart = other.checksumStart + shift;
        checksumOffset = other.checksumOffset;
        gsoType = other.gsoType;
        gsoSize = other.gsoSize;
        headerLength = other.headerLength + shift;
        flowHash = other.flowHash;
        flowHashType = other.flowHashType;
    }

    /** The start of the packet moves by {@code bytes} towards its end. */
    final void moveOffloads(int bytes) {
        if ((flags & CHECKSUM_PARTIAL) != 0) {
            checksumStart -= bytes;
            if (checksumStart < 0) {
                flags &= ~CHECKSUM_PARTIAL;
            }
        }
        if (gsoType != GsoType.NONE) {
            headerLength = Math.max(0, headerLength - bytes);
        }
    }

    /** Stores no reference unless there is one to clear. */
    final void resetOffloads() {
        flags = 0;
        if (gsoType != GsoType.NONE) {
            gsoType = GsoType.NONE;
        }
        if (flowHashType != 0) {
            flowHash = 0;
            flowHashType = 0;
        }
    }
}
