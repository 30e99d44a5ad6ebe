package org.netdev4j.examples;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HexFormat;

import org.netdev4j.netbuf.InternetChecksum;

/** The headers of the datagrams that {@link PktgenCommand} sends: UDP, between addresses for benchmarks (RFC 2544). */
final class TestFrame {
    /** Ethernet, IPv4 and UDP. */
    static final int HEADER_BYTES = 42;

    private static final int ETHERNET_BYTES = 14;
    private static final int IP_LENGTH_OFFSET = 16;
    private static final int IP_CHECKSUM_OFFSET = 24;
    private static final int IP_BYTES = 20;
    private static final int UDP_LENGTH_OFFSET = 38;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private TestFrame() {}

    /** From 198.18.0.1 port 9 to 198.18.0.2 port 9, between two locally administered MAC addresses; without lengths. */
    static MemorySegment header() {
        byte[] bytes = HexFormat.of().parseHex("020000000002" + "020000000001" + "0800"
                + "45000000" + "00004000" + "40110000" + "c6120001" + "c6120002" + "00090009" + "00000000");
        MemorySegment header = Arena.ofAuto().allocate(HEADER_BYTES);
        MemorySegment.copy(bytes, 0, header, ValueLayout.JAVA_BYTE, 0, HEADER_BYTES);
        return header;
    }

    /** Sets the lengths of a frame of {@code size} bytes, and the checksum over them; UDP goes without (RFC 768). */
    static void length(MemorySegment header, int size) {
        header.set(SHORT, IP_LENGTH_OFFSET, (short) (size - ETHERNET_BYTES));
        header.set(SHORT, UDP_LENGTH_OFFSET, (short) (size - ETHERNET_BYTES - IP_BYTES));
        header.set(SHORT, IP_CHECKSUM_OFFSET, (short) 0);
        int sum = InternetChecksum.fold(InternetChecksum.add(0, header, ETHERNET_BYTES, IP_BYTES));
        header.set(SHORT, IP_CHECKSUM_OFFSET, (short) ~sum);
    }
}
