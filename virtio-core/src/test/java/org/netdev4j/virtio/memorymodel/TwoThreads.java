package org.netdev4j.virtio.memorymodel;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;

/** What a driver and a device do with one queue, each on a thread of its own. Instances are used for one thread, once. */
public interface TwoThreads {
    /** Makes both ends in zeroed memory, always in the same way; not explored. */
    void setUp(MemoryRegion memory, Features features);

    /** The driver's thread; throws {@link AssertionError} when it sees what it must not see. */
    void driver();

    /** The device's thread, as {@link #driver()}. */
    void device();
}
