package org.netdev4j.virtio.queue;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;

/**
 * The driver end of a virtqueue: buffers are added, published in a burst, and popped when the device has used them.
 * <p>
 * A buffer is named by an {@code int} token of the caller's choosing. The queue trusts nothing that the device writes: it
 * keeps its own shadow of descriptors and free lists, checks every used id and length, and when the device cheats it is
 * {@link #isBroken()}: it then takes and gives nothing until the device is reset and the queue {@link #reset(int[])}. A
 * device that says it wrote more than the buffer has room for cheats. Of a buffer that it could only read it may say what it
 * likes, as some real ones do: the length is taken as 0 and counted, since no harm can come of it (virtio 1.4 §2.7.8).
 * <p>
 * One thread at a time. Nothing here allocates, throws or blocks after construction, but for misuse.
 */
public abstract sealed class Virtqueue extends HotFields implements AutoCloseable
        permits SplitVirtqueue, PackedVirtqueue {
    private String brokenReason;
    private long ignoredLengths;
    private boolean closed;

    Virtqueue() {}

    /**
     * A queue of {@code size} descriptors in memory cut from {@code region}. It wants no interrupts until
     * {@link #armInterrupt()}.
     *
     * @param features what was negotiated; of these the queue knows RING_PACKED, EVENT_IDX, INDIRECT_DESC and IN_ORDER
     * @throws IllegalArgumentException if the size is not legal (at most 32768, and a power of two unless the queue is packed;
     *         virtio 1.4 §2.7, §2.8) or the region has no room
     */
    public static Virtqueue create(MemoryRegion region, int size, Features features) {
        return create(region, size, features, RingState.start(features).available());
    }

    /** Bytes that {@link #create(MemoryRegion, int, Features)} cuts from its region, aligned to 128. */
    public static long memoryBytes(int size, Features features) {
        boolean indirect = features.has(VirtioFeature.INDIRECT_DESC);
        return features.has(VirtioFeature.RING_PACKED)
                ? PackedLayout.totalBytes(size, indirect)
                : SplitLayout.totalBytes(size, indirect);
    }

    /** As {@link #create(MemoryRegion, int, Features)}, from a position on, 16 bits as {@link RingState} has them. */
    static Virtqueue create(MemoryRegion region, int size, Features features, int first) {
        boolean inOrder = features.has(VirtioFeature.IN_ORDER);
        if (features.has(VirtioFeature.RING_PACKED)) {
            return inOrder
                    ? new InOrderPackedVirtqueue(region, size, features, first)
                    : new PackedVirtqueue(region, size, features, first);
        }
        return inOrder
                ? new InOrderSplitVirtqueue(region, size, features, first)
                : new SplitVirtqueue(region, size, features, first);
    }

    /** Where the rings are, for {@code VirtioTransport.enableQueue}. */
    public abstract QueuePlacement placement();

    /** Descriptors. */
    public abstract int size();

    /** Descriptors that are free; {@link #slotsFor} says how many of them a buffer takes. */
    public abstract int free();

    /**
     * Descriptors that a buffer in {@code pieces} pieces takes: one, if an indirect table holds them (with INDIRECT_DESC, up to
     * 32 pieces); else one for each. A buffer of more than {@link #size()} pieces never fits.
     */
    public abstract int slotsFor(int pieces);

    /** Buffers added and not yet popped. */
    public abstract int inFlight();

    /**
     * Adds a buffer in one piece; the device does not see it before {@link #publish()}.
     *
     * @param length bytes, at least 1
     * @return false if no descriptor is free or the queue is broken
     * @throws IllegalArgumentException if the length is not positive
     */
    public abstract boolean add(long deviceAddress, int length, boolean deviceWritable, int token);

    /**
     * Adds a buffer in several pieces, readable before writable ones (virtio 1.4 §2.7.4.2).
     *
     * @return false if too few descriptors are free or the queue is broken; nothing was added then
     * @throws IllegalArgumentException if the list is empty, has more pieces than the queue descriptors or more than
     *         2147483647 bytes, or has a readable piece after a writable one
     */
    public abstract boolean add(ScatterGatherList buffer, int token);

    /**
     * Makes everything added since the last call visible to the device (one release store), and looks once, behind a full
     * fence, at whether the device wants to be told.
     *
     * @return true if the device is to be kicked; false if not, or if nothing was added
     */
    public abstract boolean publish();

    /**
     * What a kick says with NOTIFICATION_DATA: the queue in the low half, where the next buffer will be made available in the
     * high half (virtio 1.4 §2.9).
     *
     * @param queueIndex the queue's number in its device, 0..65535
     */
    public final int notificationData(int queueIndex) {
        return queueIndex | nextToPublish() << 16;
    }

    /** The first position not yet available to the device, 16 bits as {@link RingState} has them. */
    abstract int nextToPublish();

    /**
     * Takes used buffers in the order in which the device returned them, with one read of the index. With IN_ORDER that is
     * the order in which they were made available, however the device batched them.
     *
     * @param tokens receives the tokens, from index 0
     * @param written receives the bytes the device says it wrote, checked against the buffer's writable length; or null. A
     *         buffer that the device passed over in a batch counts as written in full (virtio 1.4 §2.7.9)
     * @param max most to take
     * @return how many were taken
     * @throws IllegalArgumentException if an array is shorter than {@code max}
     */
    public abstract int pop(int[] tokens, int[] written, int max);

    /** True if {@link #pop} would find something: a look at the index, nothing is taken. */
    public abstract boolean hasUsed();

    /**
     * Asks the device for a notification on the next used buffer. With EVENT_IDX that is one notification, without it one for
     * each publication until {@link #disarmInterrupt()}: arm again before each wait.
     *
     * @return true: armed; false: used buffers wait already, nothing is armed. Always true when the queue is broken: nothing
     *         waits, and nothing will come
     */
    public abstract boolean armInterrupt();

    /** Tells the device that no notification is needed; a hint, spurious ones may come. */
    public abstract void disarmInterrupt();

    /** True once the device broke the rules; {@link #brokenReason()} says how. */
    public final boolean isBroken() {
        return brokenReason != null;
    }

    /** The rule that was broken, with the values seen, or null. */
    public final String brokenReason() {
        return brokenReason;
    }

    /**
     * After the device was reset: forgets everything in flight and starts afresh, no longer broken, without interrupts.
     *
     * @param tokens receives the token of every buffer that was in flight, each once; at least {@link #size()} long
     * @return how many were in flight
     * @throws IllegalStateException if the queue is closed
     */
    public final int reset(int[] tokens) {
        if (closed) {
            throw new IllegalStateException("the virtqueue is closed");
        }
        if (tokens.length < inFlight()) {
            throw new IllegalArgumentException(
                    inFlight() + " buffers are in flight, with room for " + tokens.length + " tokens");
        }
        return restart(tokens);
    }

    /** Does what {@link #reset} says, with room enough. */
    abstract int restart(int[] tokens);

    /**
     * Gives the ring memory back. The device must not use the queue any more; what was in flight is forgotten unless
     * {@link #reset(int[])} was called before. Idempotent.
     */
    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            brokenReason("closed");
            giveMemoryBack();
        }
    }

    abstract void giveMemoryBack();

    /** Buffers for reading only of which the device said that it wrote to them, since the queue was made. */
    public final long ignoredLengths() {
        return ignoredLengths;
    }

    final void ignoreLength() {
        ignoredLengths++;
    }

    /** Takes the queue out of service; null puts it back. */
    final void brokenReason(String reason) {
        brokenReason = reason;
    }

    static void checkRoom(int[] tokens, int[] written, int max) {
        if (max > tokens.length || (written != null && max > written.length)) {
            throw new IllegalArgumentException("asked for " + max + " buffers with room for "
                    + (max > tokens.length ? tokens.length + " tokens" : written.length + " lengths"));
        }
    }

    /** Checks a list that is to be added; its writable bytes. */
    final int writableBytes(ScatterGatherList buffer) {
        int count = buffer.size();
        if (count == 0 || count > size() || buffer.totalLength() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("buffer of " + count + " pieces and " + buffer.totalLength()
                    + " bytes in a queue of " + size() + " descriptors");
        }
        int bytes = 0;
        for (int i = 0; i < count; i++) {
            if (buffer.deviceWritable(i)) {
                bytes += buffer.length(i);
            } else if (bytes != 0) {
                throw new IllegalArgumentException("readable piece " + i + " after a writable one");
            }
        }
        return bytes;
    }
}
