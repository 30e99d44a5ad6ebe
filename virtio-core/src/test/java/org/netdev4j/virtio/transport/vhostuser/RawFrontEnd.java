package org.netdev4j.virtio.transport.vhostuser;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

import org.netdev4j.virtio.linux.OverfullMessage;
import org.netdev4j.virtio.linux.UnixSocket;
import org.netdev4j.virtio.transport.vhostuser.Payload.U64;

/** A front-end that sends what it likes: bytes, not messages. */
final class RawFrontEnd implements AutoCloseable {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final UnixSocket socket;
    private final Arena arena = Arena.ofConfined();

    RawFrontEnd(UnixSocket socket) {
        this.socket = socket;
    }

    /** Sends a message whose size is what {@code payload} has. */
    void send(int request, int flags, Payload payload, int... fds) {
        MemorySegment message = message(request, flags, payload.bytes(), payload.bytes());
        payload.write(message.asSlice(MessageHeader.BYTES));
        send(message, fds);
    }

    void send(FrontEndRequest request, Payload payload, int... fds) {
        send(request.code, MessageHeader.VERSION, payload, fds);
    }

    /** A header that announces {@code size} bytes, and as many zeroes behind it as are there. */
    MemorySegment message(int request, int flags, int size, int there) {
        MemorySegment message = arena.allocate(MessageHeader.BYTES + (long) there, 8);
        new MessageHeader(request, flags, size).write(message);
        return message;
    }

    /** The back-end may hang up halfway. */
    void send(MemorySegment bytes, int... fds) {
        long sent = 0;
        while (sent < bytes.byteSize()) {
            int now = socket.send(bytes.asSlice(sent), sent == 0 ? fds : new int[0]);
            if (now == UnixSocket.CLOSED_BY_PEER) {
                return;
            }
            sent += now;
        }
    }

    /** A header with more descriptors than one message may have. */
    void sendOverfull(int fd) {
        OverfullMessage.send(socket, message(FrontEndRequest.SET_OWNER.code, MessageHeader.VERSION, 0, 0), fd,
                UnixSocket.MAX_FDS + 1);
    }

    /** A number from the back-end, in reply to {@code request}. */
    long number(FrontEndRequest request) {
        return U64.read(reply(request, U64.BYTES)).value();
    }

    /** A reply to {@code request}, which must have its form and {@code bytes} of payload. */
    MemorySegment reply(FrontEndRequest request, int bytes) {
        MemorySegment reply = receive(MessageHeader.BYTES + bytes);
        assertEquals(new MessageHeader(request.code, MessageHeader.VERSION | MessageHeader.REPLY, bytes),
                MessageHeader.read(reply));
        return reply.asSlice(MessageHeader.BYTES);
    }

    private MemorySegment receive(int bytes) {
        MemorySegment target = arena.allocate(bytes, 8);
        int received = 0;
        while (received < bytes) {
            assertTrue(socket.awaitReadable(LIMIT_NANOS), "the back-end says nothing");
            int now = socket.receive(target.asSlice(received));
            assertTrue(now >= 0, "the back-end hung up");
            received += now;
        }
        return target;
    }

    /**
     * Asks and takes no answer until the back-end has enough of it.
     *
     * @return how often it was asked
     */
    int askUntilHungUp(FrontEndRequest request) {
        MemorySegment message = message(request.code, MessageHeader.VERSION, 0, 0);
        int asked = 0;
        int sent = 0;
        while (sent != UnixSocket.CLOSED_BY_PEER) {
            assertTrue(socket.awaitWritable(LIMIT_NANOS), "the back-end waits");
            sent = socket.send(message);
            asked++;
        }
        return asked;
    }

    /** Nothing was said that was not received. */
    void assertSilent() {
        assertFalse(socket.awaitReadable(1), "the back-end says what nobody asked for");
    }

    /** Waits for the back-end to hang up; what it says before is not looked at. */
    void assertClosed() {
        MemorySegment target = arena.allocate(JAVA_BYTE, 4096);
        while (true) {
            assertTrue(socket.awaitReadable(LIMIT_NANOS), "the back-end still listens");
            if (socket.receive(target) == UnixSocket.CLOSED_BY_PEER) {
                return;
            }
        }
    }

    @Override
    public void close() {
        socket.close();
        arena.close();
    }
}
