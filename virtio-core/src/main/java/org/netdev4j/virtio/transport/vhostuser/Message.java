package org.netdev4j.virtio.transport.vhostuser;

import java.lang.foreign.MemorySegment;

import org.netdev4j.virtio.linux.ReceivedFds;

/**
 * A message as it came in.
 *
 * @param body the payload's bytes, read by whoever knows what the request is; valid until the next message
 * @param fds that came with it; closed with the message unless taken
 */
record Message(MessageHeader header, MemorySegment body, ReceivedFds fds) implements AutoCloseable {
    @Override
    public void close() {
        fds.close();
    }
}
