package org.netdev4j.virtio.queue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongConsumer;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.killing.KillPoint;
import org.netdev4j.virtio.testing.OffsetMemory;

/**
 * A driver, and device ends that are killed one after the other before any of their writes and go on by their record. Every buffer
 * comes back once; what a killed one had taken and not returned is taken by the next first, in the same order. Loaded anew by a
 * {@link org.netdev4j.virtio.killing.KillingLoader}; the argument is the seed.
 */
public final class KilledDeviceLife implements LongConsumer {
    private static final int LIVES = 20;
    private static final int ROUNDS = 12;
    private static final int MAX_PIECES = 3;
    private static final int TOKENS = 64;
    private static final int PIECE_BYTES = 16;

    private final boolean[] inFlight = new boolean[TOKENS];
    /** Taken by a device end and not yet back at the driver, in this order. */
    private final List<Integer> taken = new ArrayList<>();
    private Random random;
    private RingKind kind;
    private int size;
    private MemoryRegion memory;
    private MemorySlice pieces;
    private MemorySegment record;
    private Virtqueue driver;
    private int nextToken;

    private final DescriptorChain chain = new DescriptorChain(MAX_PIECES);
    private final DescriptorBurst burst = new DescriptorBurst(1);
    private DeviceQueue device;
    /** What this device end holds, in the order it was taken. */
    private final List<Held> held = new ArrayList<>();
    /** So many of them cannot be put back, since one that was taken later is completed. */
    private int stay;
    private int takenByThis;

    @Override
    public void accept(long seed) {
        random = new Random(seed);
        List<RingKind> kinds = RingKind.all();
        kind = kinds.get(random.nextInt(kinds.size()));
        size = kind.size(1 + random.nextInt(8));
        try (Arena arena = Arena.ofConfined();
                MemoryRegion region = OffsetMemory
                        .allocate(Virtqueue.memoryBytes(size, kind.features()) + (1 << 14));
                Virtqueue queue = Virtqueue.create(region, size, kind.features())) {
            memory = region;
            pieces = region.cut(TOKENS * MAX_PIECES * PIECE_BYTES, PIECE_BYTES);
            record = arena.allocate(DeviceQueue.inflightRecordBytes(size, kind.features()), 8);
            driver = queue;
            for (int life = 1; life < LIVES; life++) {
                liveAndBeKilled();
            }
            KillPoint.never();
            liveToTheEnd();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(kind + " of " + size + ", seed " + seed + ": " + e.getMessage(), e);
        } finally {
            KillPoint.never();
        }
    }

    private void liveAndBeKilled() {
        try {
            KillPoint.after(random.nextInt(100));
            begin();
            for (int round = 0; round < ROUNDS; round++) {
                KillPoint.never();
                add();
                KillPoint.after(random.nextInt(200));
                work();
                require(!device.isBroken(), device.brokenReason());
                KillPoint.never();
                pop();
            }
        } catch (KillPoint.Killed e) {
            pop();
        }
    }

    private void liveToTheEnd() {
        begin();
        takeAll();
        while (!held.isEmpty()) {
            complete(0);
        }
        device.publish();
        pop();
        require(driver.inFlight() == 0, driver.inFlight() + " buffers never came back");
    }

    /** What the front-end says of the ring's position is not needed. */
    private void begin() {
        held.clear();
        stay = 0;
        takenByThis = 0;
        DeviceMemory reachable = new DeviceMemory();
        reachable.add(memory);
        device = DeviceQueue.create(reachable, driver.placement(), kind.features(), RingState.start(kind.features()),
                record);
    }

    private void work() {
        switch (random.nextInt(4)) {
            case 0 -> takeAll();
            case 1 -> takeOne();
            case 2 -> {
                for (int i = random.nextInt(held.size() + 1); i > 0; i--) {
                    complete(random.nextInt(kind.inOrder() ? 1 : held.size()));
                }
                device.publish();
            }
            default -> putBack(random.nextInt(held.size() - stay + 1));
        }
    }

    private void takeAll() {
        boolean more = true;
        while (more) {
            more = takeOne();
        }
    }

    private boolean takeOne() {
        boolean available = device.hasAvailable();
        boolean inBurst = random.nextBoolean()
                && (device.next(burst, 1, false) == 1 || device.next(burst, 1, true) == 1);
        boolean found = inBurst || device.next(chain);
        require(available == found, "hasAvailable " + available + ", next " + found);
        if (found) {
            int token = inBurst
                    ? burst.segment().get(RingField.LE16, burst.offset(0))
                    : chain.segment(0).get(RingField.LE16, chain.offset(0));
            require(inFlight[token], "buffer " + token + " was returned before");
            if (takenByThis < taken.size()) {
                require(taken.get(takenByThis) == token, "expected " + taken + " again, took " + token + " as number "
                        + takenByThis);
            } else {
                require(!taken.contains(token), "buffer " + token + " was taken twice");
                taken.add(token);
            }
            takenByThis++;
            held.add(new Held(token, inBurst ? burst.id(0) : chain.id()));
        }
        return found;
    }

    private void complete(int which) {
        device.complete(held.remove(which).id, 0);
        stay = which < stay ? stay - 1 : which;
    }

    private void putBack(int count) {
        device.putBack(count);
        takenByThis -= count;
        for (int i = 0; i < count; i++) {
            held.removeLast();
        }
    }

    private void add() {
        ScatterGatherList buffer = new ScatterGatherList(MAX_PIECES);
        for (int i = random.nextInt(4); i > 0; i--) {
            int token = nextToken++ % TOKENS;
            if (inFlight[token]) {
                continue;
            }
            buffer.clear();
            for (int piece = Math.min(size, 1 + random.nextInt(MAX_PIECES)); piece > 0; piece--) {
                long at = (token * (long) MAX_PIECES + piece - 1) * PIECE_BYTES;
                pieces.segment().set(RingField.LE16, at, (short) token);
                buffer.append(pieces.deviceAddress() + at, PIECE_BYTES, false);
            }
            inFlight[token] = driver.add(buffer, token);
        }
        driver.publish();
    }

    private void pop() {
        int[] tokens = new int[size];
        int count = driver.pop(tokens, new int[size], size);
        require(!driver.isBroken(), driver.brokenReason());
        for (int i = 0; i < count; i++) {
            int token = tokens[i];
            require(inFlight[token], "buffer " + token + " came back twice");
            inFlight[token] = false;
            takenByThis -= taken.indexOf(token) < takenByThis ? 1 : 0;
            taken.remove(Integer.valueOf(token));
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    private record Held(int token, int id) {}
}
