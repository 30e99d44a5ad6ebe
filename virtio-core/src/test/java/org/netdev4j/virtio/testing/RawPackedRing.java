package org.netdev4j.virtio.testing;

import java.nio.ByteBuffer;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;
import org.netdev4j.virtio.queue.QueuePlacement;

/**
 * The fields of a packed virtqueue, read and written one by one as virtio 1.4 §2.8 lays them out: what a peer writes by hand,
 * be it right or wrong. Shares nothing with the code under test.
 */
public final class RawPackedRing {
    public static final int NEXT = 1;
    public static final int WRITE = 2;
    public static final int INDIRECT = 4;
    public static final int AVAILABLE = 1 << 7;
    public static final int USED = 1 << 15;

    public static final int ENABLE = 0;
    public static final int DISABLE = 1;
    public static final int DESC = 2;

    private final MemoryRegion region;
    private final QueuePlacement placement;
    private final ByteBuffer descriptors;
    private final ByteBuffer driverEvent;
    private final ByteBuffer deviceEvent;

    /** The queue that someone placed in {@code region}. */
    public RawPackedRing(MemoryRegion region, QueuePlacement placement) {
        this.region = region;
        this.placement = placement;
        descriptors = OffsetMemory.bytes(region, placement.descriptorAddress(), 16 * placement.size());
        driverEvent = OffsetMemory.bytes(region, placement.driverAddress(), 4);
        deviceEvent = OffsetMemory.bytes(region, placement.deviceAddress(), 4);
    }

    /** A queue of {@code size} descriptors, each part in a place of its own and aligned no more than it must be. */
    @SuppressWarnings("resource")
    public static RawPackedRing place(MemoryRegion region, int size) {
        MemorySlice memory = region.cut(16L * size + 32, 16);
        long driver = memory.deviceAddress() + 4;
        long descriptors = memory.deviceAddress() + 16;
        long device = descriptors + 16L * size + 4;
        return new RawPackedRing(region, new QueuePlacement(size, descriptors, driver, device));
    }

    public QueuePlacement placement() {
        return placement;
    }

    public int size() {
        return placement.size();
    }

    /** The two flags of an available descriptor: AVAILABLE as the wrap counter, USED not. */
    public static int available(int wrap) {
        return wrap == 1 ? AVAILABLE : USED;
    }

    /** The two flags of a used descriptor: both as the wrap counter. */
    public static int used(int wrap) {
        return wrap == 1 ? AVAILABLE | USED : 0;
    }

    /** Writes a descriptor, all of it. */
    public void descriptor(int slot, long address, int length, int id, int flags) {
        write(descriptors, slot, address, length, id, flags);
    }

    /** Writes a used descriptor, whose address says nothing. */
    public void use(int slot, int id, int length, int flags) {
        descriptor(slot, 0xdead_beef_dead_beefL, length, id, flags);
    }

    /** Writes descriptor {@code index} of an indirect table. */
    public void indirect(long table, int index, long address, int length, int id, int flags) {
        write(OffsetMemory.bytes(region, table, 16 * (index + 1)), index, address, length, id, flags);
    }

    private static void write(ByteBuffer table, int index, long address, int length, int id, int flags) {
        table.putLong(16 * index, address);
        table.putInt(16 * index + 8, length);
        table.putShort(16 * index + 12, (short) id);
        table.putShort(16 * index + 14, (short) flags);
    }

    public Descriptor descriptor(int slot) {
        return read(descriptors, slot);
    }

    /** Reads descriptor {@code index} of an indirect table. */
    public Descriptor indirect(long table, int index) {
        return read(OffsetMemory.bytes(region, table, 16 * (index + 1)), index);
    }

    private static Descriptor read(ByteBuffer table, int index) {
        return new Descriptor(table.getLong(16 * index), table.getInt(16 * index + 8),
                table.getShort(16 * index + 12) & 0xffff, table.getShort(16 * index + 14) & 0xffff);
    }

    /** What the driver wants to be told. */
    public Event driverEvent() {
        return event(driverEvent);
    }

    public void driverEvent(int slot, int wrap, int flags) {
        event(driverEvent, slot, wrap, flags);
    }

    /** What the device wants to be told. */
    public Event deviceEvent() {
        return event(deviceEvent);
    }

    public void deviceEvent(int slot, int wrap, int flags) {
        event(deviceEvent, slot, wrap, flags);
    }

    private static Event event(ByteBuffer structure) {
        int position = structure.getShort(0) & 0xffff;
        return new Event(position & 0x7fff, position >>> 15, structure.getShort(2) & 0xffff);
    }

    private static void event(ByteBuffer structure, int slot, int wrap, int flags) {
        structure.putShort(0, (short) (slot | wrap << 15));
        structure.putShort(2, (short) flags);
    }

    /** A descriptor as it is in memory. */
    public record Descriptor(long address, int length, int id, int flags) {}

    /** An event suppression structure as it is in memory. */
    public record Event(int slot, int wrap, int flags) {}
}
