package org.netdev4j.virtio.transport.vhostuser;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import org.netdev4j.virtio.linux.ErrnoException;
import org.netdev4j.virtio.linux.UnixSocket;

/** One end of a vhost-user connection: messages go out whole and come in whole, within a time limit. One thread. */
final class MessageChannel implements AutoCloseable {
    private final UnixSocket socket;
    private final long timeoutNanos;
    private final MessageReader reader;

    MessageChannel(UnixSocket socket, long timeoutNanos) {
        this.socket = socket;
        this.timeoutNanos = timeoutNanos;
        reader = new MessageReader(socket);
    }

    /** For an epoll; -1 once closed. */
    int fd() {
        return socket.fd();
    }

    /**
     * Sends a message.
     *
     * @param flags of {@link MessageHeader}, without the version
     * @param fds go with it, and stay the caller's
     * @throws VhostUserException if the peer is gone, or takes none of it for the time limit
     */
    void send(int request, int flags, Payload payload, int... fds) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(MessageHeader.BYTES + payload.bytes(), 8);
            new MessageHeader(request, MessageHeader.VERSION | flags, payload.bytes()).write(bytes);
            payload.write(bytes.asSlice(MessageHeader.BYTES));
            sendAll(bytes, fds);
        } catch (ErrnoException e) {
            throw new VhostUserException(e.getMessage(), e);
        }
    }

    private void sendAll(MemorySegment bytes, int[] fds) {
        long sent = 0;
        int[] withFirstByte = fds;
        while (sent < bytes.byteSize()) {
            int now = socket.send(bytes.asSlice(sent), withFirstByte);
            if (now == UnixSocket.CLOSED_BY_PEER) {
                throw new VhostUserException("the peer closed the connection");
            }
            if (now > 0) {
                withFirstByte = new int[0];
                sent += now;
            } else if (!socket.awaitWritable(timeoutNanos)) {
                throw new VhostUserException("the peer takes no message, waited " + millis() + " ms");
            }
        }
    }

    /**
     * The next message, the caller's to close, or null if none has come as a whole yet.
     *
     * @throws VhostUserException if the peer is gone or sent what no message can be
     */
    Message poll() {
        try {
            return reader.poll();
        } catch (ErrnoException e) {
            throw new VhostUserException(e.getMessage(), e);
        }
    }

    /**
     * Waits for the next message, the caller's to close.
     *
     * @throws VhostUserException as {@link #poll}, and if none comes within the time limit
     */
    Message await() {
        long deadline = System.nanoTime() + timeoutNanos;
        Message message = poll();
        while (message == null) {
            long left = deadline - System.nanoTime();
            if (left <= 0 || !socket.awaitReadable(left)) {
                throw new VhostUserException("the peer does not answer, waited " + millis() + " ms");
            }
            message = poll();
        }
        return message;
    }

    private long millis() {
        return timeoutNanos / 1_000_000;
    }

    /** True if the peer has closed its end. */
    boolean isHungUp() {
        return socket.isHungUp();
    }

    /** Idempotent. */
    @Override
    public void close() {
        reader.close();
        socket.close();
    }
}
