package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;

/**
 * Two ends of a queue and, beside them, what a queue is: buffers that move from list to list. Each {@link Step} is done by an
 * end and by the lists, and both must agree on everything that can be seen.
 */
final class Scenario {
    private final DriverEnd driver;
    private final DeviceEnd device;
    private final int size;
    private final long buffers;

    /** Where each buffer is on its way round. */
    private final Deque<Buffer> added = new ArrayDeque<>();
    private final Deque<Buffer> available = new ArrayDeque<>();
    private final List<Held> taken = new ArrayList<>();
    private final Deque<Used> completed = new ArrayDeque<>();
    private final Deque<Used> used = new ArrayDeque<>();

    private final Wish interrupt;
    private final Wish kick;
    /** Index in {@link #taken} from which on no later buffer was completed: these can be put back. */
    private int firstThatCanBePutBack;
    private int nextToken;
    private final int[] tokens;
    private final int[] written;

    /**
     * Two new ends.
     *
     * @param buffers device address of memory for the buffers, 256 bytes for each piece
     */
    Scenario(DriverEnd driver, DeviceEnd device, int size, Features features, long buffers) {
        this.driver = driver;
        this.device = device;
        this.size = size;
        this.buffers = buffers;
        interrupt = new Wish(features.has(VirtioFeature.EVENT_IDX));
        kick = new Wish(features.has(VirtioFeature.EVENT_IDX));
        kick.wanted = true;
        tokens = new int[size];
        written = new int[size];
    }

    void run(Step step) {
        switch (step) {
            case Step.Add(List<Integer> lengths, int firstWritable) -> add(lengths, firstWritable);
            case Step.Publish() -> publish();
            case Step.Pop(int max) -> pop(max % (size + 1));
            case Step.ArmInterrupt() -> {
                interrupt.wanted = used.isEmpty();
                assertEquals(interrupt.wanted, driver.armInterrupt(), "interrupt armed");
            }
            case Step.DisarmInterrupt() -> {
                interrupt.wanted = false;
                driver.disarmInterrupt();
            }
            case Step.Take(int most) -> take(most);
            case Step.PutBack(int count) -> putBack(count % (taken.size() - firstThatCanBePutBack + 1));
            case Step.Complete(int which, int bytes) -> complete(which, bytes);
            case Step.PublishUsed() -> publishUsed();
            case Step.ArmKick() -> {
                kick.wanted = available.isEmpty();
                assertEquals(kick.wanted, device.armKick(), "kick armed");
            }
            case Step.DisarmKick() -> {
                kick.wanted = false;
                device.disarmKick();
            }
        }
        assertEquals(!available.isEmpty(), device.hasAvailable(), "available");
        assertEquals(!used.isEmpty(), driver.hasUsed(), "used");
    }

    /** True if the step would find nothing to do. */
    boolean isIdle(Step step) {
        return switch (step) {
            case Step.Add(List<Integer> lengths, int firstWritable) -> descriptorsInFlight() + lengths.size() > size;
            case Step.Publish() -> added.isEmpty();
            case Step.Pop(int max) -> used.isEmpty();
            case Step.Take(int most) -> available.isEmpty();
            case Step.PutBack(int count) -> taken.size() == firstThatCanBePutBack;
            case Step.Complete(int which, int bytes) -> taken.isEmpty();
            case Step.PublishUsed() -> completed.isEmpty();
            default -> false;
        };
    }

    /** Buffers added and not popped. */
    List<Buffer> inFlight() {
        List<Buffer> all = new ArrayList<>();
        all.addAll(added);
        all.addAll(available);
        taken.forEach(held -> all.add(held.buffer));
        completed.forEach(buffer -> all.add(buffer.buffer));
        used.forEach(buffer -> all.add(buffer.buffer));
        return all;
    }

    int descriptorsInFlight() {
        return inFlight().stream().mapToInt(driver::descriptors).sum();
    }

    private void add(List<Integer> lengths, int firstWritable) {
        List<Buffer.Piece> pieces = new ArrayList<>();
        for (int i = 0; i < Math.min(lengths.size(), size); i++) {
            long address = buffers + 256L * ((nextToken * 7L + i) % 64);
            pieces.add(new Buffer.Piece(address, lengths.get(i), i >= firstWritable));
        }
        Buffer buffer = new Buffer(nextToken++, pieces);
        boolean fits = driver.descriptors(buffer) <= size - descriptorsInFlight();
        assertEquals(fits, driver.add(buffer), "added");
        if (fits) {
            added.add(buffer);
        }
    }

    private void publish() {
        assertEquals(!added.isEmpty() && kick.grant(), driver.publish(), "kick");
        available.addAll(added);
        added.clear();
    }

    private void take(int most) {
        for (int i = 0; i < most; i++) {
            DeviceEnd.Taken got = device.next();
            if (available.isEmpty()) {
                assertNull(got);
                return;
            }
            assertNotNull(got);
            Buffer buffer = available.remove();
            assertEquals(buffer.pieces(), got.pieces());
            taken.add(new Held(got.id(), buffer));
        }
    }

    private void putBack(int count) {
        device.putBack(count);
        for (int i = 0; i < count; i++) {
            available.addFirst(taken.removeLast().buffer);
        }
    }

    private void complete(int which, int bytes) {
        if (!taken.isEmpty()) {
            int index = which % taken.size();
            Held held = taken.remove(index);
            int length = bytes % (held.buffer.writable() + 1);
            device.complete(held.id, length);
            completed.add(new Used(held.buffer, length));
            firstThatCanBePutBack = index < firstThatCanBePutBack ? firstThatCanBePutBack - 1 : index;
        }
    }

    private void publishUsed() {
        assertEquals(!completed.isEmpty() && interrupt.grant(), device.publish(), "interrupt");
        used.addAll(completed);
        completed.clear();
    }

    private void pop(int max) {
        int count = Math.min(max, used.size());
        assertEquals(count, driver.pop(tokens, written, max), "popped");
        for (int i = 0; i < count; i++) {
            Used expected = used.remove();
            assertEquals(expected.buffer.token(), tokens[i]);
            assertEquals(expected.length, written[i]);
        }
    }

    /** Whether an end wants a notification: once with EVENT_IDX, until it says otherwise without. */
    private static final class Wish {
        final boolean once;
        boolean wanted;

        Wish(boolean once) {
            this.once = once;
        }

        boolean grant() {
            boolean granted = wanted;
            wanted &= !once;
            return granted;
        }
    }

    private record Held(int id, Buffer buffer) {}

    private record Used(Buffer buffer, int length) {}
}
