package org.netdev4j.virtio.transport.vhostuser;

/** How many file descriptors go with a message. */
enum FdRule {
    NONE,
    ONE,
    /** Peers differ: what comes is closed. */
    UP_TO_ONE,
    /** One, unless bit 8 of the number says that there is none. */
    BY_NUMBER,
    /** As many as the table has regions. */
    PER_REGION;

    /** @throws VhostUserException if {@code count} is not what goes with {@code payload} */
    void check(Payload payload, int count) {
        int least = switch (this) {
            case NONE, UP_TO_ONE -> 0;
            case ONE -> 1;
            case BY_NUMBER -> (((Payload.U64) payload).value() & Payload.U64.NO_FD) == 0 ? 1 : 0;
            case PER_REGION -> ((Payload.MemoryTable) payload).regions().size();
        };
        int most = this == UP_TO_ONE ? 1 : least;
        if (count < least || count > most) {
            throw new VhostUserException(count + " file descriptors, " + most + " belong to the message");
        }
    }
}
