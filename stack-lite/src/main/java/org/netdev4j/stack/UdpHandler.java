package org.netdev4j.stack;

/** Receives the datagrams of one UDP port. */
@FunctionalInterface
public interface UdpHandler {
    /**
     * Called on the stack's thread for each datagram; must not block.
     *
     * @param datagram valid during this call only; freed afterwards unless it was answered or taken
     */
    void onDatagram(UdpDatagram datagram);
}
