package org.netdev4j.virtio.queue;

import java.lang.foreign.MemorySegment;

import org.netdev4j.netbuf.MemoryRegion;

/**
 * The driver's memory as the device end reaches it: the one place where a device address becomes a host address, with the
 * whole length checked. Regions are added and removed by the control path; a lookup sees one consistent table.
 */
public final class DeviceMemory {
    /** An empty table. */
    public DeviceMemory() {}

    /** @throws org.netdev4j.virtio.VirtioException if it overlaps another region in device addresses */
    public void add(MemoryRegion region) {
        throw new UnsupportedOperationException();
    }

    public void remove(MemoryRegion region) {
        throw new UnsupportedOperationException();
    }

    public boolean contains(MemoryRegion region) {
        throw new UnsupportedOperationException();
    }

    /**
     * The memory at {@code deviceAddress}, exactly {@code length} bytes; for rings, not for packets.
     *
     * @throws org.netdev4j.virtio.VirtioException naming {@code what}, if any byte is outside one region
     */
    public MemorySegment slice(String what, long deviceAddress, long length) {
        throw new UnsupportedOperationException();
    }
}
