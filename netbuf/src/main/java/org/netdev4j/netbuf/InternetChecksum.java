package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * The ones' complement sum of RFC 1071 over off-heap memory.
 * <p>
 * A running sum is opaque: give it to the next call or to {@link #fold}. (It adds words in little-endian order, whatever
 * the machine, and {@link #fold} swaps the result: RFC 1071 §2(B).)
 */
public final class InternetChecksum {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int BLOCK = 64;

    private InternetChecksum() {}

    /**
     * Adds the 16-bit words of a range to a running sum. A range of odd length is padded with a zero byte, so only the
     * last range of a packet may have an odd length.
     *
     * @param sum 0, or what an earlier call returned
     * @return the running sum, to be given to the next call or to {@link #fold}
     */
    public static long add(long sum, MemorySegment memory, long offset, long length) {
        Objects.checkFromIndexSize(offset, length, memory.byteSize());
        long words = 0;
        long at = offset;
        if (length < 2 * BLOCK) {
            // Headers: without a loop, which takes longer to start than these take.
            if ((length & BLOCK) != 0) {
                words += halves(memory, at) + halves(memory, at + 8) + halves(memory, at + 16) + halves(memory, at + 24)
                        + halves(memory, at + 32) + halves(memory, at + 40) + halves(memory, at + 48)
                        + halves(memory, at + 56);
                at += BLOCK;
            }
            if ((length & 32) != 0) {
                words += halves(memory, at) + halves(memory, at + 8) + halves(memory, at + 16)
                        + halves(memory, at + 24);
                at += 32;
            }
            if ((length & 16) != 0) {
                words += halves(memory, at) + halves(memory, at + 8);
                at += 16;
            }
            if ((length & 8) != 0) {
                words += halves(memory, at);
                at += 8;
            }
        } else {
            // A limit computed before the loop and no unrolling by hand: only this shape is vectorised.
            long limit = offset + (length & -8);
            for (long i = offset; i < limit; i += 8) {
                words += halves(memory, i);
            }
            at = limit;
        }
        if ((length & 4) != 0) {
            words += Integer.toUnsignedLong(memory.get(INT, at));
            at += 4;
        }
        if ((length & 2) != 0) {
            words += Short.toUnsignedLong(memory.get(SHORT, at));
            at += 2;
        }
        if ((length & 1) != 0) {
            words += Byte.toUnsignedLong(memory.get(ValueLayout.JAVA_BYTE, at));
        }
        return sum + (words & 0xffff_ffffL) + (words >>> 32);
    }

    /** The sum of the two halves of eight bytes, which leaves room for 2<sup>31</sup> of them. */
    private static long halves(MemorySegment memory, long at) {
        long word = memory.get(LONG, at);
        return (word & 0xffff_ffffL) + (word >>> 32);
    }

    /**
     * Adds {@code length} bytes of a packet, from {@code index} on, whatever the lengths of its pieces. As with
     * {@link #add(long, MemorySegment, long, long)} only the last range may have an odd length.
     *
     * @param packet its head
     */
    public static long add(long sum, NetBuf packet, int index, int length) {
        Objects.checkFromIndexSize(index, length, packet.totalLength());
        long total = sum;
        int skip = index;
        int added = 0;
        for (NetBuf piece = packet; added < length; piece = piece.next()) {
            int n = Math.min(length - added, piece.length() - skip);
            if (n > 0) {
                long part = add(0, piece.segment(), piece.dataOffset() + skip, n);
                // A piece that starts at an odd byte of the range has its words swapped: RFC 1071 §2(B).
                total += (added & 1) == 0
                        ? part
                        : Short.toUnsignedLong(Short.reverseBytes((short) foldLittleEndian(part)));
                added += n;
            }
            skip = Math.max(0, skip - piece.length());
        }
        return total;
    }

    /** Adds one 16-bit word, as {@code getUnsignedShort} returns it; higher bits are ignored. */
    public static long addShort(long sum, int word) {
        return sum + Short.toUnsignedLong(Short.reverseBytes((short) word));
    }

    /** Adds two 16-bit words, as {@code getInt} returns them. */
    public static long addInt(long sum, int words) {
        return sum + Integer.toUnsignedLong(Integer.reverseBytes(words));
    }

    /** Folds a running sum to the 16 bits of the ones' complement sum, in network byte order, not inverted. */
    public static int fold(long sum) {
        return Short.toUnsignedInt(Short.reverseBytes((short) foldLittleEndian(sum)));
    }

    private static long foldLittleEndian(long sum) {
        long s = (sum & 0xffff_ffffL) + (sum >>> 32);
        s = (s & 0xffff) + (s >>> 16);
        s = (s & 0xffff) + (s >>> 16);
        return (s & 0xffff) + (s >>> 16);
    }
}
