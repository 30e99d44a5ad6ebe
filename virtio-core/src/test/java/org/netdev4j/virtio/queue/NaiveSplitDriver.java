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

/** Does what virtio 1.4 §2.7 tells a driver to do, one field at a time, with descriptors in no particular order. */
final class NaiveSplitDriver implements DriverEnd {
    private final RawSplitRing ring;
    private final boolean eventIndex;
    private final Random random;
    private final List<Integer> free = new ArrayList<>();
    private final Map<Integer, List<Integer>> descriptors = new HashMap<>();
    private final Map<Integer, Integer> tokens = new HashMap<>();
    private int available;
    private int used;

    NaiveSplitDriver(RawSplitRing ring, Features features, int firstIndex, long seed) {
        this.ring = ring;
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
        for (int i = 0; i < count; i++) {
            Buffer.Piece piece = buffer.pieces().get(i);
            boolean last = i == count - 1;
            int flags = (piece.writable() ? RawSplitRing.WRITE : 0) | (last ? 0 : RawSplitRing.NEXT);
            int next = last ? random.nextInt(1 << 16) : chain.get(i + 1);
            ring.descriptor(chain.get(i), piece.address(), piece.length(), flags, next);
        }
        descriptors.put(chain.getFirst(), chain);
        tokens.put(chain.getFirst(), buffer.token());
        ring.head(available++, chain.getFirst());
        return true;
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
