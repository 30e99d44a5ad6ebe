package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;

import org.junit.jupiter.api.Test;

class InternetChecksumTest {
    @Test
    void exampleOfRfc1071() {
        MemorySegment bytes = MemorySegment.ofArray(
                new byte[]{0x00, 0x01, (byte) 0xf2, 0x03, (byte) 0xf4, (byte) 0xf5, (byte) 0xf6, (byte) 0xf7});
        assertEquals(0xddf2, InternetChecksum.fold(InternetChecksum.add(0, bytes, 0, 8)));
    }
}
