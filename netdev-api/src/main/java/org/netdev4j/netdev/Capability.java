package org.netdev4j.netdev;

import java.util.Locale;

/** What a device can do for its user; offloads per direction. */
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
    /** Cuts TCP with the CWR flag into segments, where it cuts TCP. */
    TX_TSO_ECN,
    /** Cuts UDP over IPv4 and IPv6 into datagrams. */
    TX_USO,
    /** May deliver TCP over IPv4 larger than the MTU. */
    RX_TSO4,
    /** May deliver TCP over IPv6 larger than the MTU. */
    RX_TSO6,
    /** May deliver TCP with the CWR flag larger than the MTU. */
    RX_TSO_ECN,
    /** May deliver UDP over IPv4 larger than the MTU. */
    RX_USO4,
    /** May deliver UDP over IPv6 larger than the MTU. */
    RX_USO6,
    /** Reports link changes. */
    LINK_STATE,
    /** Can deliver frames to any destination. */
    PROMISCUOUS,
    /** Can deliver frames to any multicast address. */
    ALL_MULTICAST,
    /** Lets in or keeps out frames by {@link ReceiveMode}. */
    RECEIVE_MODES,
    /** Delivers multicast frames to the addresses of a list, and no others. */
    MULTICAST_LIST,
    /** Delivers frames with the VLAN ids of a list, and no others. */
    VLAN_FILTER,
    /** Spreads packets over its receive queues by a hash that its user configures. */
    RSS,
    /** Tells the hash of a packet's flow. */
    FLOW_HASH,
    /** Holds interrupts back, all of a direction alike. */
    COALESCING,
    /** Holds interrupts back, each queue in its own way. */
    QUEUE_COALESCING,
    /** Changes its receive offloads while it runs. */
    RX_OFFLOADS_SET,
    /** Takes another MAC address. */
    MAC_SET,
    /** Takes another MTU. */
    MTU_SET;

    /** For a person: "tx-checksum". */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
