package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;

/**
 * A driver that does what the bytes say, before a device end of any format: descriptors, rings and tables of its making,
 * between calls of the device end. Nothing may throw, nothing may be outside memory, no more buffers come than there are
 * descriptors, and a broken queue stays broken.
 */
public final class DeviceEndFuzzer {
    private static final int MEMORY_BYTES = 1 << 14;
    private static final int MAX_STEPS = 200;
    private static final long BASE = OffsetMemory.DEVICE_ADDRESS;
    private static final long DRIVER_PART = BASE + 0x400;
    private static final long DEVICE_PART = BASE + 0x800;
    private static final int RINGS_BYTES = 0xc00;
    private static final int TABLES_OFFSET = 0x1000;
    private static final MemorySegment MEMORY = Arena.global().allocate(MEMORY_BYTES, 4096);

    private final MemoryRegion region = MemoryRegion.of("fuzz", MEMORY, BASE, null, () -> {});
    private final ByteBuffer bytes = OffsetMemory.bytes(region, BASE, MEMORY_BYTES);
    private final DeviceMemory memory = new DeviceMemory();
    private final DescriptorBurst burst = new DescriptorBurst(4);
    private final DescriptorChain chain;
    private final FuzzInput input;
    private final Features features;
    private final QueuePlacement placement;
    private final DeviceQueue queue;
    private final List<Taken> taken = new ArrayList<>();
    /** Those of {@link #taken} that came before the last completion cannot be put back. */
    private int settled;
    /** Where the driver makes the next buffer available: an index, or a slot with its wrap counter. */
    private int next;

    private record Taken(int id, int writableLength) {}

    private DeviceEndFuzzer(FuzzInput input) {
        this.input = input;
        features = input.features();
        MEMORY.fill((byte) 0);
        memory.add(region);
        int size = input.size(features);
        placement = new QueuePlacement(size, BASE, DRIVER_PART, DEVICE_PART);
        next = input.firstPosition(features, size);
        if (!isPacked()) {
            bytes.putShort(offset(DRIVER_PART) + 2, (short) next);
        }
        queue = DeviceQueue.create(memory, placement, features, next);
        chain = new DescriptorChain(size);
    }

    /** One run; what Jazzer calls. */
    public static void fuzzerTestOneInput(byte[] data) {
        new DeviceEndFuzzer(new FuzzInput(data)).run();
    }

    private void run() {
        for (int steps = 0; steps < MAX_STEPS && !input.isEmpty(); steps++) {
            boolean wasBroken = queue.isBroken();
            step();
            assertTrue(queue.isBroken() || !wasBroken, "only a new queue cures a broken one");
        }
    }

    private void step() {
        switch (input.below(14)) {
            case 0 -> descriptor(input.below(placement.size()) * 16);
            case 1 -> descriptor(TABLES_OFFSET + input.below(32) * 16);
            case 2 -> anyDescriptor(input.below(placement.size()) * 16);
            case 3 -> makeAvailable();
            case 4 -> bytes.putShort(offset(DRIVER_PART) + input.below(24) * 2, (short) input.u16());
            case 5 -> bytes.put(input.u16() % RINGS_BYTES, (byte) input.u8());
            case 6, 7 -> take();
            case 8 -> complete();
            case 9 -> queue.publish();
            case 10 -> queue.armKick();
            case 11 -> queue.disarmKick();
            case 12 -> putBack();
            default -> assertFalse(queue.isBroken() && queue.hasAvailable());
        }
    }

    private boolean isPacked() {
        return features.has(VirtioFeature.RING_PACKED);
    }

    private static int offset(long address) {
        return (int) (address - BASE);
    }

    /** One that could be right: in memory, or a table. */
    private void descriptor(int at) {
        int address = input.u16() % (MEMORY_BYTES + 64);
        write(at, BASE + (input.below(4) == 0 ? address & -16 : address), input.u8(), input.u8() & 7, input.u8() % 10);
    }

    private void anyDescriptor(int at) {
        write(at, input.i64(), input.i32(), input.u16(), input.u16());
    }

    /** @param nextOrId what the format has beside the flags */
    private void write(int at, long address, int length, int flags, int nextOrId) {
        bytes.putLong(at, address);
        bytes.putInt(at + 8, length);
        bytes.putShort(at + 12, (short) (isPacked() ? nextOrId : flags));
        bytes.putShort(at + 14, (short) (isPacked() ? flags | (bytes.getShort(at + 14) & 0x8080) : nextOrId));
    }

    private void makeAvailable() {
        if (!isPacked()) {
            int slot = next & (placement.size() - 1);
            bytes.putShort(offset(DRIVER_PART) + 4 + 2 * slot, (short) input.below(9));
            next = (next + 1) & 0xffff;
            bytes.putShort(offset(DRIVER_PART) + 2, (short) next);
            return;
        }
        int at = (next & 0x7fff) * 16 + 14;
        bytes.putShort(at, (short) ((bytes.getShort(at) & ~0x8080) | (next >>> 15 == 1 ? 0x80 : 0x8000)));
        for (int slots = 1 + input.below(3); slots > 0; slots--) {
            int slot = next & 0x7fff;
            next = slot + 1 < placement.size() ? next + 1 : (next & 0x8000) ^ 0x8000;
        }
    }

    private void take() {
        boolean wasBroken = queue.isBroken();
        if (input.below(2) == 0) {
            takeBurst(wasBroken);
            return;
        }
        if (!queue.next(chain)) {
            return;
        }
        assertFalse(wasBroken, "a broken queue gives nothing");
        taken.add(new Taken(chain.id(), chain.writableLength()));
        assertTrue(taken.size() <= placement.size(), "no more buffers than descriptors");
        assertTrue(chain.size() <= placement.size());
        long length = 0;
        for (int i = 0; i < chain.size(); i++) {
            assertTrue(chain.length(i) > 0 && chain.offset(i) >= 0
                    && chain.offset(i) + chain.length(i) <= chain.segment(i).byteSize(), "inside memory");
            length += chain.length(i);
        }
        assertEquals(length, (long) chain.readableLength() + chain.writableLength());
    }

    private void takeBurst(boolean wasBroken) {
        boolean writable = input.below(2) == 0;
        int count = queue.next(burst, 4, writable);
        assertEquals(burst.size(), count);
        assertTrue(count == 0 || !wasBroken, "a broken queue gives nothing");
        for (int i = 0; i < count; i++) {
            assertTrue(burst.length(i) > 0 && burst.offset(i) >= 0
                    && burst.offset(i) + burst.length(i) <= burst.segment().byteSize(), "inside memory");
            taken.add(new Taken(burst.id(i), writable ? burst.length(i) : 0));
        }
        assertTrue(taken.size() <= placement.size(), "no more buffers than descriptors");
    }

    private void complete() {
        if (taken.isEmpty()) {
            return;
        }
        int which = features.has(VirtioFeature.IN_ORDER) ? 0 : input.below(taken.size());
        Taken buffer = taken.remove(which);
        queue.complete(buffer.id, Math.min(input.u8(), buffer.writableLength));
        settled = taken.size();
    }

    private void putBack() {
        int count = input.below(taken.size() - settled + 1);
        queue.putBack(count);
        taken.subList(taken.size() - count, taken.size()).clear();
    }
}
