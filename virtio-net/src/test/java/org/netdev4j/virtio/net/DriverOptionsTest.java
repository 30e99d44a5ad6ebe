package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.netdev.DeviceString;
import org.netdev4j.netdev.DeviceStringException;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;

/** What a device string says to the driver. */
class DriverOptionsTest {
    @Test
    void nothingSaidIsTheDefault() {
        assertEquals(DriverOptions.DEFAULT, parse("tap:nd0"));
        assertEquals(0, DriverOptions.DEFAULT.ringSize());
        assertNull(DriverOptions.DEFAULT.mac());
    }

    @Test
    void everyKeyIsRead() {
        DriverOptions options = parse("tap:nd0,size=512,mtu=9000,mac=02:00:00:00:00:07,features=-CSUM");

        assertEquals(512, options.ringSize());
        assertEquals(9000, options.mtu());
        assertEquals(MacAddress.parse("02:00:00:00:00:07"), options.mac());
        assertEquals(NetFeatures.WANTED.without(NetFeature.CSUM), options.wanted());
    }

    @Test
    void keysOfOthersAreLeftAlone() {
        assertEquals(DriverOptions.DEFAULT, parse("tap:nd0,queues=4,pcap=x.pcapng"));
    }

    @Test
    void featuresAreSwitchedOneAfterTheOther() {
        Features wanted = parse("loopback,features=-csum-MTU+CSUM-guest_csum").wanted();

        assertEquals(NetFeatures.WANTED.without(NetFeature.MTU).without(NetFeature.GUEST_CSUM), wanted);
    }

    @Test
    void whatIsSwitchedOnIsNeeded() {
        DriverOptions options = parse("loopback,features=+IN_ORDER-EVENT_IDX");

        assertEquals(NetFeatures.NEEDED.with(VirtioFeature.IN_ORDER), options.needed());
        assertEquals(NetFeatures.NEEDED, parse("loopback,features=+CSUM-CSUM").needed());
        assertEquals(NetFeatures.NEEDED, DriverOptions.DEFAULT.needed());
    }

    @Test
    void theRingIsSplitOrPackedOrAsTheDeviceLikes() {
        assertTrue(DriverOptions.DEFAULT.wanted().has(VirtioFeature.RING_PACKED));
        assertFalse(parse("loopback,ring=split").wanted().has(VirtioFeature.RING_PACKED));
        assertEquals(parse("loopback,features=+RING_PACKED"), parse("loopback,ring=packed"));
        assertEquals(100, parse("loopback,ring=packed,size=100").ringSize());
    }

    @ParameterizedTest
    @CsvSource({
        "ring=round, 'packed, split'",
        "features=CSUM, +NAME",
        "features=+, +NAME",
        "features=-CSUM*, *",
        "features=+NONSENSE, NONSENSE",
        "features=+GUEST_UFO, GUEST_UFO",
        "size=100, power of two",
        "size=1, from 2 to 32768",
        "size=65536, from 2 to 32768",
        "size=many, from 2 to 32768",
        "mtu=67, from 68 to 65535",
        "mtu=65536, from 68 to 65535",
        "mtu=99999999999, from 68 to 65535",
        "mac=02:00:00, six bytes",
        "mac=01:00:00:00:00:07, unicast"})
    void wrongValuesAreRefusedWithTheKeyAndWhatIsAllowed(String option, String explanation) {
        DeviceStringException refused = assertThrows(DeviceStringException.class, () -> parse("loopback," + option));

        assertTrue(refused.getMessage().contains(option.substring(0, option.indexOf('='))), refused.getMessage());
        assertTrue(refused.getMessage().contains(explanation), refused.getMessage());
    }

    private static DriverOptions parse(String device) {
        return DriverOptions.parse(DeviceString.parse(device));
    }
}
