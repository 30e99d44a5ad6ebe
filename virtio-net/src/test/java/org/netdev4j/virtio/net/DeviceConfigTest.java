package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.LinkState;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.virtio.testing.Rule;

/** MAC, MTU and link state of the device configuration (virtio 1.4 §5.1.4). */
class DeviceConfigTest {
    private static final byte[] MAC = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

    private final ScriptedDevice device = new ScriptedDevice();

    private Bench probed() {
        return new Bench(device).probed();
    }

    private void setMac(byte... mac) {
        device.offers(NetFeature.MAC);
        System.arraycopy(mac, 0, device.config, NetConfigLayout.MAC, 6);
    }

    @Test
    @DisplayName("regression 2: the MTU is read at offset 10, not from the MAC address")
    @Rule({"NC10.1", "NC12.1"})
    void mtuIsReadFromItsOwnField() {
        setMac(MAC);
        device.offers(NetFeature.MTU).config16(10, 9000);
        try (Bench bench = probed()) {
            bench.prepared(bench.pool("jumbo", 32, 64, 9216));

            assertEquals(9000, bench.dev.mtu());
            assertEquals(9000, bench.dev.info().maxMtu());
            assertEquals("52:54:00:12:34:56", bench.dev.macAddress().toString());
        }
    }

    @Test
    @Rule("FT4")
    void deviceWithoutMtuHasTheMtuOfEthernet() {
        device.config16(NetConfigLayout.MTU, 9000);
        try (Bench bench = probed().prepared(32, 16)) {
            assertEquals(1500, bench.dev.mtu());
            bench.dev.mtu(65535);
            assertEquals(65535, bench.dev.mtu());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 67})
    void mtuThatNoDeviceMayHaveIsNotAccepted(int mtu) {
        device.offers(NetFeature.MTU).config16(NetConfigLayout.MTU, mtu);
        try (Bench bench = probed().prepared(32, 16)) {
            assertEquals(1500, bench.dev.mtu());
            assertFalse(device.accepted.has(NetFeature.MTU));
        }
    }

    @Test
    void mtuIsLoweredAndRaisedUpToThatOfTheDevice() {
        device.offers(NetFeature.MTU).config16(NetConfigLayout.MTU, 2000);
        try (Bench bench = probed().prepared(32, 16)) {
            bench.dev.mtu(1280);
            assertEquals(1280, bench.dev.mtu());
            bench.dev.mtu(2000);
            assertThrows(NetDevException.class, () -> bench.dev.mtu(2001));
            assertEquals(2000, bench.dev.mtu());
            assertTrue(bench.dev.info().has(Capability.MTU_SET));
        }
    }

    @Test
    void mtuOfTheUserIsCheckedAgainstTheDevice() {
        device.offers(NetFeature.MTU).config16(NetConfigLayout.MTU, 2000);
        try (Bench smaller = new Bench(device, new DriverOptions(NetFeatures.IMPLEMENTED, 0, 1400, null)).probed()) {
            assertEquals(1400, smaller.prepared(32, 16).dev.mtu());
        }
        try (Bench larger = new Bench(new ScriptedDevice().offers(NetFeature.MTU).config16(10, 2000),
                new DriverOptions(NetFeatures.IMPLEMENTED, 0, 2001, null))) {
            NetDevException refused = assertThrows(NetDevException.class, larger.dev::probe);
            assertTrue(refused.getMessage().contains("2000"), refused.getMessage());
        }
    }

    @Test
    @DisplayName("NC10: without MAC a locally administered unicast address is made")
    @Rule("NC10.2")
    void deviceWithoutMacGetsALocalOne() {
        try (Bench one = probed().prepared(32, 16); Bench other = new Bench(new ScriptedDevice()).probed()) {
            other.prepared(32, 16);
            MacAddress mac = one.dev.macAddress();
            assertEquals(2, mac.value() >>> 40 & 3, mac.toString());
            assertEquals(mac, one.dev.macAddress(), "made once");
            assertNotEquals(mac, other.dev.macAddress());
        }
    }

