package org.netdev4j.netdev;

/** What a device can do for its user, per direction. */
public enum Capability {
    /** Wakes a thread when packets arrive ({@link RxQueue#armInterrupt()}). */
    RX_INTERRUPT,
    /** Wakes a thread when transmit space comes back ({@link TxQueue#armInterrupt()}). */
    TX_INTERRUPT,
    /** Completes a checksum that a packet asks for with {@code CHECKSUM_PARTIAL}. */
    TX_CHECKSUM,
    /** May deliver packets with {@code CHECKSUM_PARTIAL} or {@code CHECKSUM_VALID}. */
    RX_CHECKSUM,
    /** Cuts TCP over IPv4 into segments. */
    TX_TSO4,
    /** Cuts TCP over IPv6 into segments. */
    TX_TSO6,
    /** May deliver TCP over IPv4 larger than the MTU. */
    RX_TSO4,
    /** May deliver TCP over IPv6 larger than the MTU. */
    RX_TSO6,
    /** Reports link changes. */
    LINK_STATE,
    /** Can deliver frames to any destination. */
    PROMISCUOUS,
    /** Takes another MAC address. */
    MAC_SET,
    /** Takes another MTU. */
    MTU_SET
}
