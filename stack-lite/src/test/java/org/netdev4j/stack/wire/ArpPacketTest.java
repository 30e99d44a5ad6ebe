package org.netdev4j.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.NetBuf;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

class ArpPacketTest {
    /** Says 10.7.0.1 at fe:ed:fa:ce:ca:fe to 10.7.0.2 at 52:54:00:12:34:56; behind a byte that is not its own. */
    private static final String BYTES = "ee" + "0001 0800 06 04 0002" + "feedfacecafe 0a070001"
            + "525400123456 0a070002";

    private final PacketBytes packets = new PacketBytes();

    @Test
    void readsEveryField() {
        NetBuf packet = packets.packet(BYTES);
        assertTrue(ArpPacket.isWellFormed(packet, 1));
        assertEquals(ArpPacket.REPLY, ArpPacket.operation(packet, 1));
        assertEquals(0xfeed_face_cafeL, ArpPacket.senderMac(packet, 1));
        assertEquals(0x0a07_0001, ArpPacket.senderIp(packet, 1));
        assertEquals(0x5254_0012_3456L, ArpPacket.targetMac(packet, 1));
        assertEquals(0x0a07_0002, ArpPacket.targetIp(packet, 1));
    }

    @Test
    void writesTheSameBytes() {
        NetBuf packet = packets.packet(1 + ArpPacket.LENGTH);
        ArpPacket.write(packet, 1, ArpPacket.REPLY, 0xfeed_face_cafeL, 0x0a07_0001, 0x5254_0012_3456L, 0x0a07_0002);
        assertEquals(BYTES.replace(" ", ""), PacketBytes.hex(packet));
    }

    @Test
    void addressesWithTheirHighestBitsSetAreWrittenWhole() {
        NetBuf packet = packets.packet(ArpPacket.LENGTH);
        ArpPacket.write(packet, 0, ArpPacket.REQUEST, 0xffff_ffff_fffeL, 0xdfff_8001, 0xffff_ffff_fffdL, 0xc0a8_ffff);
        assertEquals("0001080006040001" + "fffffffffffe" + "dfff8001" + "fffffffffffd" + "c0a8ffff",
                PacketBytes.hex(packet));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "0006 0800 06 04 0001", // hardware type
        "0001 86dd 06 04 0001", // protocol type
        "0001 0800 08 04 0001", // hardware address length
        "0001 0800 06 10 0001", // protocol address length
        "0001 0800 06 04 0000", // operation
        "0001 0800 06 04 0003"})
    void anythingButRequestAndReplyOfIpv4OverEthernetIsMalformed(String start) {
        assertFalse(ArpPacket.isWellFormed(packets.packet(start + "00".repeat(20)), 0));
    }

    @Property
    void anyBytesAreWellFormedOrNot(@ForAll @Size(max = 40) byte[] bytes) {
        try (PacketBytes own = new PacketBytes()) {
            NetBuf packet = own.packet(bytes);
            assertFalse(ArpPacket.isWellFormed(packet, 0) && bytes.length < ArpPacket.LENGTH);
        }
    }
}
