package org.netdev4j.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.NetBuf;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class IcmpHeaderTest {
    /** Echo request, identifier 0x1234, sequence 7, payload "abcde". */
    private static final String BYTES = "0800" + "bbfd" + "1234" + "0007" + "6162636465";
    private static final String REPLY_BYTES = "0000" + "c3fd" + "1234" + "0007" + "6162636465";

    private final PacketBytes packets = new PacketBytes();

    @Test
    void readsEveryField() {
        NetBuf message = packets.packet(BYTES);
        assertTrue(IcmpHeader.isWellFormed(message, 0, 13));
        assertTrue(IcmpHeader.isChecksumCorrect(message, 0, 13));
        assertEquals(IcmpHeader.ECHO_REQUEST, IcmpHeader.type(message, 0));
        assertEquals(0, IcmpHeader.code(message, 0));
        assertEquals(0xbbfd, IcmpHeader.checksum(message, 0));
        assertEquals(0x1234, IcmpHeader.identifier(message, 0));
        assertEquals(7, IcmpHeader.sequence(message, 0));
    }

    @Test
    void writesTheSameBytes() {
        NetBuf message = packets.packet("ee".repeat(8) + "6162636465");
        IcmpHeader.write(message, 0, IcmpHeader.ECHO_REQUEST, 0, 0x1234, 7);
        IcmpHeader.writeChecksum(message, 0, 13);
        assertEquals(BYTES, PacketBytes.hex(message));
    }

    @Test
    void aRequestBecomesAReplyByItsTypeAndChecksumAlone() {
        NetBuf message = packets.packet(BYTES);
        IcmpHeader.changeType(message, 0, IcmpHeader.ECHO_REPLY);
        assertEquals(REPLY_BYTES, PacketBytes.hex(message));
    }

    @Test
    void aRequestOfZerosBecomesAReplyThatReceiversAccept() {
        NetBuf message = packets.packet("0800" + "f7ff" + "00000000");
        IcmpHeader.changeType(message, 0, IcmpHeader.ECHO_REPLY);
        assertEquals("0000" + "ffff" + "00000000", PacketBytes.hex(message));
        assertTrue(IcmpHeader.isChecksumCorrect(message, 0, 8));
    }

    @Test
    void aHeaderHasEightBytesThatAreThere() {
        NetBuf message = packets.packet(BYTES);
        assertFalse(IcmpHeader.isWellFormed(message, 0, 7));
        assertFalse(IcmpHeader.isWellFormed(message, 0, 14));
        assertFalse(IcmpHeader.isWellFormed(message, 6, 8));
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void aChangedTypeKeepsTheChecksumRight(@ForAll @Size(max = 64) byte[] payload,
            @ForAll @IntRange(max = 0xffff) int identifier, @ForAll @IntRange(max = 0xffff) int sequence,
            @ForAll @IntRange(max = 255) int type) {
        try (PacketBytes own = new PacketBytes()) {
            int length = 8 + payload.length;
            byte[] bytes = new byte[length];
            System.arraycopy(payload, 0, bytes, 8, payload.length);
            NetBuf message = own.packet(bytes);
            IcmpHeader.write(message, 0, IcmpHeader.ECHO_REQUEST, 0, identifier, sequence);
            IcmpHeader.writeChecksum(message, 0, length);
            IcmpHeader.changeType(message, 0, type);
            assertEquals(type, IcmpHeader.type(message, 0));
            assertTrue(IcmpHeader.isChecksumCorrect(message, 0, length));
        }
    }
}
