package org.netdev4j.virtio.transport.vhostuser;

import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/** The kinds of {@link Payload}, each with its length and how it is read. */
enum PayloadKind {
    EMPTY(0, source -> Payload.EMPTY),
    U64(Payload.U64.BYTES, Payload.U64::read),
    VRING_STATE(Payload.VringState.BYTES, Payload.VringState::read),
    VRING_ADDRESS(Payload.VringAddress.BYTES, Payload.VringAddress::read),
    MEMORY_TABLE(PayloadKind.VARIABLE, Payload.MemoryTable::read),
    SINGLE_REGION(Payload.SingleRegion.BYTES, Payload.SingleRegion::read),
    LOG(Payload.Log.BYTES, Payload.Log::read),
    CONFIG(PayloadKind.VARIABLE, Payload.Config::read),
    INFLIGHT(Payload.Inflight.BYTES, Payload.Inflight::read);

    /** The payload says by itself how long it is. */
    private static final int VARIABLE = -1;

    private final int bytes;
    @SuppressWarnings("ImmutableEnumChecker")
    private final Function<MemorySegment, Payload> reader;

    PayloadKind(int bytes, Function<MemorySegment, Payload> reader) {
        this.bytes = bytes;
        this.reader = reader;
    }

    /**
     * Reads a payload.
     *
     * @param source all of it and nothing else
     * @throws VhostUserException if it has not the length of its kind
     */
    Payload read(MemorySegment source) {
        if (bytes != VARIABLE && source.byteSize() != bytes) {
            throw new VhostUserException("payload of " + source.byteSize() + " bytes, " + bytes + " are allowed");
        }
        return reader.apply(source);
    }
}
