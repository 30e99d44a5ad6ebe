package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Regression 11: the checksum the driver completes is the one the device would have. */
class SoftwareChecksumTest {
    private static final NetBufPool POOL = NetBufPool.builder().buffers(64).dataSize(512).cacheSize(0).build();

    @Property
    void isTheSameHoweverThePacketIsCut(@ForAll @Size(min = 20, max = 400) byte[] frame,
            @ForAll @IntRange(max = 200) int startSeed, @ForAll @IntRange(max = 200) int offsetSeed,
            @ForAll @Size(max = 10) List<@IntRange(max = 400) Integer> cuts) {
        int start = startSeed % (frame.length - 1);
        int offset = offsetSeed % (frame.length - 1 - start);
        NetBuf packet = cut(frame, cuts);
        packet.partialChecksum(start, offset);

        SoftwareChecksum.complete(packet);

        byte[] expected = frame.clone();
        int checksum = NaiveChecksum.of(frame, start, frame.length);
        checksum = checksum == 0 ? 0xffff : checksum;
        expected[start + offset] = (byte) (checksum >>> 8);
        expected[start + offset + 1] = (byte) checksum;
        assertArrayEquals(expected, Bench.bytes(packet));
        packet.free();
    }

    @Test
    void zeroIsStoredAsItsOtherForm() {
        byte[] frame = new byte[20];
        frame[10] = (byte) 0xff;
        frame[11] = (byte) 0xff;
        NetBuf packet = cut(frame, List.of());
        packet.partialChecksum(10, 2);

        SoftwareChecksum.complete(packet);

        assertEquals(0xffff, packet.getUnsignedShort(12), "0 would mean: no checksum (RFC 768)");
        packet.free();
    }

    private static NetBuf cut(byte[] frame, List<Integer> cuts) {
        int[] ends = cuts.stream().mapToInt(cut -> Math.min(cut, frame.length)).sorted().toArray();
        int at = ends.length == 0 ? frame.length : ends[0];
        NetBuf head = Bench.packet(POOL, Arrays.copyOf(frame, at));
        for (int i = 1; i <= ends.length; i++) {
            int end = i == ends.length ? frame.length : ends[i];
            head.chain(Bench.packet(POOL, Arrays.copyOfRange(frame, at, end)));
            at = end;
        }
        return head;
    }
}
