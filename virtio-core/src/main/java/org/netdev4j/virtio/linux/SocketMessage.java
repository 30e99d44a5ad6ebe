package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A {@code struct msghdr} with one piece of data and room for descriptors, sendmsg(2), unix(7).
 *
 * <pre>
 *   0 name  8 name length  16 iovec*  24 iovec count  32 control*  40 control length  48 flags
 *
 *  control:  0 length (16 + 4 n)   8 SOL_SOCKET   12 SCM_RIGHTS   16 int[n]
 * </pre>
 */
final class SocketMessage {
    private static final int BYTES = 56;
    private static final int PIECES_OFFSET = 16;
    private static final int PIECE_COUNT_OFFSET = 24;
    private static final int CONTROL_OFFSET = 32;
    private static final int CONTROL_LENGTH_OFFSET = 40;
    private static final int FLAGS_OFFSET = 48;

    private static final int CONTROL_HEADER_BYTES = 16;
    private static final int LEVEL_OFFSET = 8;
    private static final int TYPE_OFFSET = 12;

    private final MemorySegment message;
    private final MemorySegment control;

    /** @param maxFds 0 for a message that carries none */
    SocketMessage(Arena arena, MemorySegment data, int maxFds) {
        message = arena.allocate(BYTES, Long.BYTES);
        MemorySegment piece = arena.allocate(2L * Long.BYTES, Long.BYTES);
        piece.set(JAVA_LONG, 0, data.address());
        piece.set(JAVA_LONG, Long.BYTES, data.byteSize());
        message.set(JAVA_LONG, PIECES_OFFSET, piece.address());
        message.set(JAVA_LONG, PIECE_COUNT_OFFSET, 1);
        control = maxFds == 0
                ? MemorySegment.NULL
                : arena.allocate(align(CONTROL_HEADER_BYTES + (long) maxFds * Integer.BYTES), Long.BYTES);
        if (maxFds != 0) {
            message.set(JAVA_LONG, CONTROL_OFFSET, control.address());
            message.set(JAVA_LONG, CONTROL_LENGTH_OFFSET, control.byteSize());
        }
    }

    /** For the calls. */
    MemorySegment segment() {
        return message;
    }

    /** Lets {@code fds} go with the message. */
    void attach(int[] fds) {
        control.set(JAVA_LONG, 0, CONTROL_HEADER_BYTES + (long) fds.length * Integer.BYTES);
        control.set(JAVA_INT, LEVEL_OFFSET, SocketCalls.SOL_SOCKET);
        control.set(JAVA_INT, TYPE_OFFSET, SocketCalls.SCM_RIGHTS);
        for (int i = 0; i < fds.length; i++) {
            control.setAtIndex(JAVA_INT, CONTROL_HEADER_BYTES / Integer.BYTES + i, fds[i]);
        }
    }

    /** True if descriptors came that there was no room for. */
    boolean isTruncated() {
        return (message.get(JAVA_INT, FLAGS_OFFSET) & SocketCalls.MSG_CTRUNC) != 0;
    }

    /** The descriptors that came, this process's to close. */
    int[] received() {
        long length = message.get(JAVA_LONG, CONTROL_LENGTH_OFFSET);
        if (length < CONTROL_HEADER_BYTES || control.get(JAVA_INT, LEVEL_OFFSET) != SocketCalls.SOL_SOCKET
                || control.get(JAVA_INT, TYPE_OFFSET) != SocketCalls.SCM_RIGHTS) {
            return new int[0];
        }
        int[] fds = new int[(int) (control.get(JAVA_LONG, 0) - CONTROL_HEADER_BYTES) / Integer.BYTES];
        for (int i = 0; i < fds.length; i++) {
            fds[i] = control.getAtIndex(JAVA_INT, CONTROL_HEADER_BYTES / Integer.BYTES + i);
        }
        return fds;
    }

    private static long align(long bytes) {
        return (bytes + Long.BYTES - 1) & -Long.BYTES;
    }
}
