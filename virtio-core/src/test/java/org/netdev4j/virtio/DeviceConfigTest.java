package org.netdev4j.virtio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.netdev4j.virtio.testing.Rule;

class DeviceConfigTest {
    private final ScriptedTransport device = new ScriptedTransport(1);
    private final DeviceConfig config = new DeviceConfig(device);

    @Test
    void fieldsAreLittleEndianAndUnsigned() {
        device.config = new byte[]{(byte) 0xfe, (byte) 0xff, 3, 4, 5, 6, 7, (byte) 0x88};
        assertEquals(0xfe, config.u8(0));
        assertEquals(0xfffe, config.u16(0));
        assertEquals(0x0403fffe, config.u32(0));
        assertEquals(0x88070605_0403fffeL, config.u64(0));
        assertArrayEquals(new byte[]{3, 4, 5}, config.bytes(2, 3));
    }

    @Test
    @Rule({"CF1", "CF2"})
    void aFieldIsOfOneGenerationThoughItChangesWhileItIsRead() {
        device.config = new byte[6];
        int[] reads = new int[1];
        device.onConfigRead = () -> {
            if (++reads[0] == 3) {
                Arrays.fill(device.config, (byte) 1);
                device.generation++;
            }
        };
        assertArrayEquals(new byte[]{1, 1, 1, 1, 1, 1}, config.bytes(0, 6));
        assertEquals(12, reads[0], "read again once, no more");
    }

    @Test
    @Rule({"CF1", "CF2"})
    void a64BitFieldIsOfOneGeneration() {
        device.config = new byte[8];
        int[] reads = new int[1];
        device.onConfigRead = () -> {
            if (++reads[0] == 4) {
                Arrays.fill(device.config, (byte) 0xff);
                device.generation++;
            }
        };
        assertEquals(-1L, config.u64(0));
    }

    @Test
    void aConfigurationThatNeverStandsStillIsAnErrorNotAHang() {
        device.config = new byte[6];
        device.onConfigRead = () -> device.generation++;
        VirtioException e = assertThrows(VirtioException.class, () -> config.bytes(0, 6));
        assertTrue(e.getMessage().contains("changed during each"), e.getMessage());
    }

    @Test
    @Rule("CF4.2")
    void aFieldBeyondTheEndIsRefused() {
        device.config = new byte[6];
        assertTrue(config.has(4, 2));
        assertFalse(config.has(5, 2));
        assertFalse(config.has(-1, 2));
        assertFalse(config.has(Integer.MAX_VALUE, Integer.MAX_VALUE));
        assertEquals("scripted: configuration field of 2 bytes at 6, the device has 6 bytes",
                assertThrows(VirtioException.class, () -> config.u16(6)).getMessage());
        assertThrows(VirtioException.class, () -> config.u8(6));
        assertThrows(VirtioException.class, () -> config.u32(4));
        assertThrows(VirtioException.class, () -> config.u64(0));
        assertThrows(VirtioException.class, () -> config.bytes(1, 6));
    }
}
