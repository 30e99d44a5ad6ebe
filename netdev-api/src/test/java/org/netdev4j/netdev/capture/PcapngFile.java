package org.netdev4j.netdev.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads what the tests need of a little-endian pcapng file, strictly. */
final class PcapngFile {
    record Interface(int linkType, int snapLength, Map<Integer, byte[]> options) {
        String name() {
            return new String(options.get(2), UTF_8);
        }
    }

    record Packet(int interfaceNumber, long timestamp, int originalLength, ByteBuffer bytes, int flags, int queue) {}

    final List<Interface> interfaces = new ArrayList<>();
    final List<Packet> packets = new ArrayList<>();
    /** By interface: frames that the capture says it lacks. */
    final Map<Integer, Long> lost = new TreeMap<>();
    int sections;

    PcapngFile(byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            int start = in.position();
            int type = in.getInt();
            int length = in.getInt();
            require(length % 4 == 0, "block of " + length + " bytes at " + start);
            require(in.getInt(start + length - 4) == length, "lengths of the block at " + start + " differ");
            ByteBuffer body = in.slice(start + 8, length - 12).order(ByteOrder.LITTLE_ENDIAN);
            in.position(start + length);
            switch (type) {
                case 0x0a0d0d0a -> readSection(body);
                case 1 -> readInterface(body);
                case 5 -> readStatistics(body);
                case 6 -> readPacket(body);
                default -> throw new AssertionError("block of type " + type + " at " + start);
            }
        }
    }

    private void readSection(ByteBuffer body) {
        require(body.getInt() == 0x1a2b3c4d, "byte order");
        require(body.getShort() == 1 && body.getShort() == 0, "version");
        require(body.getLong() == -1, "section length");
        require("netdev4j".equals(new String(readOptions(body).get(4), UTF_8)), "application");
        sections++;
    }

    private void readInterface(ByteBuffer body) {
        int linkType = body.getShort();
        require(body.getShort() == 0, "reserved");
        interfaces.add(new Interface(linkType, body.getInt(), readOptions(body)));
    }

    private void readPacket(ByteBuffer body) {
        int number = body.getInt();
        require(number < interfaces.size(), "interface " + number + " before its description");
        long high = Integer.toUnsignedLong(body.getInt());
        long low = Integer.toUnsignedLong(body.getInt());
        byte[] bytes = new byte[body.getInt()];
        int originalLength = body.getInt();
        body.get(bytes);
        skipPadding(body);
        Map<Integer, byte[]> options = readOptions(body);
        int flags = littleEndian(options.get(2)).getInt();
        int queue = options.containsKey(6) ? littleEndian(options.get(6)).getInt() : -1;
        packets.add(new Packet(number, high << 32 | low, originalLength, ByteBuffer.wrap(bytes), flags, queue));
    }

    private void readStatistics(ByteBuffer body) {
        int number = body.getInt();
        body.getLong();
        lost.merge(number, littleEndian(readOptions(body).get(7)).getLong(), Long::sum);
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static Map<Integer, byte[]> readOptions(ByteBuffer body) {
        Map<Integer, byte[]> options = new TreeMap<>();
        while (true) {
            int code = body.getShort();
            byte[] value = new byte[body.getShort()];
            if (code == 0) {
                require(value.length == 0 && !body.hasRemaining(), "end of options");
                return options;
            }
            body.get(value);
            skipPadding(body);
            options.put(code, value);
        }
    }

    private static void skipPadding(ByteBuffer body) {
        while (body.position() % 4 != 0) {
            require(body.get() == 0, "padding");
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("malformed pcapng: " + what);
        }
    }
}
