package org.netdev4j.virtio.queue;

import java.util.List;

/** The device end of a queue in a test: the one under test, or one that reads the rings by hand. */
interface DeviceEnd {
    /** Null if none is available. */
    Taken next();

    void putBack(int buffers);

    boolean hasAvailable();

    void complete(int id, int written);

    boolean publish();

    boolean armKick();

    void disarmKick();

    /** A buffer with its pieces in device addresses. */
    record Taken(int id, List<Buffer.Piece> pieces) {}
}
