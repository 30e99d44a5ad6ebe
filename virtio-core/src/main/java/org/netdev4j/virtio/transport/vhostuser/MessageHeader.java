package org.netdev4j.virtio.transport.vhostuser;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * What every vhost-user message begins with, in native byte order.
 *
 * <pre>
 *   0             4             8             12
 *  +-------------+-------------+-------------+--------------------
 *  |   request   |    flags    |    size     | payload, size bytes
 *  +-------------+-------------+-------------+--------------------
 *  flags: 0..1 version, which is 1    2 reply    3 need reply
 * </pre>
 *
 * @param request code; {@link FrontEndRequest} and {@link BackEndRequest} say which
 * @param size payload, bytes
 */
record MessageHeader(int request, int flags, int size) {
    static final int BYTES = 12;
    /** Payloads are far shorter; a longer one is refused before it is read. */
    static final int MAX_PAYLOAD = 4096;

    static final int VERSION = 1;
    static final int REPLY = 1 << 2;
    static final int NEED_REPLY = 1 << 3;

    private static final int FLAGS_OFFSET = 4;
    private static final int SIZE_OFFSET = 8;
    private static final int VERSION_MASK = 3;
    private static final int KNOWN_FLAGS = VERSION_MASK | REPLY | NEED_REPLY;

    /** @throws VhostUserException if no message can begin like this */
    static MessageHeader read(MemorySegment source) {
        MessageHeader header = new MessageHeader(source.get(JAVA_INT_UNALIGNED, 0),
                source.get(JAVA_INT_UNALIGNED, FLAGS_OFFSET), source.get(JAVA_INT_UNALIGNED, SIZE_OFFSET));
        if ((header.flags & VERSION_MASK) != VERSION || (header.flags & ~KNOWN_FLAGS) != 0) {
            throw new VhostUserException("request " + header.request + " has flags 0x"
                    + Integer.toHexString(header.flags) + ", expected version 1 and no unknown flag");
        }
        if (header.size < 0 || header.size > MAX_PAYLOAD) {
            throw new VhostUserException("request " + header.request + " announces a payload of "
                    + Integer.toUnsignedString(header.size) + " bytes, allowed are up to " + MAX_PAYLOAD);
        }
        return header;
    }

    void write(MemorySegment target) {
        target.set(JAVA_INT_UNALIGNED, 0, request);
        target.set(JAVA_INT_UNALIGNED, FLAGS_OFFSET, flags);
        target.set(JAVA_INT_UNALIGNED, SIZE_OFFSET, size);
    }

    boolean isReply() {
        return (flags & REPLY) != 0;
    }

    boolean needsReply() {
        return (flags & NEED_REPLY) != 0;
    }
}
