package org.netdev4j.netdev.offload;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.DropReason;

/** Cuts one packet after another into segments, each a packet of its own with its bytes copied. */
final class Segmenter {
    private final SegmentHeaders headers = new SegmentHeaders();
    private NetBuf packet;
    private int segmentPayload;
    private int payload;
    private int segments;

    private int index;
    private int offset;
    /** Where the payload goes on. */
    private NetBuf piece;
    private int pieceOffset;

    /**
     * Looks at {@code next}; it stays the caller's and unchanged.
     *
     * @return why it cannot be cut, or null: {@link #begin} may follow
     */
    DropReason check(NetBuf next) {
        DropReason wrong = headers.read(next);
        if (wrong == null) {
            segmentPayload = next.gsoSize();
            payload = next.totalLength() - headers.length();
            segments = Math.max(1, (int) (((long) payload + segmentPayload - 1) / segmentPayload));
        }
        return wrong;
    }

    /** Segments of the packet checked last. */
    int segments() {
        return segments;
    }

    /** Bytes of the longest of them. */
    int segmentLength() {
        return headers.length() + Math.min(payload, segmentPayload);
    }

    /** Takes the packet checked last, until {@link #end()}. */
    void begin(NetBuf checked) {
        packet = checked;
        index = 0;
        offset = 0;
        piece = checked;
        pieceOffset = headers.length();
    }

    /** True from {@link #begin} to {@link #end}. */
    boolean isCutting() {
        return packet != null;
    }

    boolean hasNext() {
        return index < segments;
    }

    /** The next segment, its checksum partial; or null if the packet's pool has too few buffers at the moment. */
    NetBuf next() {
        int length = Math.min(payload - offset, segmentPayload);
        NetBuf segment = BufferChain.allocate(packet.pool(), headers.length() + length);
        if (segment == null) {
            return null;
        }
        headers.write(segment, index, offset, length, index == segments - 1);
        copyPayload(segment, length);
        segment.partialChecksum(headers.transport(), headers.checksumOffset());
        index++;
        offset += length;
        return segment;
    }

    private void copyPayload(NetBuf segment, int length) {
        int copied = 0;
        while (copied < length) {
            int n = Math.min(length - copied, piece.length() - pieceOffset);
            if (n > 0) {
                segment.copyFrom(headers.length() + copied, piece.segment(), piece.dataOffset() + pieceOffset, n);
                copied += n;
                pieceOffset += n;
            } else {
                pieceOffset -= piece.length();
                piece = piece.next();
            }
        }
    }

    /** Lets go of the packet; what is not cut yet is lost. */
    void end() {
        NetBuf done = packet;
        packet = null;
        piece = null;
        done.free();
    }
}
