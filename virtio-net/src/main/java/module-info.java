/** The virtio-net driver, the device model, and the back-ends a device can have. */
module org.netdev4j.virtio.net {
    requires transitive org.netdev4j.netdev;
    requires transitive org.netdev4j.virtio;
    requires org.slf4j;

    exports org.netdev4j.virtio.net;
    exports org.netdev4j.virtio.net.backend;
    exports org.netdev4j.virtio.net.device;

    provides org.netdev4j.netdev.NetDevDriver with org.netdev4j.virtio.net.VirtioNetDevices;
}
