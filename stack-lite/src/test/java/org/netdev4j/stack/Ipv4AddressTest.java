package org.netdev4j.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class Ipv4AddressTest {
    @Test
    void theFirstNumberIsTheHighestByte() {
        assertEquals(0x0a07_0002, Ipv4Address.parse("10.7.0.2"));
        assertEquals(-1, Ipv4Address.parse("255.255.255.255"));
        assertEquals("192.168.200.1", Ipv4Address.format(0xc0a8_c801));
    }

    @Property
    void everyAddressIsParsedFromItsOwnText(@ForAll int address) {
        assertEquals(address, Ipv4Address.parse(Ipv4Address.format(address)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "10.7.0", "10.7.0.2.1", "10.7.0.256", "10.7.0.", ".10.7.0.2", "10..0.2",
        "10.7.0.-1", "10.7.0.02", "00.7.0.2", " 10.7.0.2", "10.7.0.2 ", "10.7.0.a", "::1", "10.7.0.99999999999",
        "1.2.3.4.5.6.7.8.9", "١.2.3.4"})
    void whatIsNoAddressIsRefusedByName(String text) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> Ipv4Address.parse(text));
        assertEquals("\"" + text + "\" is not an IPv4 address: expected four numbers of 0 to 255 with dots, 10.7.0.2",
                refused.getMessage());
    }

    @Test
    void onlyUnicastAddressesAreHosts() {
        assertTrue(Ipv4Address.isHost(Ipv4Address.parse("1.0.0.1")));
        assertTrue(Ipv4Address.isHost(Ipv4Address.parse("223.255.255.254")));
        for (String other : new String[]{"0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "240.0.0.1",
            "255.255.255.255"}) {
            assertFalse(Ipv4Address.isHost(Ipv4Address.parse(other)), other);
        }
    }
}
