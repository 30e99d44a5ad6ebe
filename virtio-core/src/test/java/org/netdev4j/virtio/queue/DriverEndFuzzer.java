package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;

/**
 * A device that does what the bytes say, before a driver end of any format: used elements and indexes of its making, and
 * anything anywhere in the rings, between calls of the driver end. Nothing may throw, every buffer that is in flight comes
 * back once and with no more bytes than it has room for, one that is not published never, and a reset returns the rest.
 */
public final class DriverEndFuzzer {
    private static final int MEMORY_BYTES = 1 << 14;
    private static final int MAX_STEPS = 200;
    private static final MemorySegment MEMORY = Arena.global().allocate(MEMORY_BYTES, 4096);
    private static final int MAX_PIECES = 4;

    private final MemoryRegion region = MemoryRegion.of("fuzz", MEMORY, OffsetMemory.DEVICE_ADDRESS, null, () -> {});
    private final FuzzInput input;
    private final Features features;
    private final int size;
    private final Virtqueue queue;
    private final int[] tokens;
    private final int[] written;
    private final ByteBuffer descriptors;
    private final ByteBuffer driverPart;
    private final ByteBuffer devicePart;
    private final Map<Integer, InFlight> inFlight = new HashMap<>();
    private int nextToken;
    private int publications;
    /** Where the device returns the next buffer: an index, or a slot with its wrap counter. */
    private int next;

    /** @param publication the one that made it available */
    private record InFlight(int writableLength, int publication) {}

    private DriverEndFuzzer(FuzzInput input) {
        this.input = input;
        features = input.features();
        size = input.size(features);
        next = input.firstPosition(features, size);
        queue = Virtqueue.create(region, size, features, next);
        tokens = new int[size];
        written = new int[size];
        QueuePlacement placement = queue.placement();
        descriptors = OffsetMemory.bytes(region, placement.descriptorAddress(), 16 * size);
        driverPart = OffsetMemory.bytes(region, placement.driverAddress(), isPacked() ? 4 : 6 + 2 * size);
        devicePart = OffsetMemory.bytes(region, placement.deviceAddress(), isPacked() ? 4 : 6 + 8 * size);
    }

    /** One run; what Jazzer calls. */
    public static void fuzzerTestOneInput(byte[] data) {
        DriverEndFuzzer fuzzer = new DriverEndFuzzer(new FuzzInput(data));
        fuzzer.run();
        fuzzer.reset();
    }

    private void run() {
        for (int steps = 0; steps < MAX_STEPS && !input.isEmpty(); steps++) {
            step();
            assertEquals(inFlight.size(), queue.inFlight());
            assertTrue(queue.free() >= 0 && queue.free() <= size - inFlight.size(),
                    "a buffer takes a descriptor at least");
        }
    }

    private void step() {
        switch (input.below(14)) {
            case 0 -> addOnePiece();
            case 1 -> addPieces();
            case 2, 3 -> {
                queue.publish();
                publications++;
            }
            case 4, 5 -> pop(1 + input.below(size));
            case 6 -> queue.armInterrupt();
            case 7 -> queue.disarmInterrupt();
            case 8 -> assertFalse(queue.isBroken() && queue.hasUsed());
            case 9, 10 -> use();
            case 11 -> anyUse();
            case 12 -> lie();
            default -> {
                if (queue.isBroken()) {
                    reset();
                }
            }
        }
    }

    private boolean isPacked() {
        return features.has(VirtioFeature.RING_PACKED);
    }

    private void addOnePiece() {
        boolean writable = input.below(2) == 1;
        int length = 1 + input.u8();
        boolean room = queue.free() > 0 && !queue.isBroken();
        assertEquals(room, queue.add(OffsetMemory.DEVICE_ADDRESS, length, writable, nextToken));
        if (room) {
            inFlight.put(nextToken++, new InFlight(writable ? length : 0, publications));
        }
    }

    private void addPieces() {
        int count = 1 + input.below(Math.min(MAX_PIECES, size));
        int firstWritable = input.below(count + 1);
        ScatterGatherList list = new ScatterGatherList(MAX_PIECES);
        int room = 0;
        for (int i = 0; i < count; i++) {
            int length = 1 + input.u8();
            list.append(OffsetMemory.DEVICE_ADDRESS, length, i >= firstWritable);
            room += i >= firstWritable ? length : 0;
        }
        if (queue.add(list, nextToken)) {
            inFlight.put(nextToken++, new InFlight(room, publications));
        }
    }

    private void pop(int max) {
        boolean wasBroken = queue.isBroken();
        int count = queue.pop(tokens, written, max);
        assertTrue(count >= 0 && count <= max);
        assertTrue(count == 0 || !wasBroken, "a broken queue gives nothing");
        for (int i = 0; i < count; i++) {
            InFlight buffer = inFlight.remove(tokens[i]);
            assertNotNull(buffer, "a buffer that is in flight comes back once");
            assertTrue(written[i] >= 0 && written[i] <= buffer.writableLength, "no more bytes than there is room for");
            assertTrue(buffer.publication < publications, "no buffer comes back that was not published");
        }
    }

    private void reset() {
        int count = queue.reset(tokens);
        assertEquals(inFlight.size(), count);
        for (int i = 0; i < count; i++) {
            assertNotNull(inFlight.remove(tokens[i]), "a reset returns each buffer once");
        }
        assertEquals(size, queue.free());
        assertFalse(queue.isBroken());
        next = RingState.start(features).used();
    }

    /** Returns a buffer as a device would. */
    private void use() {
        if (!isPacked()) {
            if (next != (driverPart.getShort(2) & 0xffff)) {
                use(driverPart.getShort(4 + 2 * (next & (size - 1))), input.u8());
            }
            return;
        }
        int slot = next & 0x7fff;
        int id = descriptors.getShort(16 * slot + 12);
        int slots = 1;
        while (slots < size && (descriptors.getShort(16 * slot + 14) & 1) != 0) {
            slot = (slot + 1) % size;
            id = descriptors.getShort(16 * slot + 12);
            slots++;
        }
        use(id, input.u8());
        for (int i = 1; i < slots; i++) {
            advance();
        }
    }

    private void anyUse() {
        use(input.below(4) == 0 ? input.i32() : input.below(9), input.below(4) == 0 ? input.i32() : input.u16());
    }

    private void use(int id, int length) {
        if (isPacked()) {
            int at = 16 * (next & 0x7fff);
            descriptors.putInt(at + 8, length);
            descriptors.putShort(at + 12, (short) id);
            descriptors.putShort(at + 14, (short) (next >>> 15 == 1 ? 0x8080 : 0));
            advance();
        } else {
            int at = 4 + 8 * (next & (size - 1));
            devicePart.putInt(at, id);
            devicePart.putInt(at + 4, length);
            next = (next + 1) & 0xffff;
            devicePart.putShort(2, (short) next);
        }
    }

    private void advance() {
        int slot = next & 0x7fff;
        next = slot + 1 < size ? next + 1 : (next & 0x8000) ^ 0x8000;
    }

    private void lie() {
        ByteBuffer part = switch (input.below(3)) {
            case 0 -> descriptors;
            case 1 -> driverPart;
            default -> devicePart;
        };
        part.putShort(input.u8() % (part.capacity() / 2) * 2, (short) input.u16());
    }
}
