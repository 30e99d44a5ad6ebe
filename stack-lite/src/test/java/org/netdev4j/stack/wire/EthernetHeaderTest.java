package org.netdev4j.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.NetBuf;

class EthernetHeaderTest {
    private static final String BYTES = "525400123456" + "feedfacecafe" + "0806";

    private final PacketBytes packets = new PacketBytes();

    @Test
    void readsEveryField() {
        NetBuf frame = packets.packet(BYTES);
        assertTrue(EthernetHeader.isWellFormed(frame));
        assertEquals(0x5254_0012_3456L, EthernetHeader.destination(frame));
        assertEquals(0xfeed_face_cafeL, EthernetHeader.source(frame));
        assertEquals(EthernetHeader.TYPE_ARP, EthernetHeader.etherType(frame));
    }

    @Test
    void writesTheSameBytes() {
        NetBuf frame = packets.packet(EthernetHeader.LENGTH);
        EthernetHeader.write(frame, 0x5254_0012_3456L, 0xfeed_face_cafeL, EthernetHeader.TYPE_ARP);
        assertEquals(BYTES, PacketBytes.hex(frame));
    }

    @Test
    void thirteenBytesAreNoHeader() {
        assertFalse(EthernetHeader.isWellFormed(packets.packet(13)));
    }

    @Test
    void theLowestBitOfTheFirstByteMeansAGroup() {
        assertTrue(EthernetHeader.isGroup(0xffff_ffff_ffffL));
        assertTrue(EthernetHeader.isGroup(0x0100_5e00_0001L));
        assertFalse(EthernetHeader.isGroup(0xfe00_0000_0001L));
    }
}
