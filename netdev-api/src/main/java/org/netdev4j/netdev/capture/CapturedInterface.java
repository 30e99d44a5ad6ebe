package org.netdev4j.netdev.capture;

/**
 * An interface that a pcapng section describes.
 *
 * @param snapLength bytes kept of a packet
 * @param resolution of its timestamps: 10 to the power of minus that, or with {@link #BINARY} 2 to the power of minus the rest
 * @param offsetSeconds added to its timestamps
 */
record CapturedInterface(int linkType, long snapLength, int resolution, long offsetSeconds) {
    private static final int LINK_TYPE = 8;
    private static final int SNAP_LENGTH = 12;
    private static final int OPTION_END = 0;
    private static final int OPTION_TIMESTAMP_RESOLUTION = 9;
    private static final int OPTION_TIMESTAMP_OFFSET = 14;
    private static final int OPTION_HEADER_BYTES = 4;

    private static final int MICROSECONDS = 6;
    private static final int NANOSECONDS = 9;
    private static final int BINARY = 0x80;
    /** The finest power of ten that a long has. */
    private static final int MAX_POWER_OF_TEN = 18;

    /** Reads the block at the position of {@code input}; its options are from {@code options} on, and end before {@code end}. */
    static CapturedInterface read(CaptureInput input, int options, int end) {
        int resolution = MICROSECONDS;
        long offsetSeconds = 0;
        int at = options;
        while (at + OPTION_HEADER_BYTES <= end && input.uint16(at) != OPTION_END) {
            int value = at + OPTION_HEADER_BYTES;
            int length = input.uint16(at + Short.BYTES);
            if (value + length > end) {
                break;
            }
            if (input.uint16(at) == OPTION_TIMESTAMP_RESOLUTION && length >= 1) {
                resolution = input.uint8(value);
            } else if (input.uint16(at) == OPTION_TIMESTAMP_OFFSET && length >= Long.BYTES) {
                offsetSeconds = input.int64(value);
            }
            at = value + (length + 3) / 4 * 4;
        }
        long snapLength = input.uint32(SNAP_LENGTH);
        return new CapturedInterface(input.uint16(LINK_TYPE), snapLength == 0 ? Long.MAX_VALUE : snapLength, resolution,
                offsetSeconds);
    }

    /** A timestamp in units of this interface, as nanoseconds since 1970; absurd ones come out as absurd. */
    long epochNanos(long timestamp) {
        return nanos(timestamp) + offsetSeconds * CaptureRecords.NANOS_PER_SECOND;
    }

    private long nanos(long timestamp) {
        if ((resolution & BINARY) != 0) {
            return binaryNanos(timestamp, resolution - BINARY);
        }
        if (resolution <= NANOSECONDS) {
            return timestamp * powerOfTen(NANOSECONDS - resolution);
        }
        return resolution - NANOSECONDS > MAX_POWER_OF_TEN
                ? 0
                : Long.divideUnsigned(timestamp, powerOfTen(resolution - NANOSECONDS));
    }

    private static long binaryNanos(long timestamp, int bits) {
        if (bits >= Long.SIZE) {
            return 0;
        }
        long seconds = timestamp >>> bits;
        long fraction = timestamp - (seconds << bits);
        // 30 bits are as much as leaves room to multiply, and finer than a nanosecond.
        int kept = Math.min(bits, 30);
        return seconds * CaptureRecords.NANOS_PER_SECOND
                + (((fraction >>> (bits - kept)) * CaptureRecords.NANOS_PER_SECOND) >>> kept);
    }

    private static long powerOfTen(int exponent) {
        long power = 1;
        for (int i = 0; i < exponent; i++) {
            power *= 10;
        }
        return power;
    }
}
