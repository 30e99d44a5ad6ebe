package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Two ends of a queue and, beside them, what a queue is: buffers that move from list to list. Each {@link Step} is done by an
 * end and by the lists, and both must agree on everything that can be seen. What an end wrote gets to the other after each
 * step, the bytes of buffers when they change hands.
 */
final class Scenario {
    /** Pieces of buffers that the memory has to have room for: those of 300 buffers. */
    static final int PIECES = 1500;

    private final DriverEnd driver;
    private final DeviceEnd device;
    private final RingKind kind;
    private final int size;
    private final BounceMemory memory;
    private final Deque<Integer> freePieces = new ArrayDeque<>();
    private int nextPiece;

    /** Where each buffer is on its way round. */
    private final Deque<Buffer> added = new ArrayDeque<>();
    private final Deque<Buffer> available = new ArrayDeque<>();
    private final List<Held> taken = new ArrayList<>();
    private final Deque<Used> completed = new ArrayDeque<>();
    private final Deque<Used> used = new ArrayDeque<>();
    private int inFlight;
    private int descriptorsInFlight;

    private final Wish interrupt = new Wish();
    private final Wish kick = new Wish();
    /** Index in {@link #taken} from which on no later buffer was completed: these can be put back. */
    private int firstThatCanBePutBack;
    private int nextToken;
    private final int[] tokens;
    private final int[] written;

    /** Two new ends that share {@code memory} already. */
    Scenario(DriverEnd driver, DeviceEnd device, RingKind kind, int size, BounceMemory memory) {
        this.driver = driver;
        this.device = device;
        this.kind = kind;
        this.size = size;
        this.memory = memory;
        kick.arm(true);
        tokens = new int[size];
        written = new int[size];
        memory.deviceWrote();
    }

    void run(Step step) {
        switch (step) {
            case Step.ByDriver byDriver -> {
                runDriver(byDriver);
                memory.driverWrote();
            }
            case Step.ByDevice byDevice -> {
                runDevice(byDevice);
                memory.deviceWrote();
            }
        }
        assertEquals(!available.isEmpty(), device.hasAvailable(), "available");
        assertEquals(!used.isEmpty(), driver.hasUsed(), "used");
    }

    private void runDriver(Step.ByDriver step) {
        switch (step) {
            case Step.Add(List<Integer> lengths, int firstWritable) -> add(lengths, firstWritable);
            case Step.Publish() -> publish();
            case Step.Pop(int max) -> pop(max % (size + 1));
            case Step.ArmInterrupt() -> {
                interrupt.arm(used.isEmpty());
                assertEquals(interrupt.wanted, driver.armInterrupt(), "interrupt armed");
            }
            case Step.DisarmInterrupt() -> {
                interrupt.wanted = false;
                driver.disarmInterrupt();
            }
        }
    }

    private void runDevice(Step.ByDevice step) {
        switch (step) {
            case Step.Take(int most) -> take(most);
            case Step.PutBack(int count) -> putBack(count % (taken.size() - firstThatCanBePutBack + 1));
            case Step.Complete(int which, int bytes) -> complete(which, bytes);
            case Step.PublishUsed() -> publishUsed();
            case Step.ArmKick() -> {
                kick.arm(available.isEmpty());
                assertEquals(kick.wanted, device.armKick(), "kick armed");
            }
            case Step.DisarmKick() -> {
                kick.wanted = false;
                device.disarmKick();
            }
        }
    }

    /** True if the step would find nothing to do. */
    boolean isIdle(Step step) {
        return switch (step) {
            case Step.Add(List<Integer> lengths, int firstWritable) -> descriptorsInFlight + lengths.size() > size;
            case Step.Publish() -> added.isEmpty();
            case Step.Pop(int max) -> used.isEmpty();
            case Step.Take(int most) -> available.isEmpty();
            case Step.PutBack(int count) -> taken.size() == firstThatCanBePutBack;
            case Step.Complete(int which, int bytes) -> taken.isEmpty();
            case Step.PublishUsed() -> completed.isEmpty();
            default -> false;
        };
    }

    /** Tokens of the buffers added and not popped. */
    int[] tokensInFlight() {
        List<Buffer> all = new ArrayList<>();
        all.addAll(added);
        all.addAll(available);
        taken.forEach(held -> all.add(held.buffer));
        completed.forEach(buffer -> all.add(buffer.buffer));
        used.forEach(buffer -> all.add(buffer.buffer));
        assertEquals(all.size(), inFlight);
        return all.stream().mapToInt(Buffer::token).sorted().toArray();
    }

    int inFlight() {
        return inFlight;
    }

    int descriptorsInFlight() {
        return descriptorsInFlight;
    }

