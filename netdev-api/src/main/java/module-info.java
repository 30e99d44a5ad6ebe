/** The device as an application sees it ({@code NetDev}), and as a driver implements it ({@code NetDevOps}). */
@SuppressWarnings("module") // the driver it exports to is compiled later
module org.netdev4j.netdev {
    requires java.management;
    requires jdk.jfr;
    requires transitive org.netdev4j.netbuf;

    exports org.netdev4j.netdev;
    exports org.netdev4j.netdev.capture;
    exports org.netdev4j.netdev.fault;
    exports org.netdev4j.netdev.jmx;
    exports org.netdev4j.netdev.offload to org.netdev4j.virtio.net;
    exports org.netdev4j.netdev.trace;

    uses org.netdev4j.netdev.NetDevDriver;
}
