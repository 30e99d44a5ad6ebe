package org.netdev4j.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.TestFeature.BASE;
import static org.netdev4j.virtio.TestFeature.LONE;
import static org.netdev4j.virtio.TestFeature.ON_BASE;
import static org.netdev4j.virtio.VirtioFeature.VERSION_1;

import java.util.List;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.netdev4j.virtio.testing.Rule;

class DriverHandshakeTest {
    private static final FeatureTable TABLE = TestFeature.table();

    private final ScriptedTransport device = new ScriptedTransport(1);

    @Test
    @Rule({"ST1", "IN1.1", "IN1.2", "IN1.3", "IN1.4", "IN1.5", "IN1.6", "IN1.8", "IN3"})
    void stepsComeInTheOrderOfTheSpecification() {
        device.offered = Features.of(VERSION_1, BASE);
        Features negotiated = negotiate(Features.of(BASE), Features.of(VERSION_1));
        DriverHandshake.ready(device);
        assertEquals(Features.of(VERSION_1, BASE), negotiated);
        assertEquals(List.of("reset", "ACKNOWLEDGE", "ACKNOWLEDGE|DRIVER", "read features", "accept {0, 32}",
                "ACKNOWLEDGE|DRIVER|FEATURES_OK", "read status", "ACKNOWLEDGE|DRIVER|DRIVER_OK|FEATURES_OK",
                "read status"), device.log);
    }

    @Test
    @Rule("ST2")
    void noBitOfTheStatusIsTakenBack() {
        device.offered = Features.of(VERSION_1);
        negotiate(Features.NONE, Features.NONE);
        DriverHandshake.ready(device);
        DriverHandshake.fail(device);
        device.refusesFeatures = true;
        assertThrows(VirtioException.class, () -> negotiate(Features.NONE, Features.NONE));
        device.refusesFeatures = false;
        device.refusesToStart = true;
        negotiate(Features.NONE, Features.NONE);
        assertThrows(VirtioException.class, () -> DriverHandshake.ready(device));
        assertEquals(0, device.statusTakenBack, DeviceStatus.describe(device.statusTakenBack));
    }

    @Test
    @DisplayName("regression 3: a feature that is not offered is never accepted")
    @Rule("FT1")
    void onlyWhatIsOfferedIsAccepted() {
        device.offered = Features.of(VERSION_1, LONE);
        negotiate(Features.of(BASE, ON_BASE, LONE), Features.NONE);
        assertEquals(Features.of(VERSION_1, LONE), device.accepted);
    }

    @Test
    @Rule("FT13.1")
    void onlyWhatIsWantedIsAcceptedButVersion1Always() {
        device.offered = Features.of(VERSION_1, BASE, LONE);
        assertEquals(Features.of(VERSION_1, LONE), negotiate(Features.of(LONE), Features.NONE));
    }

    @Test
    void whatIsNeededIsWanted() {
        device.offered = Features.of(BASE);
        assertEquals(Features.of(BASE), negotiate(Features.NONE, Features.of(BASE)));
    }

    @Test
    @Rule("FT2")
    void aBitOfferedWithoutWhatItNeedsIsIgnored() {
        device.offered = Features.of(VERSION_1, ON_BASE);
        assertEquals(Features.of(VERSION_1), negotiate(Features.of(ON_BASE), Features.NONE));
    }

    @Test
    @Rule({"FT3", "FT5"})
    void unknownBitsDoNoHarm() {
        device.offered = Features.of(VERSION_1).with(58).with(127);
        assertEquals(Features.of(VERSION_1), negotiate(new Features(-1, -1), Features.NONE));
    }

    @Test
    @DisplayName("regression 4: FEATURES_OK refused leaves FAILED and an error")
    @Rule({"IN4", "IN5"})
    void featuresRefusedMeansFailedAndAnError() {
        device.offered = Features.of(VERSION_1, BASE);
        device.refusesFeatures = true;
        VirtioException e = assertThrows(VirtioException.class, () -> negotiate(Features.of(BASE), Features.NONE));
        assertEquals("scripted: the device refuses the features [BASE, VERSION_1] of the [BASE, VERSION_1] it offers;"
                + " status is ACKNOWLEDGE|DRIVER", e.getMessage());
        assertFailed();
    }

    @Test
    @DisplayName("regression 4: a needed feature that is missing leaves FAILED and an error that names it")
    @Rule({"FT4", "FT13.2", "IN5"})
    void aMissingNeededFeatureIsNamed() {
        device.offered = Features.of(BASE).with(58);
        VirtioException e = assertThrows(VirtioException.class, () -> negotiate(Features.NONE, Features.of(VERSION_1)));
        assertEquals("scripted: the driver needs [VERSION_1], the device offers [BASE, bit 58]", e.getMessage());
        assertFailed();
        assertFalse(device.log.stream().anyMatch(step -> step.startsWith("accept")));
    }

    @Test
    void aNeededFeatureWithoutItsPrerequisiteSaysSo() {
        device.offered = Features.of(VERSION_1, ON_BASE);
        VirtioException e = assertThrows(VirtioException.class, () -> negotiate(Features.NONE, Features.of(ON_BASE)));
        assertEquals("scripted: the driver needs [ON_BASE], the device offers [ON_BASE, VERSION_1]"
                + " but not what [ON_BASE] depends on", e.getMessage());
    }

    @Test
    @Rule("RS3")
    void aDeviceThatDoesNotResetIsNotTouched() {
        device.onReset = new VirtioException("stuck");
        assertSame(device.onReset,
                assertThrows(VirtioException.class, () -> negotiate(Features.NONE, Features.NONE)));
        assertEquals(List.of("reset"), device.log);
    }

    @Test
    @Rule("ST3")
    void aFailedDeviceIsResetBeforeTheNextAttempt() {
        device.offered = Features.of(VERSION_1);
        device.refusesFeatures = true;
        assertThrows(VirtioException.class, () -> negotiate(Features.NONE, Features.NONE));
        device.refusesFeatures = false;
        device.log.clear();
        negotiate(Features.NONE, Features.NONE);
        assertEquals("reset", device.log.getFirst());
        assertEquals(0, device.status & DeviceStatus.FAILED);
    }

    @Test
    @Rule("IN5")
    void aDeviceThatNeedsAResetInsteadOfStartingIsFailed() {
        negotiate(Features.NONE, Features.NONE);
        device.refusesToStart = true;
        VirtioException e = assertThrows(VirtioException.class, () -> DriverHandshake.ready(device));
        assertTrue(e.getMessage().contains("DEVICE_NEEDS_RESET"), e.getMessage());
        assertFailed();
    }

    @Test
    void aDeviceThatThrowsInsteadOfStartingIsFailed() {
        negotiate(Features.NONE, Features.NONE);
        device.onDriverOk = new VirtioException("no TAP");
        assertSame(device.onDriverOk, assertThrows(VirtioException.class, () -> DriverHandshake.ready(device)));
        assertFailed();
    }

    private Features negotiate(Features wanted, Features needed) {
        return DriverHandshake.negotiate(device, TABLE, wanted, needed);
    }

    private void assertFailed() {
        assertNotEquals(0, device.status & DeviceStatus.FAILED);
    }
}