    @Test
    void macThatNoDeviceCanHaveIsReplaced() {
        setMac((byte) 0x01, (byte) 0, (byte) 0x5e, (byte) 0, (byte) 0, (byte) 1);
        try (Bench bench = probed().prepared(32, 16)) {
            assertEquals(2, bench.dev.macAddress().value() >>> 40 & 3);
        }
    }

    @Test
    void macOfTheUserWins() {
        setMac(MAC);
        MacAddress own = MacAddress.parse("02:00:00:00:00:07");
        DriverOptions options = new DriverOptions(NetFeatures.IMPLEMENTED, 0, 0, own);
        try (Bench bench = new Bench(device, options).probed().prepared(32, 16)) {
            assertEquals(own, bench.dev.macAddress());
        }
    }

    @Test
    @DisplayName("CF1, CF2: fields are read again when the generation changed meanwhile")
    @Rule({"CF1", "CF2"})
    void tornConfigurationIsReadAgain() {
        setMac(MAC);
        byte[] later = {2, 2, 2, 2, 2, 2};
        int[] reads = new int[1];
        device.onConfigRead = () -> {
            if (++reads[0] == 4) {
                System.arraycopy(later, 0, device.config, NetConfigLayout.MAC, 6);
                device.generation++;
            }
        };
        try (Bench bench = probed().prepared(32, 16)) {
            assertEquals("02:02:02:02:02:02", bench.dev.macAddress().toString());
        }
    }

    @Test
    void configurationThatNeverStandsStillIsAnError() {
        setMac(MAC);
        device.onConfigRead = () -> device.generation++;
        try (Bench bench = new Bench(device)) {
            assertThrows(NetDevException.class, bench.dev::probe);
        }
    }

    @Test
    @DisplayName("CF3: fields are read only if their feature is offered")
    @Rule("CF3")
    void fieldsWithoutTheirFeatureAreNotRead() {
        device.config = new byte[0];
        try (Bench bench = Bench.running(device)) {
            assertEquals(LinkState.UNKNOWN, bench.dev.linkState());
            assertFalse(bench.dev.info().has(Capability.LINK_STATE));
        }
    }

    /** Its state is not known, and it is used as if it were up. */
    @Test
    @Rule("NC11.1")
    void withoutStatusTheLinkCountsAsUp() {
        try (Bench bench = Bench.running(device)) {
            assertEquals(LinkState.UNKNOWN, bench.dev.linkState());
            assertTrue(bench.tx.transmit(bench.packet(Bench.frame(60))));
            assertArrayEquals(Bench.frame(60), device.transmitted().frame);
        }
    }

    @Test
    @Rule("NC11.2")
    void withStatusBitZeroSaysWhetherTheLinkIsUp() {
        device.offers(NetFeature.STATUS).config16(NetConfigLayout.STATUS, NetConfigLayout.STATUS_LINK_UP);
        try (Bench bench = Bench.running(device)) {
            assertEquals(LinkState.UP, bench.dev.linkState());
        }
        ScriptedDevice down = new ScriptedDevice().offers(NetFeature.STATUS).config16(NetConfigLayout.STATUS, 0xfffe);
        try (Bench bench = Bench.running(down)) {
            assertEquals(LinkState.DOWN, bench.dev.linkState());
        }
    }

    @ParameterizedTest
    @CsvSource({"0x80000000, -1", "0xffffffff, -1", "0x7fffffff, 2147483647", "0, 0", "25000, 25000"})
    @Rule("NC14.1")
    void aSpeedBeyondTheGreatestIsNotKnown(String configured, int speed) {
        device.offers(NetFeature.STATUS, NetFeature.SPEED_DUPLEX);
        setSpeed(Long.decode(configured).intValue());
        try (Bench bench = Bench.running(device)) {
            assertEquals(speed, bench.dev.linkSpeedMbps());
        }
    }

    private void setSpeed(int megabits) {
        device.config16(NetConfigLayout.SPEED, megabits).config16(NetConfigLayout.SPEED + 2, megabits >>> 16);
    }

