package org.netdev4j.examples;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

import org.netdev4j.virtio.net.backend.Loopback;
import org.netdev4j.virtio.net.backend.Sink;
import org.netdev4j.virtio.net.backend.Source;
import org.netdev4j.virtio.net.device.NetBackend;

/** What {@link SwitchCommand} has behind a port instead of other ports. */
enum SwitchMode {
    SINK, SOURCE, IO;

    /** @param size of the frames that a source sends, bytes */
    NetBackend backend(int size) {
        return switch (this) {
            case SINK -> new Sink();
            case SOURCE -> new Source(frame(size));
            case IO -> new Loopback();
        };
    }

    private static MemorySegment frame(int size) {
        MemorySegment header = TestFrame.header();
        TestFrame.length(header, size);
        MemorySegment frame = Arena.ofAuto().allocate(size);
        MemorySegment.copy(header, 0, frame, 0, TestFrame.HEADER_BYTES);
        return frame;
    }

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
