package org.netdev4j.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.netbuf.NetBuf;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class UdpHeaderTest {
    private static final int SOURCE = 0x0a07_0002;
    private static final int DESTINATION = 0xc0a8_c8c9;
    /** Port 49153 to port 7, "abcde". */
    private static final String BYTES = "c001" + "0007" + "000d" + "8289" + "6162636465";

    private final PacketBytes packets = new PacketBytes();

    @Test
    void readsEveryField() {
        NetBuf datagram = packets.packet(BYTES);
        assertTrue(UdpHeader.isWellFormed(datagram, 0, 13));
        assertEquals(49153, UdpHeader.sourcePort(datagram, 0));
        assertEquals(7, UdpHeader.destinationPort(datagram, 0));
        assertEquals(13, UdpHeader.length(datagram, 0));
        assertEquals(0x8289, UdpHeader.checksum(datagram, 0));
        assertTrue(UdpHeader.isChecksumCorrect(datagram, 0, SOURCE, DESTINATION));
    }

    @Test
    void writesTheSameBytes() {
        NetBuf datagram = packets.packet("ee".repeat(8) + "6162636465");
        UdpHeader.write(datagram, 0, 49153, 7, 13);
        UdpHeader.writeChecksum(datagram, 0, SOURCE, DESTINATION);
        assertEquals(BYTES, PacketBytes.hex(datagram));
    }

    @Test
    void theChecksumCoversTheAddresses() {
        NetBuf datagram = packets.packet(BYTES);
        assertFalse(UdpHeader.isChecksumCorrect(datagram, 0, SOURCE + 1, DESTINATION));
    }

    @Test
    void zeroIsNoChecksumAndAlwaysRight() {
        NetBuf datagram = packets.packet("c00100070009000061");
        assertTrue(UdpHeader.isChecksumCorrect(datagram, 0, SOURCE, DESTINATION));
    }

    @Test
    void aSumThatComesOutAsZeroIsWrittenAsOnes() {
        NetBuf datagram = packets.packet(10);
        UdpHeader.write(datagram, 0, 0, 0, 10);
        datagram.setShort(8, 0xffff - Ipv4Header.PROTOCOL_UDP - 10 - 10);
        UdpHeader.writeChecksum(datagram, 0, 0, 0);
        assertEquals(0xffff, UdpHeader.checksum(datagram, 0));
        assertTrue(UdpHeader.isChecksumCorrect(datagram, 0, 0, 0));
    }

    @ParameterizedTest
    @CsvSource({"7, false", "8, true", "13, true", "14, false", "0xffff, false"})
    void theLengthIsFromTheHeadersEndToWhatIsThere(int length, boolean wellFormed) {
        NetBuf datagram = packets.packet(BYTES);
        datagram.setShort(4, length);
        assertEquals(wellFormed, UdpHeader.isWellFormed(datagram, 0, 13));
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void turningADatagramRoundKeepsTheChecksumRight(@ForAll @Size(max = 64) byte[] payload, @ForAll int source,
            @ForAll int destination, @ForAll @IntRange(max = 0xffff) int from,
            @ForAll @IntRange(max = 0xffff) int to) {
        try (PacketBytes own = new PacketBytes()) {
            byte[] bytes = new byte[8 + payload.length];
            System.arraycopy(payload, 0, bytes, 8, payload.length);
            NetBuf datagram = own.packet(bytes);
            UdpHeader.write(datagram, 0, from, to, bytes.length);
            UdpHeader.writeChecksum(datagram, 0, source, destination);
            UdpHeader.swapPorts(datagram, 0);
            assertEquals(to, UdpHeader.sourcePort(datagram, 0));
            assertEquals(from, UdpHeader.destinationPort(datagram, 0));
            assertTrue(UdpHeader.isChecksumCorrect(datagram, 0, /* source= */ destination, /* destination= */ source));
        }
    }

    @Property
    void anyBytesThatAreWellFormedCanBeSummed(@ForAll @Size(max = 24) byte[] bytes) {
        try (PacketBytes own = new PacketBytes()) {
            NetBuf datagram = own.packet(bytes);
            if (UdpHeader.isWellFormed(datagram, 0, bytes.length)) {
                UdpHeader.isChecksumCorrect(datagram, 0, SOURCE, DESTINATION);
            }
            assertFalse(UdpHeader.isWellFormed(datagram, 0, bytes.length + 1));
        }
    }
}
