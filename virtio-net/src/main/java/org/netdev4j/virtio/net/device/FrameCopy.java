package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;

import org.netdev4j.netbuf.MemoryRegion;

/** Room for one frame of any length in one piece; one device has one, for the frames that cannot be passed on as they are. */
final class FrameCopy implements AutoCloseable {
    private final MemoryRegion region = MemoryRegion.allocate("virtio-net frame copy", Frame.MAX_LENGTH);
    private final MemorySegment memory = region.segment();
    private final ContiguousFrame copy = new ContiguousFrame();

    /**
     * Copies {@code frame}, of at most {@link Frame#MAX_LENGTH} bytes.
     *
     * @param completeChecksum true: what it asks for is its checksum alone, and that is done here
     * @return valid until the next copy
     */
    Frame of(Frame frame, boolean completeChecksum) {
        int length = frame.length();
        frame.copyTo(0, memory, 0, length);
        copy.show(memory, 0, length);
        copy.sentOn(frame.pair());
        copy.offload().set(frame.offload());
        if (completeChecksum) {
            PartialChecksum.complete(copy);
        }
        return copy;
    }

    @Override
    public void close() {
        region.close();
    }
}
