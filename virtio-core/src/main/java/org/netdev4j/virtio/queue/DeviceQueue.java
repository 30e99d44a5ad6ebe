package org.netdev4j.virtio.queue;

import java.lang.foreign.MemorySegment;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;

/**
 * The device end of a virtqueue: takes available buffers, returns used ones. Every index, address, length and flag that the
 * driver wrote is checked here, once; each descriptor is read once. When the driver cheats the queue is {@link #isBroken()}:
 * it takes no more buffers, but those taken before can still be completed and published. A buffer that is malformed is
 * completed with length 0, to be handed back by the next {@link #publish()}.
 * <p>
 * One thread at a time. Nothing here allocates, throws or blocks after construction, but for misuse.
 */
public abstract sealed class DeviceQueue extends HotFields permits SplitDeviceQueue, PackedDeviceQueue {
    private String brokenReason;
    /** Null unless somebody wants to know. */
    private WriteLog bufferLog;
    private WriteLog ringLog;

    DeviceQueue() {}

    /**
     * The device end of the queue that the driver placed at {@code placement}. It is armed, as if by {@link #armKick()}.
     *
     * @param memory translates every address
     * @param features what was negotiated; of these the queue knows RING_PACKED, EVENT_IDX, INDIRECT_DESC and IN_ORDER
     * @throws VirtioException if the placement is not aligned, not of a legal size or not in memory
     */
    public static DeviceQueue create(DeviceMemory memory, QueuePlacement placement, Features features) {
        return create(memory, placement, features, RingState.start(features));
    }

    /**
     * As {@link #create(DeviceMemory, QueuePlacement, Features)}, going on where another device end stopped. Buffers between
     * the state's two positions count as taken; to stop without any, complete or {@link #putBack} them first.
     *
     * @throws VirtioException also if more lies between the positions than the queue holds
     */
    public static DeviceQueue create(DeviceMemory memory, QueuePlacement placement, Features features,
            RingState state) {
        return create(memory, placement, features, state, null);
    }

    /**
     * As {@link #create(DeviceMemory, QueuePlacement, Features, RingState)}, with a record of the buffers that are taken. A record
     * that was begun says by itself where to go on: buffers that a device end took and did not return, because its process was
     * killed, are taken again first, in the same order.
     *
     * @param inflightRecord {@link #inflightRecordBytes}, zeroed before it is begun, aligned to 8 bytes, in memory that outlives
     *        the process; null: none is kept
     * @throws VirtioException also if the record cannot be of this queue
     */
    public static DeviceQueue create(DeviceMemory memory, QueuePlacement placement, Features features,
            RingState state, MemorySegment inflightRecord) {
        if (!features.has(VirtioFeature.RING_PACKED)) {
            return new SplitDeviceQueue(memory, placement, features, state, inflightRecord);
        }
        return features.has(VirtioFeature.IN_ORDER)
                ? new InOrderPackedDeviceQueue(memory, placement, features, state, inflightRecord)
                : new PackedDeviceQueue(memory, placement, features, state, inflightRecord);
    }

    /** Bytes from one record of buffers in flight to the next, for queues of {@code size} descriptors. */
    public static long inflightRecordBytes(int size, Features features) {
        return InflightLayout.recordBytes(size, features);
    }

    /** As {@link #create(DeviceMemory, QueuePlacement, Features)}, with both positions at {@code first}. */
    static DeviceQueue create(DeviceMemory memory, QueuePlacement placement, Features features, int first) {
        return create(memory, placement, features, new RingState(first, first));
    }

    /** Where the queue is: completed buffers count once they are published. */
    public abstract RingState state();

    /** Descriptors. */
    public abstract int size();

    /**
     * Takes the next available buffer.
     *
     * @param chain receives it, translated and checked
     * @return false if none is available or the queue is broken
     */
    public abstract boolean next(DescriptorChain chain);

    /**
     * Takes available buffers as long as each has one piece, all lie in one region of memory, and all are to be read, or all to be
     * written. What comes then, be it malformed, is left for {@link #next(DescriptorChain)}.
     *
     * @param burst receives them, translated and checked
     * @param most buffers to take
     * @return buffers taken; 0: there may be one all the same, of another shape
     */
    public abstract int next(DescriptorBurst burst, int most, boolean writable);

    /**
     * Puts back the buffers taken last by {@link #next} and not completed: they will come again, in the same order. Of a
     * broken queue none will, and nothing is done.
     *
     * @throws IllegalArgumentException if fewer are taken and not completed
     */
    public abstract void putBack(int buffers);

    /** True if {@link #next} would find something: a look at the index, nothing is taken. */
    public abstract boolean hasAvailable();

    /**
     * Returns a buffer; the driver does not see it before {@link #publish()}.
     *
     * @param chain a buffer taken from this queue
     * @param written bytes written to its writable part, from the first on
     * @throws IllegalArgumentException if that is more than its writable part has
     */
    public final void complete(DescriptorChain chain, int written) {
        if (written > chain.writableLength()) {
            throw new IllegalArgumentException(
                    written + " bytes written to a buffer with room for " + chain.writableLength());
        }
        if (bufferLog != null) {
            chain.logWritten(bufferLog, written);
        }
        complete(chain.id(), written);
    }

