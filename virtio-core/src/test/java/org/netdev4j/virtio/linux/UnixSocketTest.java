package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
    @TempDir
    Path directory;

    private final OpenFds before = OpenFds.now();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment inbox = arena.allocate(64);
    private final UnixSocket[] pair = UnixSocket.pair();
    private final UnixSocket here = pair[0];
    private final UnixSocket there = pair[1];

    @AfterEach
    void nothingStaysOpen() {
        here.close();
        there.close();
        arena.close();
        before.assertNoneLeaked();
    }

    @Test
    void bytesArriveAtTheOtherEnd() {
        assertEquals(3, here.send(bytes(1, 2, 3)));
        assertEquals(3, there.receive(inbox));
        assertArrayEquals(new byte[]{1, 2, 3}, inbox.asSlice(0, 3).toArray(JAVA_BYTE));
    }

    @Test
    void withoutDataReceivingDoesNotBlock() {
        assertEquals(0, there.receive(inbox));
        assertEquals(0, there.receive(inbox, 1).bytes());
    }

    @Test
    void theEndOfThePeerIsSeenByBothDirections() {
        there.close();
        assertEquals(UnixSocket.CLOSED_BY_PEER, here.receive(inbox));
        assertEquals(UnixSocket.CLOSED_BY_PEER, here.send(bytes(1)));
    }

    @Test
    void aSocketThatNobodyReadsFillsUpInsteadOfBlocking() {
        MemorySegment much = arena.allocate(1 << 20);
        int sent = 0;
        int now;
        do {
            now = here.send(much);
            sent += now;
        } while (now > 0);
        assertTrue(sent > 0);
        assertFalse(here.awaitWritable(1_000_000));
    }

    @Test
    void waitingEndsWithTheTimeOrWithTheData() {
        assertFalse(there.awaitReadable(1_000_000));
        here.send(bytes(1));
        assertTrue(there.awaitReadable(Long.MAX_VALUE / 2));
        assertTrue(there.awaitReadable(0), "a look without waiting");
    }

    @Test
    void anEventFdTravelsToThePeer() {
        try (EventFd event = EventFd.create()) {
            here.send(bytes(1), event.fd());
            UnixSocket.Received received = there.receive(inbox, 4);
            assertEquals(1, received.fds().count());
            try (ReceivedFds fds = received.fds(); EventFd same = fds.takeEventFd(0)) {
                assertNotEquals(event.fd(), same.fd());
                event.signal();
                assertEquals(1, same.drain());
                assertEquals(0, same.drain(), "it was made non-blocking");
            }
        }
    }

    @Test
    void aSocketTravelsToThePeer() {
        UnixSocket[] second = UnixSocket.pair();
        here.send(bytes(1), second[1].fd());
        second[1].close();
        try (UnixSocket mine = second[0];
                ReceivedFds fds = there.receive(inbox, 1).fds();
                UnixSocket travelled = fds.takeSocket(0)) {
            travelled.send(bytes(7));
            assertEquals(1, mine.receive(inbox));
            assertEquals(7, inbox.get(JAVA_BYTE, 0));
        }
    }

    @Test
    void descriptorsThatNobodyTakesAreClosedWithTheMessage() {
        try (EventFd event = EventFd.create()) {
            here.send(bytes(1), event.fd(), event.fd());
            try (ReceivedFds fds = there.receive(inbox, 4).fds()) {
                assertEquals(2, fds.count());
            }
        }
    }

    @Test
    void descriptorsThatThereIsNoRoomForAreClosedByTheKernel() {
        try (EventFd event = EventFd.create()) {
            here.send(bytes(1), event.fd(), event.fd(), event.fd(), event.fd());
            try (ReceivedFds fds = there.receive(inbox, 1).fds()) {
                assertTrue(fds.isTruncated());
            }
            here.send(bytes(1), event.fd());
            assertEquals(1, there.receive(inbox));
        }
    }

    @Test
    void aTakenDescriptorCannotBeTakenAgain() {
        try (EventFd event = EventFd.create()) {
            here.send(bytes(1), event.fd());
            try (ReceivedFds fds = there.receive(inbox, 1).fds(); EventFd taken = fds.takeEventFd(0)) {
                assertTrue(taken.fd() >= 0);
                assertThrows(IllegalStateException.class, () -> fds.takeEventFd(0));
                assertThrows(IllegalStateException.class, () -> fds.number(0));
            }
        }
    }

    @Test
    void aListenerAcceptsAndRemovesItsPathInTheEnd() {
        Path path = directory.resolve("s");
        UnixListener listener = UnixListener.bind(path);
        assertNull(listener.accept());
        try (UnixSocket client = UnixSocket.connect(path); UnixSocket server = listener.accept()) {
            client.send(bytes(5));
            assertEquals(1, server.receive(inbox));
        }
        listener.close();
        listener.close();
        assertFalse(Files.exists(path));
    }

    @Test
    void aSocketFileThatNobodyListensOnIsReplaced() throws IOException {
        Path path = directory.resolve("s");
        UnixListener first = UnixListener.bind(path);
        Path kept = Files.createLink(directory.resolve("kept"), path);
        first.close();
        Files.move(kept, path);
        try (UnixListener second = UnixListener.bind(path); UnixSocket client = UnixSocket.connect(path)) {
            assertTrue(client.fd() >= 0);
            second.accept().close();
        }
    }

    @Test
    void aSocketInUseIsNotTakenAway() {
        Path path = directory.resolve("s");
        try (UnixListener listener = UnixListener.bind(path)) {
            ErrnoException refused = assertThrows(ErrnoException.class, () -> UnixListener.bind(path));
            assertEquals("listen on " + path + ": EADDRINUSE (address in use): another process listens there",
                    refused.getMessage());
            listener.accept().close();
        }
    }

    @Test
    void aFileThatIsNoSocketIsLeftAlone() throws IOException {
        Path path = Files.writeString(directory.resolve("s"), "mine");
        ErrnoException refused = assertThrows(ErrnoException.class, () -> UnixListener.bind(path));
        assertTrue(refused.getMessage().endsWith("the file is not a socket; choose another path"),
                refused.getMessage());
        assertEquals("mine", Files.readString(path));
    }

    @Test
    void closingLateDoesNotRemoveTheSuccessorsPath() throws IOException {
        Path path = directory.resolve("s");
        UnixListener first = UnixListener.bind(path);
        Files.delete(path);
        try (UnixListener second = UnixListener.bind(path)) {
            first.close();
            assertTrue(Files.exists(second.path()));
        }
    }

    @Test
    void connectingSaysWhatIsMissing() {
        Path path = directory.resolve("s");
        ErrnoException none = assertThrows(ErrnoException.class, () -> UnixSocket.connect(path));
        assertEquals(Errno.ENOENT, none.errno());
        IllegalArgumentException tooLong = assertThrows(IllegalArgumentException.class,
                () -> UnixSocket.connect(Path.of("/" + "x".repeat(107))));
        assertTrue(tooLong.getMessage().endsWith("has 108 bytes, allowed are 1 to 107"), tooLong.getMessage());
    }

    private MemorySegment bytes(int... values) {
        MemorySegment segment = arena.allocate(values.length);
        for (int i = 0; i < values.length; i++) {
            segment.set(JAVA_BYTE, i, (byte) values[i]);
        }
        return segment;
    }
}
