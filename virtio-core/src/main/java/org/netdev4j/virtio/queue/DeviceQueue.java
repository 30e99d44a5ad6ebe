package org.netdev4j.virtio.queue;

import org.netdev4j.virtio.Features;

/**
 * The device end of a virtqueue: takes available buffers, returns used ones. Every index, address, length and flag that the
 * driver wrote is checked here, once; each descriptor is read once. When the driver cheats the queue is {@link #isBroken()}.
 * <p>
 * One thread at a time. Nothing here allocates, throws or blocks after construction.
 */
public abstract sealed class DeviceQueue permits SplitDeviceQueue {
    DeviceQueue() {}

    /**
     * The device end of the queue that the driver placed at {@code placement}.
     *
     * @param memory translates every address
     * @throws org.netdev4j.virtio.VirtioException if the placement is not aligned, not of a legal size or not in memory
     */
    public static DeviceQueue create(DeviceMemory memory, QueuePlacement placement, Features features) {
        throw new UnsupportedOperationException();
    }

    public abstract int size();

    /**
     * Takes the next available buffer.
     *
     * @param chain receives it, translated and checked
     * @return false if none is available or the queue is broken
     */
    public abstract boolean next(DescriptorChain chain);

    /** Puts back the buffers taken last by {@link #next} and not completed: they will come again, in the same order. */
    public abstract void putBack(int buffers);

    /** True if {@link #next} would find something: a look at the index, nothing is taken. */
    public abstract boolean hasAvailable();

    /**
     * Returns a buffer; the driver does not see it before {@link #publish()}.
     *
     * @param chain a buffer taken from this queue
     * @param written bytes written to its writable part, from the first on
     */
    public abstract void complete(DescriptorChain chain, int written);

    /** As {@link #complete(DescriptorChain, int)}, by {@link DescriptorChain#id()} when the chain object was reused. */
    public abstract void complete(int chainId, int written);

    /**
     * Makes everything completed since the last call visible to the driver (one release store), and looks once, behind a full
     * fence, at whether the driver wants to be told.
     *
     * @return true if the driver is to be interrupted
     */
    public abstract boolean publish();

    /**
     * Asks the driver to kick when it makes a buffer available.
     *
     * @return true: armed; false: buffers are available already, nothing is armed
     */
    public abstract boolean armKick();

    /** Tells the driver that no kick is needed; a hint. */
    public abstract void disarmKick();

    public abstract boolean isBroken();

    /** The rule that was broken, with the values seen, or null. */
    public abstract String brokenReason();
}
