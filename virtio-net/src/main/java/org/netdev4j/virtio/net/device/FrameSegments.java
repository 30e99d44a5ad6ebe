package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netdev.offload.SegmentHeaders;
import org.netdev4j.virtio.net.NetHeader;

/**
 * Cuts one frame after another into segments (virtio 1.4 §5.1.9.2): each is a view of new headers and of its part of the
 * frame's payload, which is not copied. Reused; allocates nothing.
 */
final class FrameSegments {
    private static final ValueLayout.OfShort BE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final SegmentHeaders headers = new SegmentHeaders();
    private final Segment segment = new Segment();
    private Frame frame;
    private int payload;
    private int segmentPayload;
    private int count;
    private int index;
    /** Where the payload of the next segment begins: a piece of the frame, and bytes into it. */
    private int piece;
    private int pieceOffset;

    /**
     * Reads what {@code whole} asks for and checks it against its headers, which are read once.
     *
     * @return false if it cannot be cut like that
     */
    boolean begin(Frame whole) {
        OffloadRequest request = whole.offload();
        GsoType type = type(request.gsoType());
        int length = whole.length();
        if (type == GsoType.NONE || !request.needsChecksum()) {
            return false;
        }
        whole.copyTo(0, headers.bytes(), 0, Math.min(length, SegmentHeaders.CAPACITY));
        if (headers.read(type, request.gsoSize(), request.checksumStart(), request.checksumOffset(), length) != null) {
            return false;
        }
        frame = whole;
        segmentPayload = request.gsoSize();
        payload = length - headers.length();
        count = Math.max(1, (payload + segmentPayload - 1) / segmentPayload);
        index = 0;
        piece = 0;
        pieceOffset = headers.length();
        return true;
    }

    private static GsoType type(int gsoType) {
        return switch (gsoType) {
            case NetHeader.GSO_TCPV4 -> GsoType.TCP_IPV4;
            case NetHeader.GSO_TCPV6 -> GsoType.TCP_IPV6;
            case NetHeader.GSO_TCPV4 | NetHeader.GSO_ECN -> GsoType.TCP_IPV4_ECN;
            case NetHeader.GSO_TCPV6 | NetHeader.GSO_ECN -> GsoType.TCP_IPV6_ECN;
            case NetHeader.GSO_UDP_L4 -> GsoType.UDP;
            default -> GsoType.NONE;
        };
    }

    /** Bytes of all headers of the frame. */
    int headerLength() {
        return headers.length();
    }

    boolean isIpv6() {
        return headers.isIpv6();
    }

    /** Bytes of the longest segment. */
    int longest() {
        return headers.length() + Math.min(payload, segmentPayload);
    }

    int count() {
        return count;
    }

    /** Bytes of segment {@code number}. */
    int length(int number) {
        return headers.length() + Math.min(payload - number * segmentPayload, segmentPayload);
    }

    boolean hasNext() {
        return index < count;
    }

    /**
     * The next segment, valid until the one after it; the frame must be unchanged.
     *
     * @param complete true: its checksum is complete, false: partial
     */
    Frame next(boolean complete) {
        int offset = index * segmentPayload;
        int bytes = Math.min(payload - offset, segmentPayload);
        headers.write(index, offset, bytes, index == count - 1);
        index++;
        segment.show(bytes);
        if (complete) {
            segment.offload.clear();
            int checksum = PartialChecksum.of(segment, headers.transport(), segment.length());
            headers.bytes().set(BE16, headers.transport() + headers.checksumOffset(), (short) checksum);
        } else {
            segment.offload.partialChecksum(headers.transport(), headers.checksumOffset());
        }
        return segment;
    }

    /** Headers, and behind them a part of the frame's pieces. */
    private final class Segment implements Frame {
        private final OffloadRequest offload = new OffloadRequest();
        private int length;
        private int first;
        private int skip;
        private int pieces;
        private int lastLength;

        /** Shows the next {@code bytes} of payload and moves on behind them. */
        private void show(int bytes) {
            while (bytes > 0 && pieceOffset >= frame.length(piece)) {
                pieceOffset -= frame.length(piece);
                piece++;
            }
            first = piece;
            skip = pieceOffset;
            pieces = 1;
            lastLength = 0;
            length = headers.length() + bytes;
            int left = bytes;
            while (left > 0) {
                int here = Math.min(left, frame.length(piece) - pieceOffset);
                pieces++;
                lastLength = here;
                left -= here;
                pieceOffset += here;
                if (left > 0) {
                    piece++;
                    pieceOffset = 0;
                }
            }
        }

        @Override
        public int length() {
            return length;
        }

        @Override
        public int pieces() {
            return pieces;
        }

        @Override
        public MemorySegment segment(int index) {
            return index == 0 ? headers.bytes() : frame.segment(first + index - 1);
        }

        @Override
        public long offset(int index) {
            if (index == 0) {
                return 0;
            }
            long offset = frame.offset(first + index - 1);
            return index == 1 ? offset + skip : offset;
        }

        @Override
        public int length(int index) {
            if (index == 0) {
                return headers.length();
            }
            if (index == pieces - 1) {
                return lastLength;
            }
            int bytes = frame.length(first + index - 1);
            return index == 1 ? bytes - skip : bytes;
        }

        @Override
        public OffloadRequest offload() {
            return offload;
        }

        @Override
        public int pair() {
            return frame.pair();
        }
    }
}