    /**
     * Returns the first buffers of a burst, as {@link #complete(DescriptorChain, int)} returns one.
     *
     * @param burst taken from this queue, nothing of it completed or put back
     * @param written bytes written to each, from its first on; null if the buffers are to be read
     * @throws IllegalArgumentException if that is more than a buffer has
     */
    public final void complete(DescriptorBurst burst, int buffers, int[] written) {
        if (buffers == 0) {
            return;
        }
        if (written != null) {
            checkWritten(burst, buffers, written);
        }
        if (bufferLog != null) {
            for (int i = 0; i < buffers; i++) {
                burst.logWritten(bufferLog, i, written == null ? 0 : written[i]);
            }
        }
        completeBurst(burst, buffers, written);
    }

    private static void checkWritten(DescriptorBurst burst, int buffers, int[] written) {
        for (int i = 0; i < buffers; i++) {
            int room = burst.isWritable() ? burst.length(i) : 0;
            if (written[i] < 0 || written[i] > room) {
                throw new IllegalArgumentException(written[i] + " bytes written to a buffer with room for " + room);
            }
        }
    }

    /** As {@link #complete(DescriptorBurst, int, int[])}, of which {@code written} is checked and logged. */
    void completeBurst(DescriptorBurst burst, int buffers, int[] written) {
        completeEach(burst, buffers, written);
    }

    final void completeEach(DescriptorBurst burst, int buffers, int[] written) {
        for (int i = 0; i < buffers; i++) {
            complete(burst.id(i), written == null ? 0 : written[i]);
        }
    }

    /**
     * As {@link #complete(DescriptorChain, int)}, by {@link DescriptorChain#id()} when the chain object was reused. What was
     * written is not logged.
     *
     * @throws IllegalArgumentException if {@code chainId} is not an id of this queue or {@code written} is negative
     * @throws IllegalStateException if every buffer taken was completed already; with IN_ORDER, if this one is not taken
     */
    public abstract void complete(int chainId, int written);

    /**
     * Makes everything completed since the last call visible to the driver (one release store), and looks once, behind a full
     * fence, at whether the driver wants to be told. With IN_ORDER a buffer is held back until all that were taken before it
     * are completed.
     *
     * @return true if the driver is to be interrupted; false if not, or if nothing became visible
     */
    public abstract boolean publish();

    /**
     * True if the driver says now that it wants no interrupt, whatever it was when buffers were published: an interrupt that was
     * held back is not sent then. With EVENT_IDX a split queue cannot say so.
     */
    public abstract boolean interruptsAreDisabled();

    /**
     * Asks the driver to kick when it makes a buffer available. With EVENT_IDX that is one kick, without it one for each
     * publication until {@link #disarmKick()}: arm again before each wait.
     *
     * @return true: armed; false: buffers are available already, nothing is armed. Always true when the queue is broken:
     *         there is nothing to take, and never will be
     */
    public abstract boolean armKick();

    /** Tells the driver that no kick is needed; a hint. */
    public abstract void disarmKick();

    /**
     * Logs what is written from now on. A buffer counts as written when it is completed; of the rings everything that was
     * written before counts too.
     *
     * @param buffers learns of the first bytes of a buffer's writable part, as many as it is completed with; null: nobody does
     * @param rings learns of the parts that the device writes, by their addresses in {@link QueuePlacement}; null: nobody does
     */
    public final void logWrites(WriteLog buffers, WriteLog rings) {
        bufferLog = buffers;
        ringLog = rings;
        if (rings != null) {
            logRing(rings);
        }
    }

    /** Logs the parts of the ring that the device writes. */
    abstract void logRing(WriteLog rings);

    /** Null unless writes to the ring are logged. */
    final WriteLog ringLog() {
        return ringLog;
    }

    /** True once the driver broke the rules; {@link #brokenReason()} says how. Only a new queue cures it. */
    public final boolean isBroken() {
        return brokenReason != null;
    }

    /** The rule that was broken, with the values seen, or null. */
    public final String brokenReason() {
        return brokenReason;
    }

    final void brokenReason(String reason) {
        brokenReason = reason;
    }

    /** A part of the queue in host memory, with its alignment checked in device and in host addresses. */
    static MemorySegment part(DeviceMemory memory, String what, long deviceAddress, long bytes, int alignment) {
        if ((deviceAddress & (alignment - 1)) != 0) {
            throw new VirtioException(what + " at device address 0x" + Long.toHexString(deviceAddress)
                    + " is not aligned to " + alignment + " bytes");
        }
        MemorySegment part = memory.slice(what, deviceAddress, bytes);
        if ((part.address() & (alignment - 1)) != 0) {
            throw new VirtioException(what + " at device address 0x" + Long.toHexString(deviceAddress)
                    + " is mapped at host address 0x" + Long.toHexString(part.address()) + ", not aligned to "
                    + alignment
                    + " bytes");
        }
        return part;
    }
}
