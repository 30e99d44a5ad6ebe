package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;

/** What a hostile peer makes of an eventfd that it shares with us. */
public final class BlockingEvent {
    /** Largest value that can be written: to add 1 to it is to wait. */
    static final long LIMIT = -2;

    private BlockingEvent() {}

    /** Whoever writes to it afterwards waits. */
    public static void fill(EventFd event) {
        event.drain();
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(Long.BYTES, FileCalls.write(event.fd(), arena.allocateFrom(JAVA_LONG, LIMIT), Long.BYTES));
        }
        letBlock(event);
    }

    /** Whoever reads it while it is 0 waits. */
    public static void letBlock(EventFd event) {
        int flags = ErrnoException.check("F_GETFL", SocketCalls.fcntl(event.fd(), SocketCalls.F_GETFL, 0));
        ErrnoException.check("F_SETFL",
                SocketCalls.fcntl(event.fd(), SocketCalls.F_SETFL, flags & ~FileCalls.O_NONBLOCK));
    }
}
