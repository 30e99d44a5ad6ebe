package org.netdev4j.virtio.net;

import org.netdev4j.netdev.NetDevInfo;

/**
 * Offsets and values of {@code struct virtio_net_config}, virtio 1.4 §5.1.4: little-endian, a field exists with its feature.
 *
 * <pre>
 *   0          6        8                     10    12      16       17
 *  +----------+--------+---------------------+-----+-------+--------+----------------------+
 *  | mac      | status | max_virtqueue_pairs | mtu | speed | duplex | rss_max_key_size     |
 *  +----------+--------+---------------------+-----+-------+--------+----------------------+
 *  | 18: rss_max_indirection_table_length (2) | 20: supported_hash_types (4)               |
 *  +------------------------------------------+--------------------------------------------+
 *  | 24: supported_tunnel_types (4)           |
 *  +------------------------------------------+
 * </pre>
 */
public final class NetConfigLayout {
    /** Six bytes, with MAC. */
    public static final int MAC = 0;
    /** 16 bits, with STATUS. */
    public static final int STATUS = 6;
    /** 16 bits, with MQ or RSS. */
    public static final int MAX_VIRTQUEUE_PAIRS = 8;
    /** 16 bits, with MTU. */
    public static final int MTU = 10;
    /** 32 bits, Mbit/s, with SPEED_DUPLEX. */
    public static final int SPEED = 12;
    /** 8 bits, with SPEED_DUPLEX. */
    public static final int DUPLEX = 16;
    /** 8 bits, with RSS or HASH_REPORT. */
    public static final int RSS_MAX_KEY_SIZE = 17;
    /** 16 bits, with RSS. */
    public static final int RSS_MAX_INDIRECTION_TABLE_LENGTH = 18;
    /** 32 bits, with RSS or HASH_REPORT. */
    public static final int SUPPORTED_HASH_TYPES = 20;
    /** 32 bits, with HASH_TUNNEL. */
    public static final int SUPPORTED_TUNNEL_TYPES = 24;

    /** Bytes of the whole structure. */
    public static final int LENGTH = 28;

    /** {@link #STATUS}: frames can get through. */
    public static final int STATUS_LINK_UP = 1;
    /** {@link #STATUS}: the driver is asked to announce itself, with GUEST_ANNOUNCE. */
    public static final int STATUS_ANNOUNCE = 2;

    /** {@link #DUPLEX}: one direction at a time. */
    public static final int DUPLEX_HALF = 0;
    /** {@link #DUPLEX}: both directions at once (virtio 1.4 §5.1.4; §5.1.4.1 has them exchanged). */
    public static final int DUPLEX_FULL = 1;

    /** Smallest legal {@link #MTU}, bytes (virtio 1.4 §5.1.4.1). */
    public static final int MIN_MTU = NetDevInfo.MIN_MTU;
    /** Largest legal {@link #MTU}, bytes. */
    public static final int MAX_MTU = 65535;

    private NetConfigLayout() {}
}
