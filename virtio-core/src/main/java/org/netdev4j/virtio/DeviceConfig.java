package org.netdev4j.virtio;

/**
 * The device configuration as a driver reads it: fields of several accesses are consistent, because the generation is read
 * before and after and the access repeated until it stands still (virtio 1.4 §2.5.1). Every read checks that the
 * configuration is large enough; that the feature of an optional field is offered is for the caller to check.
 */
public final class DeviceConfig {
    /** A device that changes its configuration more often than this during one read is broken. */
    private static final int MAX_ATTEMPTS = 1000;

    private final VirtioTransport device;

    public DeviceConfig(VirtioTransport device) {
        this.device = device;
    }

    /** True if the configuration reaches to the end of the field: it may be shorter than the specification of today. */
    public boolean has(int offset, int bytes) {
        return offset >= 0 && bytes >= 0 && offset <= device.configSize() - bytes;
    }

    /**
     * One byte, unsigned.
     *
     * @throws VirtioException if the configuration is too small
     */
    public int u8(int offset) {
        check(offset, 1);
        return device.readConfig8(offset) & 0xff;
    }

    /** A le16 at a multiple of 2, unsigned. */
    public int u16(int offset) {
        check(offset, 2);
        return device.readConfig16(offset) & 0xffff;
    }

    /** A le32 at a multiple of 4. */
    public int u32(int offset) {
        check(offset, 4);
        return device.readConfig32(offset);
    }

    /** A le64 at a multiple of 4, both halves of one generation. */
    public long u64(int offset) {
        check(offset, 8);
        long[] value = new long[1];
        consistently(() -> value[0] = Integer.toUnsignedLong(device.readConfig32(offset))
                | (long) device.readConfig32(offset + 4) << 32);
        return value[0];
    }

    /** An array of bytes (a MAC address), all of one generation. */
    public byte[] bytes(int offset, int count) {
        check(offset, count);
        byte[] bytes = new byte[count];
        consistently(() -> {
            for (int i = 0; i < count; i++) {
                bytes[i] = (byte) device.readConfig8(offset + i);
            }
        });
        return bytes;
    }

    /**
     * Several fields of one generation.
     *
     * @param read reads them from the transport; run again whenever the configuration changed meanwhile
     * @throws VirtioException if it never stands still
     */
    public void consistently(Runnable read) {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            int generation = device.configGeneration();
            read.run();
            if (device.configGeneration() == generation) {
                return;
            }
        }
        throw new VirtioException(
                device.name() + ": the configuration changed during each of " + MAX_ATTEMPTS + " reads");
    }

    private void check(int offset, int bytes) {
        if (!has(offset, bytes)) {
            throw new VirtioException(device.name() + ": configuration field of " + bytes + " bytes at " + offset
                    + ", the device has " + device.configSize() + " bytes");
        }
    }
}
