package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** {@code struct sockaddr_un}: the path at which a Unix socket is found. */
final class UnixAddress {
    /** {@code sun_path} holds 108 bytes, the last of them 0. */
    static final int MAX_PATH_BYTES = 107;

    private static final int PATH_OFFSET = 2;

    private UnixAddress() {}

    /** @throws IllegalArgumentException if the path is too long for a socket */
    static MemorySegment of(Path path, Arena arena) {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length == 0 || name.length > MAX_PATH_BYTES) {
            throw new IllegalArgumentException("socket path " + path + " has " + name.length
                    + " bytes, allowed are 1 to " + MAX_PATH_BYTES);
        }
        MemorySegment address = arena.allocate(PATH_OFFSET + name.length + 1L, Short.BYTES);
        address.set(JAVA_SHORT, 0, (short) SocketCalls.AF_UNIX);
        MemorySegment.copy(MemorySegment.ofArray(name), 0, address, PATH_OFFSET, name.length);
        return address;
    }
}
