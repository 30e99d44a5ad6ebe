package org.netdev4j.virtio.queue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.RawSplitRing;

/**
 * Does what virtio 1.4 §2.7 tells a driver to do, one field at a time, with descriptors in no particular order. A buffer takes as many
 * descriptors as it has pieces, even where an indirect table makes some of them needless.
 */
final class NaiveSplitDriver implements DriverEnd {
    private final RawSplitRing ring;
    private final long tables;
    private final boolean indirect;
    private final boolean eventIndex;
    private final Random random;
    private final List<Integer> free = new ArrayList<>();
    private final Map<Integer, List<Integer>> descriptors = new HashMap<>();
    private final Map<Integer, Integer> tokens = new HashMap<>();
    private int available;
    private int used;

    /** @param tables device address of memory for an indirect table of 5 entries for each descriptor */
    NaiveSplitDriver(RawSplitRing ring, long tables, Features features, int firstIndex, long seed) {
        this.ring = ring;
        this.tables = tables;
        indirect = features.has(VirtioFeature.INDIRECT_DESC);
        eventIndex = features.has(VirtioFeature.EVENT_IDX);
        random = new Random(seed);
        for (int i = 0; i < ring.size(); i++) {
            free.add(i);
        }
        available = firstIndex;
        used = firstIndex;
        ring.availableIndex(firstIndex);
        ring.usedIndex(firstIndex);
        disarmInterrupt();
    }

    @Override
    public boolean add(Buffer buffer) {
        int count = buffer.pieces().size();
        if (free.size() < count) {
            return false;
        }
        Collections.shuffle(free, random);
        List<Integer> chain = new ArrayList<>(free.subList(0, count));
        free.subList(0, count).clear();
        int plain = indirect ? random.nextInt(count + 1) : count;
        for (int i = 0; i < plain; i++) {
            ring.descriptor(chain.get(i), address(buffer, i), length(buffer, i), flags(buffer, i),
                    next(i == count - 1 ? -1 : chain.get(i + 1)));
        }
        if (plain < count) {
            long table = tables + 5 * 16L * chain.get(plain);
            int ignored = random.nextBoolean() ? RawSplitRing.WRITE : 0;
            ring.descriptor(chain.get(plain), table, 16 * (count - plain), RawSplitRing.INDIRECT | ignored, next(-1));
            for (int i = plain; i < count; i++) {
                ring.indirect(table, i - plain, address(buffer, i), length(buffer, i), flags(buffer, i),
                        next(i == count - 1 ? -1 : i - plain + 1));
            }
        }
        descriptors.put(chain.getFirst(), chain);
        tokens.put(chain.getFirst(), buffer.token());
        ring.head(available++, chain.getFirst());
        return true;
    }

    private static long address(Buffer buffer, int i) {
        return buffer.pieces().get(i).address();
    }

    private static int length(Buffer buffer, int i) {
        return buffer.pieces().get(i).length();
    }

    private static int flags(Buffer buffer, int i) {
        return (buffer.pieces().get(i).writable() ? RawSplitRing.WRITE : 0)
                | (i == buffer.pieces().size() - 1 ? 0 : RawSplitRing.NEXT);
    }

    /** What the last descriptor has as next is nobody's business. */
    private int next(int index) {
        return index >= 0 ? index : random.nextInt(1 << 16);
    }

    @Override
    public int descriptors(Buffer buffer) {
        return buffer.pieces().size();
    }

    @Override
    public boolean publish() {
        boolean kick = false;
        while (ring.availableIndex() != (available & 0xffff)) {
            kick |= eventIndex ? ring.availableIndex() == ring.availableEvent() : ring.usedFlags() == 0;
            ring.availableIndex(ring.availableIndex() + 1);
        }
        return kick;
    }

    @Override
    public int pop(int[] poppedTokens, int[] written, int max) {
        int count = 0;
        while (count < max && hasUsed()) {
            int head = ring.usedId(used);
            written[count] = ring.usedLength(used);
            poppedTokens[count] = tokens.remove(head);
            free.addAll(descriptors.remove(head));
            used++;
            count++;
        }
        return count;
    }

    @Override
    public boolean hasUsed() {
        return (used & 0xffff) != ring.usedIndex();
    }

    @Override
    public boolean armInterrupt() {
        if (hasUsed()) {
            disarmInterrupt();
            return false;
        }
        if (eventIndex) {
            ring.usedEvent(used);
        } else {
            ring.availableFlags(0);
        }
        return true;
    }

    @Override
    public void disarmInterrupt() {
        if (eventIndex) {
            ring.usedEvent(used - 1);
        } else {
            ring.availableFlags(1);
        }
    }
}
