package org.netdev4j.virtio.net;

import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevException;

/** A program that opens a device and says what came of it. */
final class OpenDevice {
    private OpenDevice() {}

    public static void main(String[] arguments) {
        try (NetDev device = NetDev.open(arguments[0])) {
            System.out.println("opened " + device.name());
        } catch (NetDevException e) {
            System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }
}
