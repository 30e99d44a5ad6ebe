package org.netdev4j.virtio.queue;

import java.util.List;

/** A buffer as a test gives it to the driver end and expects it at the device end. */
record Buffer(int token, List<Piece> pieces) {
    int writable() {
        return pieces.stream().filter(Piece::writable).mapToInt(Piece::length).sum();
    }

    record Piece(long address, int length, boolean writable) {}
}
