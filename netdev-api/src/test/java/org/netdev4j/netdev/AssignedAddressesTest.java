package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AssignedAddressesTest {
    @Test
    void everyFieldOfADeviceStringIsThere() {
        try (NetDev device = NetDev.open("memory,ip=10.7.0.2/24:10.7.0.1:9.9.9.9:1.1.1.1:box-1:lab.example,mtu=1400")) {
            assertEquals("10.7.0.2/24", device.extendedInfo(ExtendedInfo.IPV4_CIDR));
            assertEquals("10.7.0.1", device.extendedInfo(ExtendedInfo.IPV4_GATEWAY));
            assertEquals("9.9.9.9", device.extendedInfo(ExtendedInfo.IPV4_DNS0));
            assertEquals("1.1.1.1", device.extendedInfo(ExtendedInfo.IPV4_DNS1));
            assertEquals("box-1", device.extendedInfo(ExtendedInfo.IPV4_HOSTNAME));
            assertEquals("lab.example", device.extendedInfo(ExtendedInfo.IPV4_DOMAIN));
        }
    }

    @Test
    void emptyAndMissingFieldsAreNotAssigned() {
        try (NetDev device = NetDev.open("memory,ip=10.7.0.2/24::9.9.9.9")) {
            assertNull(device.extendedInfo(ExtendedInfo.IPV4_GATEWAY));
            assertEquals("9.9.9.9", device.extendedInfo(ExtendedInfo.IPV4_DNS0));
            assertNull(device.extendedInfo(ExtendedInfo.IPV4_DNS1));
        }
    }

    /** What a platform such as Xen says of a device. */
    private static final class PlatformDriver extends InMemoryDriver {
        @Override
        public String extendedInfo(ExtendedInfo key) {
            return switch (key) {
                case IPV4_ADDRESS -> "192.0.2.1";
                case IPV4_MASK -> "255.255.255.0";
                case IPV4_GATEWAY -> "192.0.2.254";
                default -> null;
            };
        }
    }

    @Test
    void whatIsAssignedCountsMoreThanThePlatform() {
        try (NetDev device = new NetDev("x", new PlatformDriver(), AssignedAddresses.parse("::9.9.9.9"))) {
            device.probe();
            assertEquals("192.0.2.1", device.extendedInfo(ExtendedInfo.IPV4_ADDRESS));
            assertEquals("255.255.255.0", device.extendedInfo(ExtendedInfo.IPV4_MASK));
            assertEquals("192.0.2.254", device.extendedInfo(ExtendedInfo.IPV4_GATEWAY));
            assertEquals("9.9.9.9", device.extendedInfo(ExtendedInfo.IPV4_DNS0));
        }
    }

    @Test
    void aCidrHidesAddressAndMask() {
        try (NetDev device = new NetDev("x", new PlatformDriver(), AssignedAddresses.parse("10.0.0.2/8"))) {
            device.probe();
            assertEquals("10.0.0.2/8", device.extendedInfo(ExtendedInfo.IPV4_CIDR));
            assertNull(device.extendedInfo(ExtendedInfo.IPV4_ADDRESS));
            assertNull(device.extendedInfo(ExtendedInfo.IPV4_MASK));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.7.0.2", "10.7.0.2/33", "10.7.0.256/24", "10.7.0/24", "10.7.0.02/24", "10.7.0.2/24:gw",
        "10.7.0.2/24:10.7.0.1/24", ":::: -x", "::::a..b", "1.1.1.1/8:::::x:y"})
    void wrongFieldsAreNamed(String text) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> AssignedAddresses.parse(text));
        assertTrue(e.getMessage().endsWith("the form is CIDR[:GATEWAY[:DNS0[:DNS1[:HOSTNAME[:DOMAIN]]]]]"),
                e.getMessage());
    }

    @Test
    void aWrongOptionNamesTheDevice() {
        DeviceStringException e = assertThrows(DeviceStringException.class, () -> NetDev.open("memory,ip=here"));
        assertEquals(
                "device \"memory,ip=here\": option ip: \"here\": \"here\" is not an IPv4 address with the length of"
                        + " its prefix, like 10.7.0.2/24; the form is CIDR[:GATEWAY[:DNS0[:DNS1[:HOSTNAME[:DOMAIN]]]]]",
                e.getMessage());
    }
}
