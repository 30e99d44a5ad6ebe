package org.netdev4j.virtio.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A message with more descriptors than {@link UnixSocket#send} allows, as a hostile peer sends it. */
public final class OverfullMessage {
    private OverfullMessage() {}

    public static void send(UnixSocket socket, MemorySegment data, int fd, int copies) {
        try (Arena arena = Arena.ofConfined()) {
            SocketMessage message = new SocketMessage(arena, data, copies);
            int[] fds = new int[copies];
            Arrays.fill(fds, fd);
            message.attach(fds);
            assertEquals(data.byteSize(), SocketCalls.sendMessage(socket.fd(), message.segment(), 0));
        }
    }
}
