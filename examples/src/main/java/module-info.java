/** The netdev4j command line. */
module org.netdev4j.examples {
    requires org.netdev4j.virtio.net;
    requires org.netdev4j.stack;
    requires info.picocli;
    requires java.management;
    requires jdk.attach;

    opens org.netdev4j.examples to info.picocli;
}
