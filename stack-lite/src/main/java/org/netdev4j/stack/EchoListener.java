package org.netdev4j.stack;

/** Told what became of the requests of an {@link EchoClient}, on the stack's thread. */
public interface EchoListener {
    /** @param reply valid during this call only */
    void onReply(EchoReply reply);

    /**
     * A request could not be delivered.
     *
     * @param sequence of the request, 0..65535
     * @param reporter address of who said so: a router, the host, or our own when the neighbour does not answer ARP
     */
    void onError(int sequence, int reporter, IcmpError error);
}
