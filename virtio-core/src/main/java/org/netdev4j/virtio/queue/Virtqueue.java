package org.netdev4j.virtio.queue;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.Features;

/**
 * The driver end of a virtqueue: buffers are added, published in a burst, and popped when the device has used them.
 * <p>
 * A buffer is named by an {@code int} token of the caller's choosing. The queue trusts nothing that the device writes: it
 * keeps its own shadow of descriptors and free lists, checks every used id and length, and when the device cheats it is
 * {@link #isBroken()}: it then takes and gives nothing until the device is reset and the queue {@link #reset(int[])}.
 * <p>
 * One thread at a time. Nothing here allocates, throws or blocks after construction.
 */
public abstract sealed class Virtqueue implements AutoCloseable permits SplitVirtqueue {
    Virtqueue() {}

    /**
     * A queue of {@code size} descriptors in memory cut from {@code region}.
     *
     * @param features what was negotiated: decides the ring format
     */
    public static Virtqueue create(MemoryRegion region, int size, Features features) {
        throw new UnsupportedOperationException();
    }

    /** Where the rings are, for {@code VirtioTransport.enableQueue}. */
    public abstract QueuePlacement placement();

    /** Descriptors. */
    public abstract int size();

    /** Descriptors that are free; a buffer in n pieces takes n. */
    public abstract int free();

    /** Buffers added and not yet popped. */
    public abstract int inFlight();

    /**
     * Adds a buffer in one piece; the device does not see it before {@link #publish()}.
     *
     * @return false if no descriptor is free or the queue is broken
     */
    public abstract boolean add(long deviceAddress, int length, boolean deviceWritable, int token);

    /**
     * Adds a buffer in several pieces, readable before writable ones (virtio 1.4 §2.7.4.2).
     *
     * @return false if too few descriptors are free or the queue is broken; nothing was added then
     */
    public abstract boolean add(ScatterGatherList buffer, int token);

    /**
     * Makes everything added since the last call visible to the device (one release store), and looks once, behind a full
     * fence, at whether the device wants to be told.
     *
     * @return true if the device is to be kicked
     */
    public abstract boolean publish();

    /**
     * Takes used buffers in the order in which the device returned them, with one read of the index.
     *
     * @param tokens receives the tokens, from index 0
     * @param written receives the bytes the device says it wrote, checked against the buffer's writable length; or null
     * @param max most to take
     * @return how many were taken
     */
    public abstract int pop(int[] tokens, int[] written, int max);

    /** True if {@link #pop} would return something. */
    public abstract boolean hasUsed();

    /**
     * Asks the device for a notification on the next used buffer.
     *
     * @return true: armed; false: used buffers wait already, nothing is armed
     */
    public abstract boolean armInterrupt();

    /** Tells the device that no notification is needed; a hint, spurious ones may come. */
    public abstract void disarmInterrupt();

    /** True once the device broke the rules; {@link #brokenReason()} says how. */
    public abstract boolean isBroken();

    /** The rule that was broken, with the values seen, or null. */
    public abstract String brokenReason();

    /**
     * After the device was reset: forgets everything in flight and starts afresh.
     *
     * @param tokens receives the token of every buffer that was in flight, each once; at least {@link #size()} long
     * @return how many were in flight
     */
    public abstract int reset(int[] tokens);

    /** Gives the ring memory back. The device must not use the queue any more. Idempotent. */
    @Override
    public abstract void close();
}
