package org.netdev4j.virtio.net.backend;

import java.lang.foreign.MemorySegment;
import java.util.function.IntConsumer;

import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameMemory;
import org.netdev4j.virtio.net.device.Offloads;

/** What {@link TapBackend} needs of one queue of a TAP: frames, with a virtio-net header or without, one per call, never blocking. */
interface TapPort extends AutoCloseable {
    String interfaceName();

    /** Calls {@code onReady} on the loop's thread, with what is there, while one of {@code events} is; 0: not any more. */
    void watch(int events, IntConsumer onReady);

    /** Whether the kernel takes frames at the moment. */
    boolean isUp();

    /** True if frames have a virtio-net header: what it asks for the kernel does. */
    boolean hasHeader();

    /** Lets the kernel hand over frames that ask for that, or as much of it as it can. */
    void offload(Offloads accepted);

    /** The kernel is to use this queue, or not. */
    void use(boolean inUse);

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
