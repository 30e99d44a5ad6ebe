package org.netdev4j.virtio.transport.vhostuser;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import org.netdev4j.virtio.linux.ReceivedFds;
import org.netdev4j.virtio.linux.UnixSocket;

/**
 * Puts messages together from what a socket has: a peer that sends half a message and stalls leaves this half full and
 * blocks nobody. Descriptors come with the first byte of a header only. One thread.
 */
final class MessageReader implements AutoCloseable {
    private final UnixSocket socket;
    private final MemorySegment buffer = Arena.ofAuto().allocate(MessageHeader.BYTES + MessageHeader.MAX_PAYLOAD, 8);
    /** Bytes of the message under way, header included. */
    private int filled;
    /** Null until its header is complete. */
    private MessageHeader header;
    private ReceivedFds fds = ReceivedFds.none();

    MessageReader(UnixSocket socket) {
        this.socket = socket;
    }

    /**
     * The next message, the caller's to close, or null if it has not come as a whole yet.
     *
     * @throws VhostUserException if the peer sent what no message can be, or closed the connection
     */
    Message poll() {
        while (header == null) {
            if (!receiveHeader()) {
                return null;
            }
        }
        while (filled < MessageHeader.BYTES + header.size()) {
            if (!receivePayload()) {
                return null;
            }
        }
        Message message = new Message(header, buffer.asSlice(MessageHeader.BYTES, header.size()), fds);
        header = null;
        filled = 0;
        fds = ReceivedFds.none();
        return message;
    }

    private boolean receiveHeader() {
        MemorySegment room = buffer.asSlice(filled, MessageHeader.BYTES - filled);
        int bytes;
        if (filled == 0) {
            UnixSocket.Received received = socket.receive(room, UnixSocket.MAX_FDS);
            bytes = received.bytes();
            fds = received.fds();
        } else {
            bytes = socket.receive(room);
        }
        if (!arrived(bytes)) {
            return false;
        }
        if (fds.isTruncated()) {
            throw new VhostUserException("more than " + UnixSocket.MAX_FDS + " file descriptors in one message");
        }
        if (filled == MessageHeader.BYTES) {
            header = MessageHeader.read(buffer);
        }
        return true;
    }

    private boolean receivePayload() {
        return arrived(socket.receive(buffer.asSlice(filled, MessageHeader.BYTES + header.size() - filled)));
    }

    private boolean arrived(int bytes) {
        if (bytes == UnixSocket.CLOSED_BY_PEER) {
            throw new VhostUserException(filled == 0
                    ? "the peer closed the connection"
                    : "the peer closed the connection " + filled + " bytes into a message");
        }
        filled += bytes;
        return bytes > 0;
    }

    /** Drops a message that is under way. */
    @Override
    public void close() {
        fds.close();
    }
}
