package org.netdev4j.virtio.testing;

import java.nio.ByteBuffer;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;
import org.netdev4j.virtio.queue.QueuePlacement;

/**
 * The fields of a split virtqueue, read and written one by one as virtio 1.4 §2.7 lays them out: what a peer writes by hand,
 * be it right or wrong. Shares nothing with the code under test.
 */
public final class RawSplitRing {
    public static final int NEXT = 1;
    public static final int WRITE = 2;
    public static final int INDIRECT = 4;

    private final MemoryRegion region;
    private final QueuePlacement placement;
    private final ByteBuffer descriptors;
    private final ByteBuffer available;
    private final ByteBuffer used;

    /** The queue that someone placed in {@code region}. */
    public RawSplitRing(MemoryRegion region, QueuePlacement placement) {
        this.region = region;
        this.placement = placement;
        int n = placement.size();
        descriptors = OffsetMemory.bytes(region, placement.descriptorAddress(), 16 * n);
        available = OffsetMemory.bytes(region, placement.driverAddress(), 6 + 2 * n);
        used = OffsetMemory.bytes(region, placement.deviceAddress(), 6 + 8 * n);
    }

    /** A queue of {@code size} descriptors, each part in a place of its own and aligned no more than it must be. */
    @SuppressWarnings("resource")
    public static RawSplitRing place(MemoryRegion region, int size) {
        MemorySlice memory = region.cut(32L * size + 64, 16);
        long used = memory.deviceAddress() + 4;
        long descriptors = (used + 6 + 8L * size + 15) & -16;
        long available = descriptors + 16L * size + 2;
        return new RawSplitRing(region, new QueuePlacement(size, descriptors, available, used));
    }

    public QueuePlacement placement() {
        return placement;
    }

    public int size() {
        return placement.size();
    }

    /** Writes a descriptor. */
    public void descriptor(int index, long address, int length, int flags, int next) {
        write(descriptors, index, address, length, flags, next);
    }

    /** Writes descriptor {@code index} of an indirect table. */
    public void indirect(long table, int index, long address, int length, int flags, int next) {
        write(OffsetMemory.bytes(region, table, 16 * (index + 1)), index, address, length, flags, next);
    }

    private static void write(ByteBuffer table, int index, long address, int length, int flags, int next) {
        table.putLong(16 * index, address);
        table.putInt(16 * index + 8, length);
        table.putShort(16 * index + 12, (short) flags);
        table.putShort(16 * index + 14, (short) next);
    }

    /** Reads a descriptor. */
    public Descriptor descriptor(int index) {
        return read(descriptors, index);
    }

    /** Reads descriptor {@code index} of an indirect table. */
    public Descriptor indirect(long table, int index) {
        return read(OffsetMemory.bytes(region, table, 16 * (index + 1)), index);
    }

    private static Descriptor read(ByteBuffer table, int index) {
        return new Descriptor(table.getLong(16 * index), table.getInt(16 * index + 8),
                table.getShort(16 * index + 12) & 0xffff, table.getShort(16 * index + 14) & 0xffff);
    }

    public int availableFlags() {
        return available.getShort(0) & 0xffff;
    }

    public void availableFlags(int flags) {
        available.putShort(0, (short) flags);
    }

    public int availableIndex() {
        return available.getShort(2) & 0xffff;
    }

    public void availableIndex(int index) {
        available.putShort(2, (short) index);
    }

    /** The head that the driver put at ring index {@code index}, any number. */
    public int head(int index) {
        return available.getShort(4 + 2 * (index & (size() - 1))) & 0xffff;
    }

    public void head(int index, int head) {
        available.putShort(4 + 2 * (index & (size() - 1)), (short) head);
    }

    /** Makes the chain at {@code head} available as the next one. */
    public void makeAvailable(int head) {
        head(availableIndex(), head);
        availableIndex(availableIndex() + 1);
    }

    /** What the driver waits for, with EVENT_IDX. */
    public int usedEvent() {
        return available.getShort(4 + 2 * size()) & 0xffff;
    }

    public void usedEvent(int index) {
        available.putShort(4 + 2 * size(), (short) index);
    }

    public int usedFlags() {
        return used.getShort(0) & 0xffff;
    }

    public void usedFlags(int flags) {
        used.putShort(0, (short) flags);
    }

    public int usedIndex() {
        return used.getShort(2) & 0xffff;
    }

    public void usedIndex(int index) {
        used.putShort(2, (short) index);
    }

    /** What the device waits for, with EVENT_IDX. */
    public int availableEvent() {
        return used.getShort(4 + 8 * size()) & 0xffff;
    }

    public void availableEvent(int index) {
        used.putShort(4 + 8 * size(), (short) index);
    }

    /** The id of the used element at ring index {@code index}, any number. */
    public int usedId(int index) {
        return used.getInt(4 + 8 * (index & (size() - 1)));
    }

    public int usedLength(int index) {
        return used.getInt(8 + 8 * (index & (size() - 1)));
    }

    /** Writes the used element at ring index {@code index}, any number. */
    public void used(int index, int id, int length) {
        used.putInt(4 + 8 * (index & (size() - 1)), id);
        used.putInt(8 + 8 * (index & (size() - 1)), length);
    }

    /** Returns a buffer: writes the next used element and moves the index over it. */
    public void use(int id, int length) {
        used(usedIndex(), id, length);
        usedIndex(usedIndex() + 1);
    }

    /** A descriptor as it is in memory. */
    public record Descriptor(long address, int length, int flags, int next) {}
}
