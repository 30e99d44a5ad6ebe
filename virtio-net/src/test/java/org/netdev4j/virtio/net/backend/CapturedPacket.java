package org.netdev4j.virtio.net.backend;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** An enhanced packet block of a pcapng file, as far as tests look at it. */
public final class CapturedPacket {
    private static final int ENHANCED_PACKET = 6;
    private static final int DATA = 28;

    public final long epochNanos;
    public final byte[] bytes;
    /** 1 inbound, 2 outbound. */
    public final int direction;

    private CapturedPacket(ByteBuffer file, int block) {
        epochNanos = (long) file.getInt(block + 12) << 32 | Integer.toUnsignedLong(file.getInt(block + 16));
        bytes = new byte[file.getInt(block + 20)];
        file.get(block + DATA, bytes);
        int options = block + DATA + (bytes.length + 3) / 4 * 4;
        direction = file.getInt(options + 4);
    }

    public static List<CapturedPacket> read(byte[] pcapng) {
        List<CapturedPacket> packets = new ArrayList<>();
        ByteBuffer file = ByteBuffer.wrap(pcapng).order(ByteOrder.LITTLE_ENDIAN);
        while (file.hasRemaining()) {
            int block = file.position();
            if (file.getInt(block) == ENHANCED_PACKET) {
                packets.add(new CapturedPacket(file, block));
            }
            file.position(block + file.getInt(block + 4));
        }
        return packets;
    }
}
