package org.netdev4j.netdev.capture;

/** The records of a capture file, in one of the formats. Whatever the file says is checked before it is used. */
abstract sealed class CaptureRecords permits PcapRecords, PcapngRecords {
    /** What comes next in the file. */
    enum Found {
        /** A whole Ethernet frame. */
        FRAME,
        /** A packet that is not. */
        OTHER_PACKET,
        /** Something else than a packet. */
        NO_PACKET,
        END,
        /** From here on it cannot be told what the bytes mean. */
        DAMAGE
    }

    static final int LINKTYPE_ETHERNET = 1;
    static final long NANOS_PER_SECOND = 1_000_000_000;

    final CaptureInput input;
    /** Of the frame found, in the window of the input. */
    long frameOffset;
    int frameLength;
    long epochNanos;

    CaptureRecords(CaptureInput input) {
        this.input = input;
    }

    abstract Found next();

    /** The next record is the first again. */
    abstract void rewind();

    /** There are fewer bytes than expected at the position. */
    final Found endOrDamage() {
        return input.isAtEnd() ? Found.END : Found.DAMAGE;
    }

    /** A packet whose bytes are in the window, {@code offset} bytes from the position. */
    final Found packet(int offset, int capturedLength, long originalLength, boolean ethernet) {
        frameOffset = input.windowOffset() + offset;
        frameLength = capturedLength;
        return ethernet && capturedLength >= originalLength ? Found.FRAME : Found.OTHER_PACKET;
    }
}
