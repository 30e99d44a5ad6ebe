package org.netdev4j.virtio.net.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

import org.netdev4j.virtio.net.NetHeader;

/** Frames as tests write them down. */
public final class Frames {
    /** Where the UDP header is in {@link #partialUdp}. */
    public static final int UDP = 14 + 20;
    private static final int UDP_CHECKSUM = 6;

    private Frames() {}

    /** A frame of {@code length} bytes, each different from its neighbours. */
    public static byte[] numbered(int length) {
        byte[] frame = new byte[length];
        for (int i = 0; i < length; i++) {
            frame[i] = (byte) (i * 31 + length);
        }
        return frame;
    }

    /** In memory that lives as long as it is reachable. */
    public static ContiguousFrame of(byte[] bytes) {
        MemorySegment memory = Arena.ofAuto().allocate(bytes.length);
        memory.copyFrom(MemorySegment.ofArray(bytes));
        return new ContiguousFrame().show(memory, 0, bytes.length);
    }

    /** A frame that asks for its checksum. */
    public static ContiguousFrame of(byte[] bytes, int checksumStart, int checksumOffset) {
        ContiguousFrame frame = of(bytes);
        frame.offload().partialChecksum(checksumStart, checksumOffset);
        return frame;
    }

    public static byte[] bytes(FrameMemory frame) {
        byte[] bytes = new byte[frame.length()];
        frame.copyTo(0, MemorySegment.ofArray(bytes), 0, bytes.length);
        return bytes;
    }

    /** A UDP packet over IPv4 from 10.0.0.1 to 10.0.0.2 whose checksum is the pseudo-header's sum. */
    public static byte[] partialUdp(byte... payload) {
        int udpLength = 8 + payload.length;
        ByteBuffer frame = ByteBuffer.allocate(UDP + udpLength);
        frame.put(new byte[12]).putShort((short) 0x0800);
        frame.putShort((short) 0x4500).putShort((short) (20 + udpLength)).putInt(0).putShort((short) 0x4011);
        frame.putShort((short) 0).putInt(0x0a000001).putInt(0x0a000002);
        frame.putShort((short) 1000).putShort((short) 7).putShort((short) udpLength);
        frame.putShort((short) (0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 17 + udpLength));
        return frame.put(payload).array();
    }

    /** {@link #partialUdp} as it has to be on a wire, by RFC 1071's definition: 16 bits at a time. */
    public static byte[] completeUdp(byte... payload) {
        byte[] frame = partialUdp(payload);
        int sum = 0;
        for (int i = UDP; i < frame.length; i++) {
            sum += (i - UDP) % 2 == 0 ? (frame[i] & 0xff) << 8 : frame[i] & 0xff;
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        int checksum = sum == 0xffff ? 0xffff : ~sum;
        frame[UDP + UDP_CHECKSUM] = (byte) (checksum >> 8);
        frame[UDP + UDP_CHECKSUM + 1] = (byte) checksum;
        return frame;
    }

    /** A virtio-net header that asks for nothing. */
    public static byte[] header() {
        return new byte[NetHeader.LENGTH];
    }

    /** A virtio-net header with these fields, and marks in those that mean nothing with them. */
    public static byte[] header(int flags, int gsoType, int checksumStart, int checksumOffset) {
        return ByteBuffer.allocate(NetHeader.LENGTH)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .put((byte) flags)
                .put((byte) gsoType)
                .putShort((short) 0x1111)
                .putShort((short) 0x2222)
                .putShort((short) checksumStart)
                .putShort((short) checksumOffset)
                .putShort((short) 0)
                .array();
    }

    public static byte[] concat(byte[] first, byte[] second) {
        byte[] both = new byte[first.length + second.length];
        MemorySegment all = MemorySegment.ofArray(both);
        MemorySegment.copy(first, 0, all, ValueLayout.JAVA_BYTE, 0, first.length);
        MemorySegment.copy(second, 0, all, ValueLayout.JAVA_BYTE, first.length, second.length);
        return both;
    }
}