    @Test
    @Rule("NC14.2")
    void theSpeedIsReadAgainWhenTheConfigurationChanged() throws InterruptedException {
        device.offers(NetFeature.STATUS, NetFeature.SPEED_DUPLEX);
        setSpeed(1000);
        CountDownLatch changed = new CountDownLatch(1);
        try (Bench bench = new Bench(device)) {
            bench.dev.onEvent((event, detail) -> changed.countDown());
            bench.probed().prepared(64, 16).started();
            assertEquals(1000, bench.dev.linkSpeedMbps());
            setSpeed(40_000);
            device.changeConfig16(NetConfigLayout.STATUS, NetConfigLayout.STATUS_LINK_UP);
            assertTrue(changed.await(10, TimeUnit.SECONDS), "told of the change");
            assertEquals(40_000, bench.dev.linkSpeedMbps());
        }
    }

    @Test
    @Rule("CF4.2")
    void configurationShorterThanWhatIsOfferedIsAnError() {
        device.offers(NetFeature.MTU);
        device.config = Arrays.copyOf(device.config, 11);
        try (Bench bench = new Bench(device)) {
            assertThrows(NetDevException.class, bench.dev::probe);
        }
    }

    @Test
    @Rule("CF4.1")
    void configurationLongerThanTheSpecificationOfTodayIsFine() {
        setMac(MAC);
        device.config = Arrays.copyOf(device.config, 4096);
        try (Bench bench = probed().prepared(32, 16)) {
            assertEquals("52:54:00:12:34:56", bench.dev.macAddress().toString());
        }
    }

    @Test
    @Rule({"IN2", "NC9"})
    void configurationIsNotWritten() {
        setMac(MAC);
        device.offers(NetFeature.MTU, NetFeature.STATUS).config16(NetConfigLayout.MTU, 1500);
        byte[] before = device.config.clone();
        try (Bench bench = Bench.running(device)) {
            bench.dev.mtu(1280);
            bench.dev.stop();
        }
        assertArrayEquals(before, device.config);
    }

    @Test
    void capabilitiesFollowTheNegotiatedFeatures() {
        device.offers(NetFeature.CSUM, NetFeature.GUEST_CSUM, NetFeature.STATUS);
        try (Bench bench = probed()) {
            assertTrue(bench.ops.info().has(Capability.TX_CHECKSUM));
            assertTrue(bench.ops.info().has(Capability.RX_CHECKSUM));
            assertTrue(bench.ops.info().has(Capability.LINK_STATE));
            assertFalse(bench.ops.info().has(Capability.TX_TSO4));
        }
        try (Bench plain = new Bench(new ScriptedDevice()).probed()) {
            assertFalse(plain.ops.info().has(Capability.TX_CHECKSUM));
            assertFalse(plain.ops.info().has(Capability.RX_CHECKSUM));
        }
    }

    @Test
    void featureTheUserDoesNotWantIsNotAccepted() {
        device.offers(NetFeature.CSUM, NetFeature.GUEST_CSUM);
        DriverOptions options = new DriverOptions(NetFeatures.IMPLEMENTED.without(NetFeature.CSUM), 0, 0, null);
        try (Bench bench = new Bench(device, options).probed()) {
            assertFalse(device.accepted.has(NetFeature.CSUM));
            assertTrue(device.accepted.has(NetFeature.GUEST_CSUM));
            assertFalse(bench.ops.info().has(Capability.TX_CHECKSUM));
        }
    }

    @Test
    void withoutAControlQueueNeitherModeNorAddressCanBeSet() {
        try (Bench bench = probed().prepared(32, 16)) {
            assertTrue(bench.dev.promiscuous(), "nobody can tell the device otherwise");
            assertThrows(NetDevException.class, () -> bench.dev.promiscuous(false));
            assertThrows(NetDevException.class, () -> bench.dev.macAddress(MacAddress.parse("02:00:00:00:00:01")));
        }
    }
}
