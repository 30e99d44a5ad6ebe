package org.netdev4j.virtio.queue;

import java.util.ArrayList;
import java.util.List;

/** A buffer as a test gives it to the driver end and expects it at the device end. */
record Buffer(int token, List<Piece> pieces) {
    int writable() {
        return pieces.stream().filter(Piece::writable).mapToInt(Piece::length).sum();
    }

    /** The first {@code bytes} of the writable pieces. */
    List<Piece> writtenPieces(int bytes) {
        List<Piece> written = new ArrayList<>();
        int left = bytes;
        for (Piece piece : pieces) {
            if (piece.writable() && left > 0) {
                written.add(new Piece(piece.address(), Math.min(left, piece.length()), true));
                left -= piece.length();
            }
        }
        return written;
    }

    record Piece(long address, int length, boolean writable) {}
}
