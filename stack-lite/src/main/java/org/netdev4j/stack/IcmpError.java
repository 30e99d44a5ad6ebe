package org.netdev4j.stack;

/** Why a packet was not delivered (RFC 792, RFC 1122 §3.2.2.1). */
public enum IcmpError {
    NET_UNREACHABLE("Destination Net Unreachable"),
    HOST_UNREACHABLE("Destination Host Unreachable"),
    PROTOCOL_UNREACHABLE("Destination Protocol Unreachable"),
    PORT_UNREACHABLE("Destination Port Unreachable"),
    FRAGMENTATION_NEEDED("Frag needed and DF set"),
    SOURCE_ROUTE_FAILED("Source Route Failed"),
    FILTERED("Packet filtered"),
    TTL_EXCEEDED("Time to live exceeded"),
    OTHER("Destination Unreachable");

    private final String description;

    IcmpError(String description) {
        this.description = description;
    }

    /** The words of ping(8). */
    public String description() {
        return description;
    }
}
