package org.netdev4j.virtio.net.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.netdev4j.virtio.net.NetHeader;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Frames cut into segments, wherever the frame was split: against the packet put together from them, and naive sums. */
class FrameSegmentsTest {
    private static final int TCP_HEADERS = 14 + 20 + 20;
    private static final int FIN = 0x01;
    private static final int PSH = 0x08;
    private static final int ACK = 0x10;
    private static final int CWR = 0x80;
    private static final int FIRST_SEQUENCE = 0xfffffff0;
    private static final int FIRST_ID = 0xfffe;

    /** Seed rows 4.33 and 4.34. */
    @Property(tries = 300)
    void segmentsOfTcpPutTogetherAreThePacket(@ForAll @IntRange(min = 0, max = 6000) int payload,
            @ForAll @IntRange(min = 1, max = 1460) int segmentPayload,
            @ForAll @Size(max = 6) List<@IntRange(min = 1, max = 6053) Integer> cuts, @ForAll boolean complete) {
        byte[] packet = tcp(payload);
        Frame frame = inPieces(packet, cuts);
        frame.offload().segments(NetHeader.GSO_TCPV4 | NetHeader.GSO_ECN, 0, segmentPayload, 34, 16);
        FrameSegments segments = new FrameSegments();
        assertTrue(segments.begin(frame));
        assertEquals(TCP_HEADERS, segments.headerLength());
        ByteArrayOutputStream together = new ByteArrayOutputStream();
        int number = 0;
        while (segments.hasNext()) {
            boolean isFirst = number == 0;
            byte[] segment = Frames.bytes(segments.next(complete));
            boolean isLast = !segments.hasNext();
            ByteBuffer bytes = ByteBuffer.wrap(segment);
            assertEquals(segments.length(number), segment.length);
            assertEquals(segment.length - 14, bytes.getShort(16) & 0xffff, "IPv4 length");
            assertEquals(FIRST_ID + number & 0xffff, bytes.getShort(18) & 0xffff, "IPv4 id");
            assertEquals(0xffff, sum(segment, 14, 34, 0), "IPv4 checksum");
            assertEquals(FIRST_SEQUENCE + together.size(), bytes.getInt(38), "sequence number");
            int flags = ACK | (isFirst ? CWR : 0) | (isLast ? FIN | PSH : 0);
            assertEquals(flags, segment[47] & 0xff, "flags");
            int pseudoHeader = sum(segment, 26, 34, 6 + segment.length - 34);
            if (complete) {
                assertEquals(0xffff, sum(segment, 34, segment.length, pseudoHeader), "TCP checksum");
            } else {
                assertEquals(pseudoHeader, bytes.getShort(50) & 0xffff, "TCP pseudo-header sum");
            }
            together.write(segment, TCP_HEADERS, segment.length - TCP_HEADERS);
            number++;
        }
        assertEquals(segments.count(), number);
        assertEquals(ByteBuffer.wrap(packet, TCP_HEADERS, payload), ByteBuffer.wrap(together.toByteArray()));
    }

    @Test
    void requestsThatMakeNoSenseAreRefused() {
        assertRefused(NetHeader.GSO_TCPV6, 1000, 34, 16, "the frame is IPv4");
        assertRefused(NetHeader.GSO_UDP_L4, 1000, 34, 6, "the frame is TCP");
        assertRefused(NetHeader.GSO_UDP, 1000, 34, 6, "fragments of UDP are nobody's feature");
        assertRefused(NetHeader.GSO_TCPV4, 0, 34, 16, "segments without payload");
        assertRefused(NetHeader.GSO_TCPV4, 1000, 35, 16, "the header begins elsewhere");
        assertRefused(NetHeader.GSO_TCPV4, 1000, 34, 6, "the checksum is elsewhere");
        assertRefused(NetHeader.GSO_TCPV4, 65535, 34, 16, "a segment longer than a packet can be");
    }

    private static void assertRefused(int type, int segmentPayload, int start, int offset, String why) {
        Frame frame = Frames.of(tcp(3000));
        frame.offload().segments(type, 54, segmentPayload, start, offset);
        assertFalse(new FrameSegments().begin(frame), why);
    }

    /** Seed row 4.32: what lies about its own headers. */
    @Property(tries = 500)
    void anyBytesAreCutOrRefused(@ForAll @Size(min = 14, max = 300) byte[] bytes, @ForAll int type,
            @ForAll @IntRange(min = 0, max = 65535) int size, @ForAll @IntRange(min = 0, max = 400) int start) {
        Frame frame = Frames.of(bytes);
        frame.offload().segments(type & 0xff, 0, size, start, 16);
        FrameSegments segments = new FrameSegments();
        if (segments.begin(frame)) {
            int payload = 0;
            while (segments.hasNext()) {
                payload += segments.next(true).length() - segments.headerLength();
            }
            assertEquals(bytes.length - segments.headerLength(), payload);
        }
    }

    private static byte[] tcp(int payload) {
        ByteBuffer packet = ByteBuffer.allocate(TCP_HEADERS + payload);
        packet.put(new byte[]{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0});
        packet.put((byte) 0x45).put((byte) 0).putShort((short) (40 + payload)).putShort((short) FIRST_ID)
                .putShort((short) 0x4000).put((byte) 64).put((byte) 6).putShort((short) 0).putInt(0x0a000001)
                .putInt(0x0a000002);
        packet.putShort((short) 80).putShort((short) 4000).putInt(FIRST_SEQUENCE).putInt(7).put((byte) 0x50)
                .put((byte) (ACK | FIN | PSH | CWR)).putShort((short) 100).putShort((short) 0).putShort((short) 0);
        packet.put(Frames.numbered(payload));
        byte[] bytes = packet.array();
        packet.putShort(50, (short) sum(bytes, 26, 34, 6 + 20 + payload));
        return bytes;
    }

    /** Ones' complement sum of 16-bit words, naively. */
    private static int sum(byte[] bytes, int from, int to, long seed) {
        long sum = seed;
        for (int i = from; i < to; i += 2) {
            sum += (bytes[i] & 0xff) << 8 | (i + 1 < to ? bytes[i + 1] & 0xff : 0);
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) sum;
    }

    private static Frame inPieces(byte[] bytes, List<Integer> cuts) {
        int[] ends = cuts.stream().filter(cut -> cut < bytes.length).sorted().distinct().mapToInt(cut -> cut).toArray();
        int[] all = Arrays.copyOf(ends, ends.length + 1);
        all[ends.length] = bytes.length;
        MemorySegment memory = Arena.ofAuto().allocate(bytes.length);
        memory.copyFrom(MemorySegment.ofArray(bytes));
        OffloadRequest offload = new OffloadRequest();
        return new Frame() {
            @Override
            public int length() {
                return bytes.length;
            }

            @Override
            public int pieces() {
                return all.length;
            }

            @Override
            public MemorySegment segment(int piece) {
                return memory;
            }

            @Override
            public long offset(int piece) {
                return piece == 0 ? 0 : all[piece - 1];
            }

            @Override
            public int length(int piece) {
                return all[piece] - (piece == 0 ? 0 : all[piece - 1]);
            }

            @Override
            public OffloadRequest offload() {
                return offload;
            }
        };
    }
}
