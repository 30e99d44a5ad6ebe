package org.netdev4j.virtio.net;

import java.lang.foreign.MemorySegment;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;

/**
 * The header area of a transmit queue: places for headers that cannot stand in front of their packet. The token of such a packet
 * is negative and names the place, which knows the packet's name.
 */
final class HeaderSlots {
    private static final int SLOT_FLAG = Integer.MIN_VALUE;

    private final int[] names;
    private final int[] free;
    private int freeCount;
    private MemorySlice memory;

    /** @param count most packets that need a place at a time */
    HeaderSlots(int count) {
        names = new int[count];
        free = new int[count];
    }

    long memoryBytes() {
        return (long) NetHeader.AREA_STRIDE * names.length;
    }

    void open(MemoryRegion region) {
        memory = region.cut(memoryBytes(), NetHeader.AREA_STRIDE);
        freeCount = free.length;
        for (int i = 0; i < free.length; i++) {
            free[i] = i;
        }
    }

    /** Idempotent. */
    void close() {
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }

    /** Takes a place for the packet of that name. @return its token, negative */
    int take(int name) {
        int slot = free[--freeCount];
        names[slot] = name;
        return slot | SLOT_FLAG;
    }

    /** The place is free again. @return the name of its packet */
    int giveBack(int token) {
        int slot = token & ~SLOT_FLAG;
        free[freeCount++] = slot;
        return names[slot];
    }

    MemorySegment segment() {
        return memory.segment();
    }

    /** Offset of the place in {@link #segment()}, bytes. */
    long offset(int token) {
        return (long) NetHeader.AREA_STRIDE * (token & ~SLOT_FLAG);
    }

    long deviceAddress(int token) {
        return memory.deviceAddress() + offset(token);
    }
}
