package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Frames of one direction of a queue pair, by kind and size. The loop's thread adds, and shows a batch to other threads at its
 * end.
 */
final class FrameStatistics {
    private static final String[] NAMES = {"frames", "bytes", "broadcast frames", "multicast frames",
        "frames up to 64 bytes", "frames up to 127 bytes", "frames up to 255 bytes", "frames up to 511 bytes",
        "frames up to 1023 bytes", "frames up to 1518 bytes", "larger frames"};
    private static final int FRAMES = 0;
    private static final int BYTES = 1;
    private static final int BROADCAST = 2;
    private static final int MULTICAST = 3;
    private static final int SIZES = 4;
    private static final int LARGEST_STANDARD = 1518;
    private static final int LARGER = SIZES + 6;
    private static final long BROADCAST_ADDRESS = 0xffff_ffff_ffffL;

    private final long[] counts = new long[NAMES.length];
    private final AtomicLongArray shown = new AtomicLongArray(NAMES.length);
    private long newFrames;
    private long newBytes;

    void add(Frame frame) {
        add(frame, frame.length());
    }

    /** @param length bytes of the frame that begins in {@code memory} */
    void add(FrameMemory memory, int length) {
        newFrames++;
        newBytes += length;
        counts[sizeClass(length)]++;
        if ((memory.segment(0).get(ValueLayout.JAVA_BYTE, memory.offset(0)) & 1) != 0) {
            counts[isBroadcast(memory) ? BROADCAST : MULTICAST]++;
        }
    }

    /** Adds {@code count} frames of a burst from {@code first} on. */
    void add(FrameBurst frames, int first, int count) {
        MemorySegment memory = frames.segment();
        long bytes = 0;
        for (int i = first; i < first + count; i++) {
            int length = frames.length(i);
            bytes += length;
            counts[sizeClass(length)]++;
            if ((memory.get(ValueLayout.JAVA_BYTE, frames.offset(i)) & 1) != 0) {
                counts[isBroadcast(frames.frame(i)) ? BROADCAST : MULTICAST]++;
            }
        }
        newFrames += count;
        newBytes += bytes;
    }

    private static boolean isBroadcast(FrameMemory frame) {
        long destination = 0;
        for (int piece = 0, at = 0, i = 0; i < 6; i++, at++) {
            while (at == frame.length(piece)) {
                piece++;
                at = 0;
            }
            destination = (destination << 8)
                    | (frame.segment(piece).get(ValueLayout.JAVA_BYTE, frame.offset(piece) + at) & 0xff);
        }
        return destination == BROADCAST_ADDRESS;
    }

    private static int sizeClass(int length) {
        if (length <= 64) {
            return SIZES;
        }
        if (length > LARGEST_STANDARD) {
            return LARGER;
        }
        return Math.min(SIZES + 26 - Integer.numberOfLeadingZeros(length), LARGER - 1);
    }

    /** Frames since {@link #counted()}. */
    long newFrames() {
        return newFrames;
    }

    /** Their bytes. */
    long newBytes() {
        return newBytes;
    }

    /** Shows what came since the last call. */
    void counted() {
        counts[FRAMES] += newFrames;
        counts[BYTES] += newBytes;
        newFrames = 0;
        newBytes = 0;
        for (int i = 0; i < counts.length; i++) {
            shown.lazySet(i, counts[i]);
        }
    }

    /** Frames ever shown. Any thread. */
    long frames() {
        return shown.get(FRAMES);
    }

    /** Bytes ever shown. Any thread. */
    long bytes() {
        return shown.get(BYTES);
    }

    /** Adds what counted so far, {@code rx0 frames up to 64 bytes} for example. Any thread. */
    void putInto(Map<String, Long> counters, String queue) {
        for (int i = 0; i < NAMES.length; i++) {
            long value = shown.get(i);
            if (value != 0) {
                counters.put(queue + " " + NAMES[i], value);
            }
        }
    }
}
