package org.netdev4j.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class DeviceStatusTest {
    @Test
    void bitsAreNamedInTheirOrder() {
        assertEquals("RESET", DeviceStatus.describe(0));
        assertEquals("ACKNOWLEDGE|DRIVER|DRIVER_OK|FEATURES_OK|SUSPEND|DEVICE_NEEDS_RESET|FAILED",
                DeviceStatus.describe(1 | 2 | 4 | 8 | 16 | 64 | 128));
    }

    @Test
    void bitsWithoutANameAreNumbers() {
        assertEquals("DRIVER|0x20|0x80000000", DeviceStatus.describe(2 | 0x20 | 0x8000_0000));
    }
}
