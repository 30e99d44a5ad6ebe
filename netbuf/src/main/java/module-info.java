/** Off-heap memory regions, packet buffers, pools and scatter-gather lists. */
module org.netdev4j.netbuf {
    requires org.jctools.core.jdk11;

    exports org.netdev4j.netbuf;
}
