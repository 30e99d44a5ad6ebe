package org.netdev4j.netdev;

import java.util.Arrays;
import java.util.Set;

/**
 * How a device spreads packets over receive queues by a Toeplitz hash of their flow: the low bits of the hash choose an entry
 * of the table. Not to be compared.
 *
 * @param types what is hashed; the most specific type of a packet counts
 * @param key of the hash, as long as the device takes
 * @param table receive queues, a power of two of entries
 * @param unclassified receive queue of packets without a hash
 */
@SuppressWarnings("ArrayRecordComponent")
public record RssConfig(Set<FlowHashType> types, byte[] key, int[] table, int unclassified) {
    /** @throws IllegalArgumentException if the table is not a power of two long, or names a negative queue */
    public RssConfig {
        types = Set.copyOf(types);
        key = key.clone();
        table = table.clone();
        if (Integer.bitCount(table.length) != 1) {
            throw new IllegalArgumentException(table.length + " entries are not a power of two");
        }
        if (unclassified < 0 || Arrays.stream(table).anyMatch(queue -> queue < 0)) {
            throw new IllegalArgumentException("no receive queue is negative");
        }
    }

    @Override
    public byte[] key() {
        return key.clone();
    }

    @Override
    public int[] table() {
        return table.clone();
    }

    /** Every queue as often as any other, {@code entries} in all. */
    public static RssConfig even(Set<FlowHashType> types, byte[] key, int entries, int queues) {
        int[] table = new int[entries];
        Arrays.setAll(table, i -> i % queues);
        return new RssConfig(types, key, table, 0);
    }
}
