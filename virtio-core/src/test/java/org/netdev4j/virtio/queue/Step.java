package org.netdev4j.virtio.queue;

import java.util.List;

/** One thing that one end of a queue does. Numbers are taken modulo what there is. */
sealed interface Step {
    sealed interface ByDriver extends Step {}

    sealed interface ByDevice extends Step {}

    /** The driver adds a buffer of pieces of these lengths; from {@code firstWritable} on the device may write. */
    record Add(List<Integer> lengths, int firstWritable) implements ByDriver {}

    record Publish() implements ByDriver {}

    record Pop(int max) implements ByDriver {}

    record ArmInterrupt() implements ByDriver {}

    record DisarmInterrupt() implements ByDriver {}

    /** The device takes buffers until it has this many more or there are none. */
    record Take(int most) implements ByDevice {}

    record PutBack(int buffers) implements ByDevice {}

    /** The device completes one of the buffers that it holds. */
    record Complete(int which, int written) implements ByDevice {}

    record PublishUsed() implements ByDevice {}

    record ArmKick() implements ByDevice {}

    record DisarmKick() implements ByDevice {}
}
