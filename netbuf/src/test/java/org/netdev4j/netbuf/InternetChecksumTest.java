package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class InternetChecksumTest {
    /** RFC 1071 §1, word by word. */
    private static int reference(byte[] bytes, int offset, int length) {
        long sum = 0;
        for (int i = 0; i < length; i += 2) {
            int high = Byte.toUnsignedInt(bytes[offset + i]);
            int low = i + 1 < length ? Byte.toUnsignedInt(bytes[offset + i + 1]) : 0;
            sum += high << 8 | low;
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (int) sum;
    }

    private static byte[] randomBytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static int sum(MemorySegment memory, long offset, long length) {
        return InternetChecksum.fold(InternetChecksum.add(0, memory, offset, length));
    }

    @Test
    void exampleOfRfc1071() {
        MemorySegment bytes = MemorySegment.ofArray(
                new byte[]{0x00, 0x01, (byte) 0xf2, 0x03, (byte) 0xf4, (byte) 0xf5, (byte) 0xf6, (byte) 0xf7});
        assertEquals(0xddf2, sum(bytes, 0, 8));
    }

    @Test
    void everySmallLengthAtEveryAlignment() {
        byte[] bytes = randomBytes(1, 256);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(256, 64).copyFrom(MemorySegment.ofArray(bytes));
            for (int offset = 0; offset < 16; offset++) {
                for (int length = 0; length <= 200; length++) {
                    assertEquals(reference(bytes, offset, length), sum(memory, offset, length),
                            length + " bytes at " + offset);
                }
            }
        }
    }

    @Test
    void carriesOfTheLargestWordsAreNotLost() {
        byte[] ones = new byte[1 << 20];
        Arrays.fill(ones, (byte) 0xff);
        MemorySegment memory = MemorySegment.ofArray(ones);
        assertEquals(0xffff, sum(memory, 0, ones.length));
        assertEquals(reference(ones, 0, ones.length - 1), sum(memory, 0, ones.length - 1));
    }

    /** Folding is the remainder by 0xffff, with 0xffff for the 0 of a sum that is not 0. */
    @Property
    void everyCarryIsFolded(@ForAll @LongRange(min = 1) long sum) {
        assertEquals(sum % 0xffff == 0 ? 0xffff : sum % 0xffff, foldWithoutSwap(sum));
    }

    @Test
    void carryOfTheLastFoldIsNotLost() {
        assertEquals(1, foldWithoutSwap(0x0001_0000_ffff_ffffL));
    }

    private static int foldWithoutSwap(long sum) {
        return Short.toUnsignedInt(Short.reverseBytes((short) InternetChecksum.fold(sum)));
    }

    @Test
    void sumOfNothingIsZero() {
        assertEquals(0, InternetChecksum.fold(0));
        assertEquals(0, sum(MemorySegment.ofArray(new byte[64]), 0, 64));
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void largeRandomRanges(@ForAll long seed, @ForAll @IntRange(max = 70_000) int length,
            @ForAll @IntRange(max = 64) int offset) {
        byte[] bytes = randomBytes(seed, offset + length);
        assertEquals(reference(bytes, offset, length), sum(MemorySegment.ofArray(bytes), offset, length));
    }

    @Property
    void sumOfRangesIsTheSumOfTheWhole(@ForAll long seed,
            @ForAll @Size(max = 10) List<@IntRange(max = 300) Integer> halfLengths) {
        int total = halfLengths.stream().mapToInt(half -> 2 * half).sum();
        byte[] bytes = randomBytes(seed, total + 1);
        MemorySegment memory = MemorySegment.ofArray(bytes);
        long sum = 0;
        int at = 0;
        for (int half : halfLengths) {
            sum = InternetChecksum.add(sum, memory, at, 2L * half);
            at += 2 * half;
        }
        sum = InternetChecksum.add(sum, memory, at, 1);
        assertEquals(reference(bytes, 0, bytes.length), InternetChecksum.fold(sum));
    }

    @Test
    void singleWordsAreAddedInNetworkOrder() {
        MemorySegment memory = MemorySegment.ofArray(new byte[]{1, 2, 3, 4, 5, (byte) 0xfe});
        long sum = InternetChecksum.addShort(0, 0x0102);
        sum = InternetChecksum.addInt(sum, 0x030405fe);
        assertEquals(sum(memory, 0, 6), InternetChecksum.fold(sum));
        assertEquals(0xfedc, InternetChecksum.fold(InternetChecksum.addShort(0, 0x1_fedc)));
    }

    @Test
    void rangeOutsideTheMemoryIsAnError() {
        MemorySegment memory = MemorySegment.ofArray(new byte[16]);
        assertThrows(IndexOutOfBoundsException.class, () -> InternetChecksum.add(0, memory, 9, 8));
        assertThrows(IndexOutOfBoundsException.class, () -> InternetChecksum.add(0, memory, -1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> InternetChecksum.add(0, memory, 2, -2));
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void packetIsSummedWhateverTheLengthsOfItsPieces(@ForAll long seed,
            @ForAll @Size(min = 1, max = 8) List<@IntRange(max = 40) Integer> lengths,
            @ForAll @IntRange(max = 320) int first, @ForAll @IntRange(max = 320) int second) {
        try (NetBufPool pool = NetBufPool.builder().buffers(8).dataSize(40).headroom(7).build()) {
            NetBuf packet = pool.allocate();
            packet.append(lengths.getFirst());
            for (int length : lengths.subList(1, lengths.size())) {
                NetBuf piece = pool.allocate();
                piece.append(length);
                packet.chain(piece);
            }
            int total = packet.totalLength();
            byte[] bytes = randomBytes(seed, total);
            packet.copyFrom(0, MemorySegment.ofArray(bytes), 0, total);
            int index = Math.min(Math.min(first, second), total);
            int end = Math.min(Math.max(first, second), total);

            long sum = InternetChecksum.add(0, packet, index, end - index);

            assertEquals(reference(bytes, index, end - index), InternetChecksum.fold(sum));
            assertThrows(IndexOutOfBoundsException.class, () -> InternetChecksum.add(0, packet, index, total + 1));
            packet.free();
        }
    }
}
