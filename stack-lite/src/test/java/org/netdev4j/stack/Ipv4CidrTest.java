package org.netdev4j.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4CidrTest {
    @Test
    void keepsTheHostsOwnAddress() {
        Ipv4Cidr cidr = Ipv4Cidr.parse("10.7.0.2/24");
        assertEquals(new Ipv4Cidr(0x0a07_0002, 24), cidr);
        assertEquals("10.7.0.2/24", cidr.toString());
    }

    @ParameterizedTest
    @CsvSource({"10.7.0.2/24, 10.7.0.255, true", "10.7.0.2/24, 10.7.1.0, false", "10.7.0.2/0, 192.168.0.1, true",
        "10.7.0.2/32, 10.7.0.2, true", "10.7.0.2/32, 10.7.0.3, false", "10.7.0.2/31, 10.7.0.3, true",
        "10.7.0.2/1, 127.0.0.1, true", "10.7.0.2/1, 128.0.0.1, false"})
    void containsWhatSharesThePrefix(String cidr, String address, boolean contained) {
        assertEquals(contained, Ipv4Cidr.parse(cidr).contains(Ipv4Address.parse(address)));
    }

    @ParameterizedTest
    @CsvSource({"10.7.0.2/24, 10.7.0.255, true", "10.7.0.2/24, 10.7.0.0, true", "10.7.0.2/24, 10.7.0.254, false",
        "10.7.0.2/24, 10.7.1.255, false", "10.7.0.2/30, 10.7.0.3, true", "10.7.0.2/31, 10.7.0.3, false",
        "10.7.0.2/32, 10.7.0.2, false"})
    void theFirstAndTheLastAddressMeanAllHosts(String cidr, String address, boolean broadcast) {
        assertEquals(broadcast, Ipv4Cidr.parse(cidr).isBroadcast(Ipv4Address.parse(address)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.7.0.2", "10.7.0.2/", "10.7.0.2/33", "10.7.0.2/-1", "10.7.0.2/a", "10.7.0.2/024", "/24",
        "10.7.0/24", "10.7.0.2/24/8"})
    void whatIsNoAddressAndPrefixIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Ipv4Cidr.parse(text));
    }

    @Test
    void theRefusalSaysWhatWasExpected() {
        assertEquals("\"10.7.0.2\" is not an address with a prefix length of 0 to 32: expected ADDRESS/PREFIX, "
                + "10.7.0.2/24",
                assertThrows(IllegalArgumentException.class, () -> Ipv4Cidr.parse("10.7.0.2"))
                        .getMessage());
        assertEquals("prefix length 40 is not possible: expected 0 to 32",
                assertThrows(IllegalArgumentException.class, () -> new Ipv4Cidr(0, 40)).getMessage());
    }
}
