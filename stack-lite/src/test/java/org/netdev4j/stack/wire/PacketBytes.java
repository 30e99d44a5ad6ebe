package org.netdev4j.stack.wire;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;

/** Packets from and to bytes, in buffers that are not given back: the pool goes with the test. */
final class PacketBytes implements AutoCloseable {
    private final NetBufPool pool = NetBufPool.builder().buffers(512).dataSize(256).build();

    NetBuf packet(byte[] bytes) {
        NetBuf packet = packet(bytes.length);
        packet.copyFrom(0, MemorySegment.ofArray(bytes), 0, bytes.length);
        return packet;
    }

    NetBuf packet(String hex) {
        return packet(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    /** A packet of that many bytes, all 0xee. */
    NetBuf packet(int length) {
        NetBuf packet = pool.allocate();
        packet.append(length);
        for (int i = 0; i < length; i++) {
            packet.setByte(i, 0xee);
        }
        return packet;
    }

    static String hex(NetBuf packet) {
        byte[] bytes = new byte[packet.length()];
        packet.copyTo(0, MemorySegment.ofArray(bytes), 0, bytes.length);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public void close() {
        pool.close();
    }
}
