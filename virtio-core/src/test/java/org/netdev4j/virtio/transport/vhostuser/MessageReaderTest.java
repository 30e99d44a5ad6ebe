package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.linux.OpenFds;
import org.netdev4j.virtio.linux.OverfullMessage;
import org.netdev4j.virtio.linux.UnixSocket;
import org.netdev4j.virtio.testing.Rule;

class MessageReaderTest {
    private static final int MEMORY_TABLE = 5;

    private final OpenFds before = OpenFds.now();
    private final Arena arena = Arena.ofConfined();
    private final UnixSocket[] pair = UnixSocket.pair();
    private final UnixSocket peer = pair[0];
    private final MessageReader reader = new MessageReader(pair[1]);

    @AfterEach
    void nothingStaysOpen() {
        reader.close();
        peer.close();
        pair[1].close();
        arena.close();
        before.assertNoneLeaked();
    }

    @Test
    @Rule("VU2")
    void aMessageComesWithItsDescriptors() {
        try (EventFd event = EventFd.create()) {
            peer.send(message(MEMORY_TABLE, 8), event.fd(), event.fd());
            try (Message message = reader.poll()) {
                assertEquals(MEMORY_TABLE, message.header().request());
                assertEquals(8, message.body().byteSize());
                assertEquals(2, message.fds().count());
            }
        }
        assertNull(reader.poll());
    }

    @Test
    @Rule({"VU2", "VU50"})
    void aMessageThatComesByteByByteIsPutTogether() {
        try (EventFd event = EventFd.create()) {
            MemorySegment bytes = message(12, 8);
            for (int i = 0; i < bytes.byteSize(); i++) {
                assertNull(reader.poll());
                MemorySegment one = bytes.asSlice(i, 1);
                if (i == 0) {
                    peer.send(one, event.fd());
                } else {
                    peer.send(one);
                }
            }
            try (Message message = reader.poll()) {
                assertEquals(12, message.header().request());
                assertEquals(1, message.fds().count());
            }
        }
    }

    @Test
    void messagesThatComeTogetherAreKeptApart() {
        MemorySegment two = arena.allocate(12 + 20);
        MemorySegment.copy(message(1, 0), 0, two, 0, 12);
        MemorySegment.copy(message(2, 8), 0, two, 12, 20);
        peer.send(two);
        try (Message first = reader.poll(); Message second = reader.poll()) {
            assertEquals(1, first.header().request());
            assertEquals(2, second.header().request());
        }
    }

    @Test
    @Rule("VU34")
    void descriptorsOfAMessageThatNeverEndsAreClosed() {
        try (EventFd event = EventFd.create()) {
            peer.send(message(12, 8).asSlice(0, 5), event.fd());
            assertNull(reader.poll());
        }
    }

    @Test
    @Rule("VU34")
    void descriptorsThatComeLateAreClosed() {
        try (EventFd event = EventFd.create()) {
            MemorySegment bytes = message(12, 8);
            peer.send(bytes.asSlice(0, 12));
            peer.send(bytes.asSlice(12), event.fd());
            try (Message message = reader.poll()) {
                assertEquals(0, message.fds().count());
            }
        }
    }

    @Test
    @Rule("VU34")
    void tooManyDescriptorsEndTheConversation() {
        try (EventFd event = EventFd.create()) {
            OverfullMessage.send(peer, message(5, 0), event.fd(), UnixSocket.MAX_FDS + 1);
            assertThrows(VhostUserException.class, reader::poll);
        }
    }

    @Test
    @Rule("VU33")
    void theEndOfTheConversationIsToldFromAMessageCutShort() {
        peer.send(message(12, 8).asSlice(0, 14));
        assertNull(reader.poll());
        peer.close();
        assertEquals("the peer closed the connection 14 bytes into a message",
                assertThrows(VhostUserException.class, reader::poll).getMessage());
    }

    private MemorySegment message(int request, int payload) {
        MemorySegment bytes = arena.allocate(MessageHeader.BYTES + payload);
        new MessageHeader(request, MessageHeader.VERSION, payload).write(bytes);
        return bytes;
    }
}
