package org.netdev4j.virtio.net;

/**
 * What a flow hash is made of (virtio 1.4 §5.1.9.4.3): the bits of {@code supported_hash_types} and {@code hash_types}, and
 * what {@code hash_report} says of a frame. In the order of the specification.
 */
public enum HashType {
    /** Source and destination address. */
    IPV4(1),
    /** Addresses and ports. */
    TCPV4(2),
    UDPV4(3),
    IPV6(4),
    TCPV6(5),
    UDPV6(6),
    /** Addresses, those of a home address option and a routing header before those of the header. */
    IPV6_EX(7),
    TCPV6_EX(8),
    UDPV6_EX(9);

    /** {@code hash_report} of a frame without a hash. */
    public static final int REPORT_NONE = 0;

    /** Bits of all types. */
    public static final int ALL_BITS = (1 << values().length) - 1;

    private final int report;

    HashType(int report) {
        this.report = report;
    }

    /** In {@code hash_types}. */
    public int bit() {
        return 1 << (report - 1);
    }

    /** In {@code hash_report}. */
    public int report() {
        return report;
    }
}
