package org.netdev4j.virtio;

import java.util.StringJoiner;

/** Bits of the device status field, virtio 1.4 §2.1. */
public final class DeviceStatus {
    public static final int ACKNOWLEDGE = 1;
    public static final int DRIVER = 2;
    public static final int DRIVER_OK = 4;
    public static final int FEATURES_OK = 8;
    public static final int SUSPEND = 16;
    public static final int DEVICE_NEEDS_RESET = 64;
    public static final int FAILED = 128;

    private DeviceStatus() {}

    /** The names of the set bits, for a message: {@code "ACKNOWLEDGE|DRIVER"}; {@code "RESET"} if there are none. */
    public static String describe(int status) {
        if (status == 0) {
            return "RESET";
        }
        StringJoiner names = new StringJoiner("|");
        for (int bit = Integer.lowestOneBit(status); bit != 0; bit = Integer.lowestOneBit(status & -(bit << 1))) {
            names.add(switch (bit) {
                case ACKNOWLEDGE -> "ACKNOWLEDGE";
                case DRIVER -> "DRIVER";
                case DRIVER_OK -> "DRIVER_OK";
                case FEATURES_OK -> "FEATURES_OK";
                case SUSPEND -> "SUSPEND";
                case DEVICE_NEEDS_RESET -> "DEVICE_NEEDS_RESET";
                case FAILED -> "FAILED";
                default -> "0x" + Integer.toHexString(bit);
            });
        }
        return names.toString();
    }
}
