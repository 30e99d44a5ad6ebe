package org.netdev4j.virtio.net.backend;

import java.lang.foreign.MemorySegment;
import java.util.function.IntConsumer;

import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameMemory;

/** What {@link TapBackend} needs of a TAP: frames with a virtio-net header, one per call, never blocking. */
interface TapPort extends AutoCloseable {
    String interfaceName();

    /** Calls {@code onReady} on the loop's thread, with what is there, while one of {@code events} is; 0: not any more. */
    void watch(int events, IntConsumer onReady);

    /** Whether the kernel takes frames at the moment. */
    boolean isUp();

    /** Lets the kernel hand over frames whose checksum is only partial, or not. */
    void acceptPartialChecksum(boolean accepted);

    /**
     * Reads a frame, its header into {@code header}.
     *
     * @return bytes of header and frame, more than both have room for if the frame did not fit; 0 if none waits; or a negative
     *     errno
     */
    int read(MemorySegment header, FrameMemory room);

    /** Writes a frame behind {@code header}. @return bytes written, 0 if there is no room now, or a negative errno */
    int write(MemorySegment header, Frame frame);

    @Override
    void close();
}
