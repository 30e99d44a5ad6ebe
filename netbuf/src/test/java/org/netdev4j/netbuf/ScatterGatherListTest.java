package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ScatterGatherListTest {
    private final ScatterGatherList list = new ScatterGatherList(2);

    @Test
    void adjacentPiecesOfOneDirectionAreJoined() {
        assertTrue(list.append(1000, 10, false));
        assertTrue(list.append(1010, 5, false));
        assertTrue(list.append(1015, 0, true));
        assertTrue(list.append(1015, 5, true));
        assertEquals(2, list.size());
        assertEquals(15, list.length(0));
        assertTrue(list.deviceWritable(1));
        assertEquals(20, list.totalLength());
    }

    @Test
    void fullListRefusesAndStaysAsItWas() {
        list.append(1000, 10, false);
        list.append(2000, 10, false);
        assertFalse(list.append(3000, 10, false));
        assertTrue(list.append(2010, 1, false));
        assertEquals(2, list.size());
        assertEquals(21, list.totalLength());
    }

    @Test
    void packetIsAppendedWholeOrNotAtAll() {
        try (NetBufPool pool = NetBufPool.builder().buffers(4).build()) {
            NetBuf packet = pool.allocate();
            packet.append(100);
            for (int i = 0; i < 2; i++) {
                NetBuf piece = pool.allocate();
                piece.append(50);
                packet.chain(piece);
            }
            assertFalse(list.append(packet, true));
            assertEquals(0, list.size());
            assertEquals(0, list.totalLength());
            packet.free();
        }
    }
}
