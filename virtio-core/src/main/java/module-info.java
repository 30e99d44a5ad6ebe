/** Virtio as both ends see it: features, status, virtqueues, bus, transports, and the Linux calls they need. */
module org.netdev4j.virtio {
    requires transitive org.netdev4j.netbuf;
    requires transitive org.agrona;
    requires org.jctools.core.jdk11;
    requires org.slf4j;

    exports org.netdev4j.virtio;
    exports org.netdev4j.virtio.queue;
    exports org.netdev4j.virtio.device;
    exports org.netdev4j.virtio.linux;
    exports org.netdev4j.virtio.transport.inprocess;
    exports org.netdev4j.virtio.transport.vhostuser;
}
