package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class MacAddressTest {
    @Test
    void theFirstByteOnTheWireIsTheHighest() {
        MacAddress address = MacAddress.parse("52:54:00:Ab:cd:EF");
        assertEquals(0x5254_00ab_cdefL, address.value());
        assertEquals("52:54:00:ab:cd:ef", address.toString());

        MemorySegment memory = MemorySegment.ofArray(new byte[10]);
        address.write(memory, 3);
        assertEquals(MemorySegment.ofArray(new byte[]{0, 0, 0, 0x52, 0x54, 0, (byte) 0xab, (byte) 0xcd, (byte) 0xef, 0})
                .mismatch(memory), -1);
    }

    @Property
    void everyAddressSurvivesTextAndMemory(@ForAll @LongRange(min = 0, max = 0xffff_ffff_ffffL) long value) {
        MacAddress address = new MacAddress(value);
        assertEquals(address, MacAddress.parse(address.toString()));

        MemorySegment memory = MemorySegment.ofArray(new byte[MacAddress.BYTES]);
        address.write(memory, 0);
        assertEquals(address, MacAddress.read(memory, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "02:00:00:00:00", "02:00:00:00:00:01:02", "02-00-00-00-00-01", "2:0:0:0:0:1",
        "02:00:00:00:00:0g", "020000000001", " 02:00:00:00:00:01"})
    void otherTextIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> MacAddress.parse(text));
    }

    @Test
    void moreThan48BitsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new MacAddress(1L << 48));
        assertThrows(IllegalArgumentException.class, () -> new MacAddress(-1));
    }

    @Test
    void groupAndLocalAreTheTwoLowBitsOfTheFirstByte() {
        assertTrue(MacAddress.BROADCAST.isMulticast());
        assertTrue(MacAddress.parse("01:00:5e:00:00:01").isMulticast());
        assertFalse(MacAddress.parse("fe:01:01:01:01:01").isMulticast());
        assertTrue(MacAddress.parse("02:00:00:00:00:00").isLocallyAdministered());
        assertFalse(MacAddress.parse("fd:ff:ff:ff:ff:ff").isLocallyAdministered());
    }

    @Property
    void randomAddressesAreLocalAndUnicast(@ForAll long seed) {
        MacAddress address = MacAddress.randomLocal(new Random(seed));
        assertTrue(address.isLocallyAdministered());
        assertFalse(address.isMulticast());
    }
}
