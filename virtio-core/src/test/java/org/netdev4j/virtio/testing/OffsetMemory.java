package org.netdev4j.virtio.testing;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import org.netdev4j.netbuf.MemoryRegion;

/** Memory whose device addresses have nothing to do with its host addresses, so that one missed translation fails. */
public final class OffsetMemory {
    /** An address that no process has mapped. */
    public static final long DEVICE_ADDRESS = 0xd0_0000_0000_0000L;

    private OffsetMemory() {}

    /** A region at {@link #DEVICE_ADDRESS}. */
    public static MemoryRegion allocate(long bytes) {
        return allocate("offset memory", DEVICE_ADDRESS, bytes);
    }

    /** A region of exactly {@code bytes} at {@code deviceAddress}, in host memory of its own aligned to 4096 bytes. */
    public static MemoryRegion allocate(String name, long deviceAddress, long bytes) {
        Arena arena = Arena.ofShared();
        MemorySegment memory = arena.allocate(bytes, 4096);
        return MemoryRegion.of(name, memory, deviceAddress, null, arena::close);
    }

    /** The bytes at a device address of {@code region}, little-endian: another way there than the code under test takes. */
    public static ByteBuffer bytes(MemoryRegion region, long deviceAddress, int length) {
        return region.segment().asSlice(deviceAddress - region.deviceAddress(), length).asByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN);
    }
}
