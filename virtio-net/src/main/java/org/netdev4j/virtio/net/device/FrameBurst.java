package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.queue.DescriptorBurst;

/**
 * Frames that ask for nothing, each in one piece, all in one region of memory and sent on one queue pair: what most frames are,
 * so that they need not be looked at one by one. The bytes may be a driver's and change at any time.
 */
public final class FrameBurst {
    /** Most frames in a burst. */
    public static final int MAX_FRAMES = 32;

    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** Of the first word of a virtio-net header: that a checksum is asked for, or segments. */
    private static final long ASKS = NetHeader.FLAG_NEEDS_CSUM | 0xffL << (8 * NetHeader.GSO_TYPE);
    private static final int CACHE_LINE_BYTES = 64;

    private final long[] offset = new long[MAX_FRAMES];
    private final int[] length = new int[MAX_FRAMES];
    private final ContiguousFrame frame = new ContiguousFrame();
    private MemorySegment segment = MemorySegment.NULL;
    private int size;
    private int pair;
    private int dropped;
    private long loaded;

    /** No frame. */
    public FrameBurst() {}

    /** Frames. */
    public int size() {
        return size;
    }

    /** Memory that all the frames are in. */
    public MemorySegment segment() {
        return segment;
    }

    /** Offset of frame {@code i} in {@link #segment()}. */
    public long offset(int i) {
        return offset[i];
    }

    /** Bytes of frame {@code i}, at least those of an Ethernet header. */
    public int length(int i) {
        return length[i];
    }

    /** The queue pair on which the driver sent them. */
    public int pair() {
        return pair;
    }

    /** Frame {@code i} by itself, valid until the next call. */
    public Frame frame(int i) {
        frame.offload().clear();
        frame.sentOn(pair);
        return frame.show(segment, offset[i], length[i]);
    }

    /** Frame {@code i} is dropped; it counts as taken. */
    public void drop(int i) {
        dropped |= 1 << i;
    }

    /** True if frame {@code i} was dropped. */
    public boolean isDropped(int i) {
        return (dropped & 1 << i) != 0;
    }

    /** Frames dropped. */
    public int dropped() {
        return Integer.bitCount(dropped);
    }

    /** Shows so many copies of one frame, {@code bytes} of {@code memory}. */
    public void repeat(MemorySegment memory, long at, int bytes, int frames) {
        begin(memory, 0);
        for (int i = 0; i < frames; i++) {
            append(at, bytes);
        }
    }

    /**
     * Shows the first buffers of {@code buffers}, as long as they ask for nothing and are of acceptable length. The loads are one
     * right behind the other, so that the waits for the lines that the driver has just written overlap.
     *
     * @param header bytes in front of each frame
     * @param maxLength bytes of the longest frame
     */
    void show(DescriptorBurst buffers, int header, int maxLength, int queuePair) {
        begin(buffers.segment(), queuePair);
        MemorySegment memory = segment;
        long digest = 0;
        for (int i = 0; i < buffers.size(); i++) {
            long at = buffers.offset(i);
            int bytes = buffers.length(i) - header;
            if (bytes < Frame.HEADER_LENGTH || bytes > maxLength || (memory.get(LE64, at) & ASKS) != 0) {
                break;
            }
            digest ^= memory.get(LE64, at + Math.min(CACHE_LINE_BYTES, header + bytes - Long.BYTES));
            append(at + header, bytes);
        }
        loaded ^= digest;
    }

    private void begin(MemorySegment memory, int queuePair) {
        segment = memory;
        pair = queuePair;
        size = 0;
        dropped = 0;
    }

    private void append(long at, int bytes) {
        offset[size] = at;
        length[size] = bytes;
        size++;
    }

    /** A digest of what was loaded ahead, which nobody needs, but the loads are for it. */
    long loaded() {
        return loaded;
    }
}
