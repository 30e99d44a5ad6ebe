package org.netdev4j.virtio.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.netdev4j.virtio.testing.RawSplitRing;

/**
 * Does what virtio 1.4 §2.7 tells a driver to do, one field at a time, with descriptors in no particular order unless IN_ORDER asks
 * for one. With INDIRECT_DESC some of a buffer's pieces have descriptors, some are in a table.
 */
final class NaiveSplitDriver implements DriverEnd {
    private final RawSplitRing ring;
    private final long tables;
    private final boolean indirect;
    private final boolean eventIndex;
    private final boolean inOrder;
    private final Random random;
    private final List<Integer> free = new ArrayList<>();
    private final Map<Integer, InFlight> inFlight = new HashMap<>();
    /** With IN_ORDER: the heads made available, from the one used next on, and how many of them the last element stands for. */
    private final Deque<Integer> order = new ArrayDeque<>();
    private int batch;
    private int batchWritten;
    private int available;
    private int used;

    /** @param tables device address of memory for an indirect table of 5 entries for each descriptor */
    NaiveSplitDriver(RawSplitRing ring, long tables, RingKind kind, int firstIndex, long seed) {
        this.ring = ring;
        this.tables = tables;
        indirect = kind.indirect();
        eventIndex = kind.eventIndex();
        inOrder = kind.inOrder();
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
        int slots = descriptors(buffer);
        if (free.size() < slots) {
            return false;
        }
        if (!inOrder) {
            Collections.shuffle(free, random);
        }
        List<Integer> chain = new ArrayList<>(free.subList(0, slots));
        free.subList(0, slots).clear();
        int plain = plain(buffer);
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
        inFlight.put(chain.getFirst(), new InFlight(buffer, chain));
        if (inOrder) {
            order.add(chain.getFirst());
        }
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

    /** Pieces that have a descriptor of their own. */
    private int plain(Buffer buffer) {
        int count = buffer.pieces().size();
        return indirect ? buffer.token() % (count + 1) : count;
    }

    @Override
    public int descriptors(Buffer buffer) {
        return Math.min(plain(buffer) + 1, buffer.pieces().size());
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
            if (batch == 0) {
                readElement();
            }
            int head = inOrder ? order.remove() : ring.usedId(used);
            InFlight done = inFlight.remove(head);
            free.addAll(done.chain);
            batch--;
            poppedTokens[count] = done.buffer.token();
            written[count] = batch == 0 ? batchWritten : done.buffer.writable();
            used++;
            count++;
        }
        return count;
    }

    /** An element stands for all buffers up to the one that it names. */
    private void readElement() {
        batch = 1;
        if (inOrder) {
            for (int head : order) {
                if (head == ring.usedId(used)) {
                    break;
                }
                batch++;
            }
        }
        batchWritten = ring.usedLength(used);
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

    private record InFlight(Buffer buffer, List<Integer> chain) {}
}
