package org.netdev4j.virtio.queue;

import java.util.List;

/** One thing that one end of a queue does. Numbers are taken modulo what there is. */
sealed interface Step {
    /** The driver adds a buffer of pieces of these lengths; from {@code firstWritable} on the device may write. */
    record Add(List<Integer> lengths, int firstWritable) implements Step {}

    record Publish() implements Step {}

    record Pop(int max) implements Step {}

    record ArmInterrupt() implements Step {}

    record DisarmInterrupt() implements Step {}

    /** The device takes buffers until it has this many more or there are none. */
    record Take(int most) implements Step {}

    record PutBack(int buffers) implements Step {}

    /** The device completes one of the buffers that it holds. */
    record Complete(int which, int written) implements Step {}

    record PublishUsed() implements Step {}

    record ArmKick() implements Step {}

    record DisarmKick() implements Step {}
}