    private void add(List<Integer> lengths, int firstWritable) {
        List<Buffer.Piece> pieces = new ArrayList<>();
        for (int i = 0; i < Math.min(lengths.size(), size); i++) {
            long address = memory.piece(freePieces.isEmpty() ? nextPiece++ : freePieces.remove());
            pieces.add(new Buffer.Piece(address, lengths.get(i), i >= firstWritable));
        }
        Buffer buffer = new Buffer(nextToken++, pieces);
        for (Buffer.Piece piece : pieces) {
            memory.fill(memory.driverSide(), piece, (byte) buffer.token());
        }
        boolean fits = driver.descriptors(buffer) <= size - descriptorsInFlight;
        assertEquals(fits, driver.add(buffer), "added");
        if (fits) {
            added.add(buffer);
            inFlight++;
            descriptorsInFlight += driver.descriptors(buffer);
        } else {
            giveBack(pieces);
        }
    }

    private void giveBack(List<Buffer.Piece> pieces) {
        for (Buffer.Piece piece : pieces) {
            freePieces.addFirst((int) ((piece.address() - memory.piece(0)) / (memory.piece(1) - memory.piece(0))));
        }
    }

    private void publish() {
        int positions = added.stream().mapToInt(buffer -> kind.positions(driver.descriptors(buffer))).sum();
        assertEquals(kick.publish(positions), driver.publish(), "kick");
        for (Buffer buffer : added) {
            buffer.pieces().stream().filter(piece -> !piece.writable()).forEach(memory::toDevice);
        }
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
            for (Buffer.Piece piece : got.pieces()) {
                if (!piece.writable()) {
                    memory.assertFilled(memory.deviceSide(), piece, (byte) buffer.token());
                }
            }
            taken.add(new Held(got.id(), buffer, null));
        }
    }

    private void putBack(int count) {
        device.putBack(count);
        for (int i = 0; i < count; i++) {
            available.addFirst(taken.removeLast().buffer);
        }
    }

    private void complete(int which, int bytes) {
        List<Held> open = taken.stream().filter(held -> held.early == null).toList();
        if (open.isEmpty()) {
            return;
        }
        Held held = open.get(which % open.size());
        int length = bytes % (held.buffer.writable() + 1);
        for (Buffer.Piece piece : held.buffer.writtenPieces(length)) {
            memory.fill(memory.deviceSide(), piece, (byte) ~held.buffer.token());
        }
        device.complete(held.id, length);
        int index = taken.indexOf(held);
        Used done = new Used(held.buffer, length);
        if (kind.inOrder()) {
            taken.set(index, new Held(held.id, held.buffer, done));
            firstThatCanBePutBack = Math.max(firstThatCanBePutBack, index + 1);
            while (!taken.isEmpty() && taken.getFirst().early != null) {
                completed.add(taken.removeFirst().early);
                firstThatCanBePutBack--;
            }
        } else {
            taken.remove(index);
            completed.add(done);
            firstThatCanBePutBack = index < firstThatCanBePutBack ? firstThatCanBePutBack - 1 : index;
        }
    }

    private void publishUsed() {
        int positions = completed.stream().mapToInt(one -> kind.positions(driver.descriptors(one.buffer))).sum();
        assertEquals(interrupt.publish(positions), device.publish(), "interrupt");
        for (Used one : completed) {
            one.buffer.writtenPieces(one.length).forEach(memory::toDriver);
        }
        used.addAll(completed);
        completed.clear();
    }

    private void pop(int max) {
        int count = Math.min(max, used.size());
        assertEquals(count, driver.pop(tokens, written, max), "popped");
        for (int i = 0; i < count; i++) {
            Used expected = used.remove();
            Buffer buffer = expected.buffer;
            assertEquals(buffer.token(), tokens[i]);
            assertEquals(expected.length, written[i]);
            for (Buffer.Piece piece : buffer.writtenPieces(expected.length)) {
                memory.assertFilled(memory.driverSide(), piece, (byte) ~buffer.token());
            }
            inFlight--;
            descriptorsInFlight -= driver.descriptors(buffer);
            giveBack(buffer.pieces());
        }
    }

    /** What an end wants to be told of: everything or nothing; with EVENT_IDX what is put at one position of the ring. */
    private final class Wish {
        private boolean wanted;
        private long position;
        private long event;

        void arm(boolean now) {
            wanted = now;
            event = position;
        }

        /** Goes over so many positions, each of them. */
        boolean publish(int positions) {
            int cycle = kind.packed() ? 2 * size : 1 << 16;
            boolean granted = false;
            for (int i = 0; i < positions; i++) {
                granted |= wanted && (!kind.eventIndex() || (position - event) % cycle == 0);
                position++;
            }
            return granted;
        }
    }

    /** @param early what it is completed with, if it waits for another one; or null */
    private record Held(int id, Buffer buffer, Used early) {}

    private record Used(Buffer buffer, int length) {}
}
