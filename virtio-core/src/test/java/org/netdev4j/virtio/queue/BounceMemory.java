package org.netdev4j.virtio.queue;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.testing.OffsetMemory;

/**
 * Memory of which driver and device have a copy each, under the same device addresses. What one of them writes gets to the
 * other when it is carried over, and only where it was that one's to write: a host address that strays to the other end, or
 * a write to what belongs to the other end, fails.
 */
final class BounceMemory implements AutoCloseable {
    private static final int PIECE_BYTES = 256;

    private final MemoryRegion driver;
    private final MemoryRegion device;
    private final long bytes;
    private Range all;
    private List<Range> driverWrites;
    private List<Range> deviceWrites;

    /**
     * @param bytes for rings and tables
     * @param pieces for buffers
     * @param copied false for one copy that both ends share, where copying would take too long
     */
    BounceMemory(long bytes, int pieces, boolean copied) {
        this.bytes = bytes;
        driver = OffsetMemory.allocate(bytes + (long) PIECE_BYTES * pieces);
        device = copied ? OffsetMemory.allocate(driver.size()) : driver;
    }

    MemoryRegion driverSide() {
        return driver;
    }

    MemoryRegion deviceSide() {
        return device;
    }

    DeviceMemory deviceMemory() {
        DeviceMemory memory = new DeviceMemory();
        memory.add(device);
        return memory;
    }

    /** Device address of memory for one piece of a buffer, {@value #PIECE_BYTES} bytes. */
    long piece(int number) {
        return driver.deviceAddress() + bytes + (long) PIECE_BYTES * number;
    }

    /** The driver set a queue up: all that is not a buffer goes to the device, and from now on each writes its own. */
    void share(QueuePlacement placement, boolean packed) {
        all = new Range(0, bytes);
        Range ring = at(placement.descriptorAddress(), 16L * placement.size());
        Range devices = at(placement.deviceAddress(), packed ? 4 : 6 + 8L * placement.size());
        driverWrites = List.of(new Range(0, devices.from), new Range(devices.to, bytes));
        deviceWrites = (packed ? Stream.of(ring, devices) : Stream.of(devices))
                .sorted(Comparator.comparingLong(Range::from)).toList();
        copy(driver, device, all);
    }

    private Range at(long address, long length) {
        long offset = address - driver.deviceAddress();
        return new Range(offset, offset + length);
    }

    void driverWrote() {
        carry(driver, device, driverWrites);
    }

    void deviceWrote() {
        carry(device, driver, deviceWrites);
    }

    /** Sets the bits of the bytes of the rings in which the two copies differ, that is, which an end wrote since its last step. */
    void noteDifferences(BitSet offsets) {
        for (long at = all.from; at < all.to; at++) {
            long next = MemorySegment.mismatch(driver.segment(), at, all.to, device.segment(), at, all.to);
            if (next < 0) {
                return;
            }
            at += next;
            offsets.set((int) at);
        }
    }

    private void carry(MemoryRegion source, MemoryRegion target, List<Range> own) {
        if (source == target) {
            return;
        }
        long end = all.from;
        for (Range range : own) {
            assertSame(source, target, new Range(end, range.from));
            copy(source, target, range);
            end = range.to;
        }
        assertSame(source, target, new Range(end, all.to));
    }

    private static void assertSame(MemoryRegion source, MemoryRegion target, Range range) {
        assertEquals(-1, MemorySegment.mismatch(source.segment(), range.from, range.to, target.segment(), range.from,
                range.to), "an end wrote at this offset after " + range.from + ", which is the other's");
    }

    private static void copy(MemoryRegion source, MemoryRegion target, Range range) {
        if (source != target) {
            MemorySegment.copy(source.segment(), range.from, target.segment(), range.from, range.to - range.from);
        }
    }

    void toDevice(Buffer.Piece piece) {
        copy(driver, device, at(piece.address(), piece.length()));
    }

    void toDriver(Buffer.Piece piece) {
        copy(device, driver, at(piece.address(), piece.length()));
    }

    void fill(MemoryRegion side, Buffer.Piece piece, byte value) {
        side.segment().asSlice(piece.address() - side.deviceAddress(), piece.length()).fill(value);
    }

    void assertFilled(MemoryRegion side, Buffer.Piece piece, byte value) {
        long offset = piece.address() - side.deviceAddress();
        for (int i = 0; i < piece.length(); i++) {
            assertEquals(value, side.segment().get(JAVA_BYTE, offset + i));
        }
    }

    @Override
    public void close() {
        driver.close();
        device.close();
    }

    private record Range(long from, long to) {}
}
