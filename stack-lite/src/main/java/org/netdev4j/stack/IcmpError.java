package org.netdev4j.stack;

import org.netdev4j.stack.wire.IcmpHeader;

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

    private static final IcmpError[] BY_UNREACHABLE_CODE = {NET_UNREACHABLE, HOST_UNREACHABLE, PROTOCOL_UNREACHABLE,
        PORT_UNREACHABLE, FRAGMENTATION_NEEDED, SOURCE_ROUTE_FAILED, NET_UNREACHABLE, HOST_UNREACHABLE, OTHER,
        FILTERED, FILTERED, NET_UNREACHABLE, HOST_UNREACHABLE, FILTERED};

    private final String description;

    IcmpError(String description) {
        this.description = description;
    }

    /** The words of ping(8). */
    public String description() {
        return description;
    }

    /** The error of an ICMP message of type Time Exceeded or Destination Unreachable. */
    static IcmpError of(int type, int code) {
        if (type == IcmpHeader.TIME_EXCEEDED) {
            return TTL_EXCEEDED;
        }
        return code < BY_UNREACHABLE_CODE.length ? BY_UNREACHABLE_CODE[code] : OTHER;
    }
}
