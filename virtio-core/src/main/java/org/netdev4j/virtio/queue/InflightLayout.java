package org.netdev4j.virtio.queue;

import java.lang.foreign.MemorySegment;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;

/**
 * What a vhost-user back-end writes down of the buffers that it has taken, for the next one should it be killed. One record for
 * each queue, in native byte order:
 *
 * <pre>
 *   split    0          8         10         12                14         16
 *           +----------+---------+----------+-----------------+----------+
 *           | features | version | size     | last batch head | used idx |
 *           +----------+---------+----------+-----------------+----------+
 *   entry    0          1         6         8         16
 *           +----------+---------+---------+---------+
 *           | inflight |         | next    | counter |  x size, by descriptor
 *           +----------+---------+---------+---------+
 *
 *   packed   0          8         10     12          14              16         18             20          21              32
 *           +----------+---------+------+-----------+---------------+----------+--------------+-----------+--------------+
 *           | features | version | size | free head | old free head | used idx | old used idx | used wrap | old used wrap |
 *           +----------+---------+------+-----------+---------------+----------+--------------+-----------+--------------+
 *   entry    0          2      4      6     8         16   18      20       24        32
 *           +----------+------+------+-----+---------+----+-------+--------+---------+
 *           | inflight | next | last | num | counter | id | flags | length | address |  x size, as lists
 *           +----------+------+------+-----+---------+----+-------+--------+---------+
 * </pre>
 */
final class InflightLayout {
    static final long VERSION_OFFSET = 8;
    static final long SIZE_OFFSET = 10;
    /** Of a record that was begun; 0 before. */
    static final int VERSION = 1;

    static final long LAST_BATCH_HEAD_OFFSET = 12;
    static final long SPLIT_USED_INDEX_OFFSET = 14;

    static final long FREE_HEAD_OFFSET = 12;
    static final long OLD_FREE_HEAD_OFFSET = 14;
    static final long USED_INDEX_OFFSET = 16;
    static final long OLD_USED_INDEX_OFFSET = 18;
    static final long USED_WRAP_OFFSET = 20;
    static final long OLD_USED_WRAP_OFFSET = 21;

    /** In an entry, of both kinds. */
    static final long INFLIGHT_OFFSET = 0;
    static final long COUNTER_OFFSET = 8;

    static final long SPLIT_NEXT_OFFSET = 6;

    static final long NEXT_OFFSET = 2;
    static final long LAST_OFFSET = 4;
    static final long SLOTS_OFFSET = 6;
    static final long ID_OFFSET = 16;
    static final long FLAGS_OFFSET = 18;
    static final long LENGTH_OFFSET = 20;
    static final long ADDRESS_OFFSET = 24;

    private static final int SPLIT_HEADER_BYTES = 16;
    private static final int SPLIT_ENTRY_BYTES = 16;
    private static final int HEADER_BYTES = 32;
    private static final int ENTRY_BYTES = 32;
    /** Records are as far apart as DPDK has them. */
    private static final int ALIGNMENT = 64;

    private InflightLayout() {}

    static long recordBytes(int size, Features features) {
        long bytes = features.has(VirtioFeature.RING_PACKED) ? entry(size) : splitEntry(size);
        return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Offset of an entry of a split queue. */
    static long splitEntry(int index) {
        return SPLIT_HEADER_BYTES + (long) index * SPLIT_ENTRY_BYTES;
    }

    /** Offset of an entry of a packed queue. */
    static long entry(int index) {
        return HEADER_BYTES + (long) index * ENTRY_BYTES;
    }

    /**
     * A record of a queue of {@code size}.
     *
     * @throws VirtioException if it was begun for another size, or in another version
     */
    static MemorySegment checked(MemorySegment record, int size) {
        int version = InflightField.get16(record, VERSION_OFFSET);
        int recorded = InflightField.get16(record, SIZE_OFFSET);
        if (version != 0 && (version != VERSION || recorded != size)) {
            throw corrupt("version " + version + " for " + recorded + " descriptors, expected are version " + VERSION
                    + " and " + size);
        }
        return record;
    }

    /** @throws VirtioException because of what the last back-end, or the front-end, has left there */
    static VirtioException corrupt(String what) {
        return new VirtioException("in-flight record: " + what);
    }
}
