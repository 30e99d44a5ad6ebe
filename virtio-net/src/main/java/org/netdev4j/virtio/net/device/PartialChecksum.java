package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.netdev4j.netbuf.InternetChecksum;

/**
 * Completes a checksum of which only the pseudo-header was summed (virtio 1.4 §5.1.9.2.1): the ones' complement sum from
 * {@link OffloadRequest#checksumStart()} to the end of the frame, the field with the pseudo-header's sum included.
 */
public final class PartialChecksum {
    private static final ValueLayout.OfShort BE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private PartialChecksum() {}

    /**
     * The checksum of bytes {@code start..length} of {@code memory}.
     *
     * @return what belongs into the field, in network byte order; never 0, which in UDP means that there is none (RFC 768)
     */
    public static int of(FrameMemory memory, int start, int length) {
        long sum = 0;
        int position = 0;
        boolean odd = false;
        for (int piece = 0; position < length; piece++) {
            int bytes = memory.length(piece);
            int from = Math.max(start - position, 0);
            int to = Math.min(bytes, length - position);
            if (from < to) {
                int part = InternetChecksum
                        .fold(InternetChecksum.add(0, memory.segment(piece), memory.offset(piece) + from, to - from));
                // Behind an odd number of bytes every byte is in the other half of its 16-bit word.
                sum += odd ? Short.toUnsignedInt(Short.reverseBytes((short) part)) : part;
                odd ^= (to - from & 1) != 0;
            }
            position += bytes;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        int checksum = (int) ~sum & 0xffff;
        return checksum == 0 ? 0xffff : checksum;
    }

    /** Completes the checksum of a frame in one piece that is not a driver's, and clears the request. */
    static void complete(ContiguousFrame frame) {
        OffloadRequest offload = frame.offload();
        int checksum = of(frame, offload.checksumStart(), frame.length());
        MemorySegment memory = frame.segment(0);
        memory.set(BE16, frame.offset(0) + offload.checksumField(), (short) checksum);
        offload.clear();
    }
}
