package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

import org.netdev4j.virtio.queue.DescriptorChain;
import org.netdev4j.virtio.queue.DeviceQueue;

/**
 * Receive buffers taken from a queue for the frames of one delivery: all are filled and returned together, or all put back.
 * Grows to what the largest delivery needs and stays there.
 */
final class ReservedBuffers {
    private final int maxPieces;
    private DescriptorChain[] chains = {};
    private int[] written = {};
    private int count;
    private int pieces;
    private DeviceQueue queue;

    /** @param maxPieces most pieces of a buffer */
    ReservedBuffers(int maxPieces) {
        this.maxPieces = maxPieces;
        grow();
    }

    /** Buffers of that queue from now on; those of the last are forgotten. */
    void use(DeviceQueue receiveQueue) {
        queue = receiveQueue;
        forget();
    }

    int count() {
        return count;
    }

    /** Pieces of all of them: without indirect descriptors as many descriptors of the queue. */
    int pieces() {
        return pieces;
    }

    /** The buffer taken as number {@code index}. */
    DescriptorChain get(int index) {
        return chains[index];
    }

    /** Takes one more. @return null if there is none at the moment */
    DescriptorChain take() {
        if (count == chains.length) {
            grow();
        }
        DescriptorChain chain = chains[count];
        if (!queue.next(chain)) {
            return null;
        }
        written[count++] = 0;
        pieces += chain.size();
        return chain;
    }

    private void grow() {
        int before = chains.length;
        chains = Arrays.copyOf(chains, before + 1);
        written = Arrays.copyOf(written, before + 1);
        chains[before] = new DescriptorChain(maxPieces);
    }

    /** How much of buffer {@code index} was written, bytes from its start. */
    void written(int index, int bytes) {
        written[index] = bytes;
    }

    /** Copies {@code length} bytes to the buffers from number {@code first} on, starting {@code at} bytes into them. */
    void write(int first, int at, MemorySegment source, long sourceOffset, int length) {
        int skip = at;
        int copied = 0;
        for (int i = first; copied < length; i++) {
            int room = chains[i].writableLength();
            if (skip >= room) {
                skip -= room;
                continue;
            }
            copied += chains[i].write(skip, source, sourceOffset + copied, length - copied);
            skip = 0;
        }
    }

    /** Appends zeros to what was written to the last buffer. @return false if there is no room at all */
    boolean pad(MemorySegment zeros, long offset, int bytes) {
        int last = count - 1;
        int padded = chains[last].write(written[last], zeros, offset, bytes);
        written[last] += padded;
        return padded > 0;
    }

    /** Returns all to the driver, in order; not visible yet. */
    void complete() {
        for (int i = 0; i < count; i++) {
            queue.complete(chains[i], written[i]);
        }
        forget();
    }

    /** Puts all back: nothing was delivered. */
    void putBack() {
        if (count > 0) {
            queue.putBack(count);
            forget();
        }
    }

    private void forget() {
        count = 0;
        pieces = 0;
    }

    /** True if the driver made more than {@code buffers} available. */
    boolean hasMoreThan(int buffers) {
        skip(buffers);
        boolean more = queue.hasAvailable();
        putBack();
        return more;
    }

    /** As {@link DeviceQueue#armKick}, for buffers behind the first {@code buffers}. */
    boolean armKickBehind(int buffers) {
        skip(buffers);
        boolean armed = queue.armKick();
        putBack();
        return armed;
    }

    private void skip(int buffers) {
        boolean found = true;
        while (found && count < buffers) {
            found = take() != null;
        }
    }
}
