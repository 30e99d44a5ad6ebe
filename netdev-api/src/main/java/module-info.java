/** The device as an application sees it ({@code NetDev}), and as a driver implements it ({@code NetDevOps}). */
module org.netdev4j.netdev {
    requires transitive org.netdev4j.netbuf;

    exports org.netdev4j.netdev;
    exports org.netdev4j.netdev.capture;
    exports org.netdev4j.netdev.fault;

    uses org.netdev4j.netdev.NetDevDriver;
}
