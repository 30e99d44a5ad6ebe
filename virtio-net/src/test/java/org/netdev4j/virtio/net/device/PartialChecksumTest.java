package org.netdev4j.virtio.net.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class PartialChecksumTest {
    /** Whatever the pieces, the sum is that of RFC 1071 over the bytes in a row. */
    @Property
    void piecesOfAnyLengthSumLikeOne(@ForAll @Size(min = 1, max = 200) byte[] bytes,
            @ForAll @Size(max = 10) List<@IntRange(min = 0, max = 30) Integer> lengths,
            @ForAll @IntRange(min = 0, max = 199) int from) {
        int start = from % bytes.length;
        Pieces pieces = new Pieces();
        int position = 0;
        for (int length : lengths) {
            int now = Math.min(length, bytes.length - position);
            pieces.add(bytes, position, now);
            position += now;
        }
        pieces.add(bytes, position, bytes.length - position);
        assertEquals(naive(bytes, start), PartialChecksum.of(pieces, start, bytes.length));
    }

    @Test
    void aSumOfZeroIsStoredAsAllOnes() {
        assertEquals(0xffff, PartialChecksum.of(Frames.of(new byte[]{(byte) 0xff, (byte) 0xff}), 0, 2));
        assertEquals(0xffff, PartialChecksum.of(Frames.of(new byte[]{0, 0}), 0, 2));
    }

    @Test
    void bytesBehindTheFrameDoNotCount() {
        byte[] frame = {0, 1, 0, 2, 7, 7};
        assertEquals(~3 & 0xffff, PartialChecksum.of(Frames.of(frame), 0, 4));
    }

    private static int naive(byte[] bytes, int start) {
        int sum = 0;
        for (int i = start; i < bytes.length; i++) {
            sum += (i - start) % 2 == 0 ? (bytes[i] & 0xff) << 8 : bytes[i] & 0xff;
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return sum == 0xffff ? 0xffff : ~sum & 0xffff;
    }

    private static final class Pieces implements FrameMemory {
        private final List<FrameMemory> pieces = new ArrayList<>();

        void add(byte[] bytes, int from, int length) {
            byte[] piece = java.util.Arrays.copyOfRange(bytes, from, from + length);
            pieces.add(Frames.of(piece));
        }

        @Override
        public int length() {
            return pieces.stream().mapToInt(FrameMemory::length).sum();
        }

        @Override
        public int pieces() {
            return pieces.size();
        }

        @Override
        public MemorySegment segment(int piece) {
            return pieces.get(piece).segment(0);
        }

        @Override
        public long offset(int piece) {
            return pieces.get(piece).offset(0);
        }

        @Override
        public int length(int piece) {
            return pieces.get(piece).length();
        }
    }
}
