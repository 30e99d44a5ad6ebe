package org.netdev4j.virtio.net;

/**
 * Commands of the control queue and their layout, virtio 1.4 §5.1.9.5: little-endian, without padding.
 *
 * <pre>
 *   0       1         2
 *  +-------+---------+------------------+-----+-------------------------+
 *  | class | command | data             | ack | result, of STATS alone  |
 *  +-------+---------+------------------+-----+-------------------------+
 *  | readable by the device             | written by the device         |
 *
 *  MAC TABLE_SET    | entries (4) | entries * 6 | entries (4) | entries * 6 |    unicast, then multicast
 *
 *  MQ RSS_CONFIG    | hash_types (4) | indirection_table_mask (2) | unclassified_queue (2) |
 *                   | indirection_table (2 * (mask + 1)) | max_tx_vq (2) | key length (1) | key |
 *  MQ HASH_CONFIG   | hash_types (4) | reserved (8) | key length (1) | key |
 *
 *  NOTF_COAL TX_SET | max_packets (4) | max_usecs (4) |              RX_SET alike
 *  NOTF_COAL VQ_SET | vq_index (2) | reserved (2) | max_packets (4) | max_usecs (4) |
 *  NOTF_COAL VQ_GET | vq_index (2) | reserved (2) |                  the result is as VQ_SET's data
 *
 *  STATS GET        | entries, each: vq_index (2) | reserved (6) | types_bitmap (8) |
 * </pre>
 */
public final class ControlLayout {
    /** Bytes of class and command. */
    public static final int HEADER = 2;

    /** {@code ack}: done. */
    public static final int OK = 0;
    /** {@code ack}: not done. */
    public static final int ERR = 1;

    /** Data of its commands: one byte, 0 or 1. */
    public static final int CLASS_RX = 0;
    public static final int RX_PROMISC = 0;
    public static final int RX_ALLMULTI = 1;
    /** This and those that follow with CTRL_RX_EXTRA. */
    public static final int RX_ALLUNI = 2;
    public static final int RX_NOMULTI = 3;
    public static final int RX_NOUNI = 4;
    public static final int RX_NOBCAST = 5;

    public static final int CLASS_MAC = 1;
    public static final int MAC_TABLE_SET = 0;
    /** Data: six bytes. */
    public static final int MAC_ADDR_SET = 1;

    /** Data of its commands: an id, 16 bits. */
    public static final int CLASS_VLAN = 2;
    public static final int VLAN_ADD = 0;
    public static final int VLAN_DEL = 1;

    public static final int CLASS_ANNOUNCE = 3;
    /** No data. */
    public static final int ANNOUNCE_ACK = 0;

    public static final int CLASS_MQ = 4;
    /** Data: pairs, 16 bits. */
    public static final int MQ_VQ_PAIRS_SET = 0;
    public static final int MQ_RSS_CONFIG = 1;
    public static final int MQ_HASH_CONFIG = 2;

    public static final int CLASS_GUEST_OFFLOADS = 5;
    /** Data: 64 bits, those of the features GUEST_CSUM to GUEST_UFO and GUEST_USO4, GUEST_USO6. */
    public static final int GUEST_OFFLOADS_SET = 0;

    public static final int CLASS_NOTF_COAL = 6;
    public static final int NOTF_COAL_TX_SET = 0;
    public static final int NOTF_COAL_RX_SET = 1;
    public static final int NOTF_COAL_VQ_SET = 2;
    public static final int NOTF_COAL_VQ_GET = 3;

    public static final int CLASS_STATS = 8;
    /** No data; the result is the bitmap of supported types, 64 bits. */
    public static final int STATS_QUERY = 0;
    public static final int STATS_GET = 1;

    /** Bits of the types of statistics, which are their numbers in a result too. */
    public static final int STATS_RX_BASIC = 0;
    public static final int STATS_RX_CSUM = 1;
    public static final int STATS_RX_GSO = 2;
    public static final int STATS_RX_SPEED = 3;
    public static final int STATS_TX_BASIC = 16;
    public static final int STATS_TX_CSUM = 17;
    public static final int STATS_TX_GSO = 18;
    public static final int STATS_TX_SPEED = 19;
    public static final int STATS_CVQ = 32;

    private ControlLayout() {}
}
