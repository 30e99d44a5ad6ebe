package org.netdev4j.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.NetBuf;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class Ipv4HeaderTest {
    /** 10.7.0.2 to 192.168.200.201, UDP, 8 bytes of payload, DF, 64 hops. */
    private static final String BYTES = "4500001c" + "00004000" + "4011a756" + "0a070002" + "c0a8c8c9";
    private static final String PAYLOAD = "0102030405060708";

    private final PacketBytes packets = new PacketBytes();

    @Test
    void readsEveryField() {
        NetBuf packet = packets.packet(BYTES + PAYLOAD);
        assertTrue(Ipv4Header.isWellFormed(packet, 0));
        assertTrue(Ipv4Header.isChecksumCorrect(packet, 0));
        assertEquals(20, Ipv4Header.headerLength(packet, 0));
        assertEquals(28, Ipv4Header.totalLength(packet, 0));
        assertFalse(Ipv4Header.isFragment(packet, 0));
        assertEquals(64, Ipv4Header.ttl(packet, 0));
        assertEquals(Ipv4Header.PROTOCOL_UDP, Ipv4Header.protocol(packet, 0));
        assertEquals(0xa756, Ipv4Header.checksum(packet, 0));
        assertEquals(0x0a07_0002, Ipv4Header.source(packet, 0));
        assertEquals(0xc0a8_c8c9, Ipv4Header.destination(packet, 0));
    }

    @Test
    void writesTheSameBytes() {
        NetBuf packet = packets.packet(20);
        Ipv4Header.write(packet, 0, 28, 64, Ipv4Header.PROTOCOL_UDP, 0x0a07_0002, 0xc0a8_c8c9);
        assertEquals(BYTES, PacketBytes.hex(packet));
    }

    @ParameterizedTest
    @CsvSource({"0x4000, false", "0x0000, false", "0x2000, true", "0x0001, true", "0x1fff, true", "0x8000, false"})
    void moreFragmentsOrAnOffsetMakeAFragment(int flagsAndOffset, boolean fragment) {
        NetBuf packet = packets.packet(BYTES + PAYLOAD);
        packet.setShort(6, flagsAndOffset);
        assertEquals(fragment, Ipv4Header.isFragment(packet, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"55", "65", "05", "44", "40", "48"})
    void wrongVersionsAndHeaderLengthsAreMalformed(String firstByte) {
        assertFalse(Ipv4Header.isWellFormed(packets.packet(firstByte + BYTES.substring(2) + PAYLOAD), 0));
    }

    @ParameterizedTest
    @CsvSource({"19, false", "20, true", "28, true", "29, false", "0xffff, false"})
    void theTotalLengthIsFromTheHeadersEndToThePacketsEnd(int totalLength, boolean wellFormed) {
        NetBuf packet = packets.packet(BYTES + PAYLOAD);
        packet.setShort(2, totalLength);
        assertEquals(wellFormed, Ipv4Header.isWellFormed(packet, 0));
    }

    @Test
    void aQuotedPacketNeedsOnlyItsHeader() {
        NetBuf start = packets.packet(BYTES);
        assertFalse(Ipv4Header.isWellFormed(start, 0));
        assertTrue(Ipv4Header.isHeaderWellFormed(start, 0));
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void everyHeaderWrittenIsWellFormedAndSummed(@ForAll @IntRange(min = 20, max = 200) int totalLength,
            @ForAll @IntRange(max = 255) int ttl, @ForAll @IntRange(max = 255) int protocol, @ForAll int source,
            @ForAll int destination) {
        try (PacketBytes own = new PacketBytes()) {
            NetBuf packet = own.packet(totalLength);
            Ipv4Header.write(packet, 0, totalLength, ttl, protocol, source, destination);
            assertTrue(Ipv4Header.isWellFormed(packet, 0));
            assertTrue(Ipv4Header.isChecksumCorrect(packet, 0));
            assertEquals(source, Ipv4Header.source(packet, 0));
            assertEquals(destination, Ipv4Header.destination(packet, 0));
        }
    }

    @Property
    void anyBytesThatAreWellFormedCanBeSummed(@ForAll @Size(max = 80) byte[] bytes) {
        try (PacketBytes own = new PacketBytes()) {
            if (bytes.length > 0) {
                bytes[0] = (byte) (0x40 | (bytes[0] & 0xf));
            }
            NetBuf packet = own.packet(bytes);
            if (Ipv4Header.isHeaderWellFormed(packet, 0)) {
                Ipv4Header.isChecksumCorrect(packet, 0);
                assertTrue(Ipv4Header.headerLength(packet, 0) <= bytes.length);
            }
        }
    }
}
