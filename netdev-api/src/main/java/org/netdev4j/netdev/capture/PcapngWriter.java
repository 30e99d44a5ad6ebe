package org.netdev4j.netdev.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.NetDevException;

/**
 * Writes Ethernet frames as pcapng (draft-ietf-opsawg-pcapng): one section, any number of interfaces, nanosecond timestamps
 * given by the caller.
 * <p>
 * A frame in several pieces is written with {@link #begin}, {@link #bytes} for each piece, {@link #end}; a {@link NetBuf} with
 * {@link #write}. Nothing is allocated per frame; frames gather in a buffer that goes to the channel when it is full, at
 * {@link #flush()} and at {@link #close()}.
 * <p>
 * An error of the channel is not thrown at the packet path: the first ends the capture, {@link #failure()} tells it,
 * {@link #close()} throws it, and frames from then on count as {@link #lost()}.
 * <p>
 * Not thread-safe: one thread at a time.
 */
public final class PcapngWriter implements AutoCloseable {
    /** A snap length that cuts no frame: the most that readers take, bytes. */
    public static final int WHOLE_FRAMES = 262_144;

    private static final int SECTION_HEADER = 0x0a0d_0d0a;
    private static final int BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
    private static final int MAJOR_VERSION = 1;
    private static final int MINOR_VERSION = 0;
    private static final int LENGTH_UNKNOWN = -1;
    private static final int OPTION_USER_APPLICATION = 4;

    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int LINKTYPE_ETHERNET = 1;
    private static final int OPTION_INTERFACE_NAME = 2;
    private static final int OPTION_TIMESTAMP_RESOLUTION = 9;
    /** Timestamps count 10 to the power of -9 seconds. */
    private static final byte NANOSECONDS = 9;

    private static final int ENHANCED_PACKET = 6;
    private static final int CAPTURED_LENGTH_OFFSET = 20;
    private static final int PACKET_DATA_OFFSET = 28;
    private static final int OPTION_PACKET_FLAGS = 2;
    private static final int OPTION_PACKET_QUEUE = 6;
    private static final int NO_QUEUE = -1;

    private static final int INTERFACE_STATISTICS = 5;
    private static final int OPTION_DROPPED_BY_CAPTURE = 7;

    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int MAX_NAME_BYTES = 1024;
    /** More than anything of a block but a frame's bytes. */
    private static final int BLOCK_OVERHEAD_BYTES = MAX_NAME_BYTES + 64;

    private final String name;
    private final WritableByteChannel channel;
    private final int snapLength;
    private final BlockBuffer buffer;
    private int interfaces;
    private long packets;
    private long lost;
    private IOException failure;
    private boolean closed;

    private boolean inFrame;
    /** Of the frame that was begun. */
    private int flags;
    /** Of the frame that was begun, or NO_QUEUE. */
    private int queue;
    /** Bytes of that frame that may still be recorded. */
    private long room;

    /**
     * A capture into a channel, which is closed with it.
     *
     * @param name of the capture, for messages
     * @param snapLength bytes kept of each frame, 1 to {@link #WHOLE_FRAMES}
     */
    public PcapngWriter(String name, WritableByteChannel channel, int snapLength) {
        checkSnapLength(snapLength);
        this.name = name;
        this.channel = channel;
        this.snapLength = snapLength;
        this.buffer = new BlockBuffer(BUFFER_BYTES + snapLength + BLOCK_OVERHEAD_BYTES);
        writeSectionHeader();
    }

    static void checkSnapLength(int bytes) {
        if (bytes < 1 || bytes > WHOLE_FRAMES) {
            throw new IllegalArgumentException(
                    "snap length " + bytes + " is not possible: allowed is from 1 to " + WHOLE_FRAMES + " bytes");
        }
    }

    /**
     * A capture into a new file; a file of that name is replaced.
     *
     * @throws NetDevException if the file cannot be created
     */
    public static PcapngWriter create(Path file, int snapLength) {
        checkSnapLength(snapLength);
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
            return new PcapngWriter(file.toString(), channel, snapLength);
        } catch (IOException e) {
            throw new NetDevException("cannot create capture file " + file + ": " + e, e);
        }
    }

    /**
     * Describes an interface that frames are to be recorded under; at any time between frames.
     *
     * @param interfaceName at most 1024 bytes of UTF-8
     * @return its number, counting from 0
     */
    public int addInterface(String interfaceName) {
        requireBetweenFrames();
        byte[] nameBytes = interfaceName.getBytes(UTF_8);
        if (nameBytes.length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("interface name of " + nameBytes.length + " bytes, allowed are "
                    + MAX_NAME_BYTES);
        }
        beginBlock(INTERFACE_DESCRIPTION);
        buffer.putShort(LINKTYPE_ETHERNET);
        buffer.putShort(0);
        buffer.putInt(snapLength);
        buffer.putOption(OPTION_INTERFACE_NAME, nameBytes);
        buffer.putOption(OPTION_TIMESTAMP_RESOLUTION, new byte[]{NANOSECONDS});
        buffer.end();
        return interfaces++;
    }

    /**
     * Records a packet, all its pieces, with what it says of its checksum and segmentation. The packet stays as it is.
     *
     * @param interfaceNumber from {@link #addInterface}
     * @param epochNanos when, nanoseconds since 1970-01-01T00:00Z
     */
    public void write(int interfaceNumber, long epochNanos, Direction frameDirection, NetBuf packet) {
        begin(interfaceNumber, epochNanos, PacketFlags.of(frameDirection, packet), NO_QUEUE, packet.totalLength());
        for (NetBuf piece = packet; piece != null; piece = piece.next()) {
            bytes(piece.segment(), piece.dataOffset(), piece.length());
        }
        end();
    }

    /**
     * Begins a frame.
     *
     * @param interfaceNumber from {@link #addInterface}
     * @param epochNanos when, nanoseconds since 1970-01-01T00:00Z
     * @param frameLength bytes of the whole frame; what is given beyond it, or beyond the snap length, is not recorded
     */
    public void begin(int interfaceNumber, long epochNanos, Direction frameDirection, int frameLength) {
        begin(interfaceNumber, epochNanos, frameDirection.flags, NO_QUEUE, frameLength);
    }

    /**
     * As the other.
     *
     * @param epbFlags as in {@link PacketFlags}
     * @param queueIndex the queue it came on, or went on
     */
    void begin(int interfaceNumber, long epochNanos, int epbFlags, int queueIndex, int frameLength) {
        requireBetweenFrames();
        if (interfaceNumber < 0 || interfaceNumber >= interfaces) {
            throw new IllegalArgumentException(
                    "there is no interface " + interfaceNumber + " in a capture with " + interfaces);
        }
        if (frameLength < 0) {
            throw new IllegalArgumentException("frame length " + frameLength + " is negative");
        }
        inFrame = true;
        flags = epbFlags;
        queue = queueIndex;
        room = Math.min(frameLength, snapLength);
        beginBlock(ENHANCED_PACKET);
        buffer.putInt(interfaceNumber);
        buffer.putInt((int) (epochNanos >>> 32));
        buffer.putInt((int) epochNanos);
        buffer.putInt(0);
        buffer.putInt(frameLength);
    }

    /** Adds bytes to the frame begun. */
    public void bytes(MemorySegment memory, long offset, long length) {
        requireInFrame();
        long recorded = Math.min(length, room);
        buffer.put(memory, offset, recorded);
        room -= recorded;
    }

    /** Ends the frame begun; what was given of it is what is recorded. */
    public void end() {
        requireInFrame();
        buffer.setInt(CAPTURED_LENGTH_OFFSET, buffer.blockLength() - PACKET_DATA_OFFSET);
        buffer.pad();
        buffer.putOption(OPTION_PACKET_FLAGS, flags);
        if (queue != NO_QUEUE) {
            buffer.putOption(OPTION_PACKET_QUEUE, queue);
        }
        buffer.end();
        inFrame = false;
        if (failure == null) {
            packets++;
        } else {
            lost++;
        }
    }

    /**
     * Says in the capture how many frames of an interface it lacks.
     *
     * @param epochNanos when they were counted
     */
    void writeLost(int interfaceNumber, long epochNanos, long frames) {
        requireBetweenFrames();
        beginBlock(INTERFACE_STATISTICS);
        buffer.putInt(interfaceNumber);
        buffer.putInt((int) (epochNanos >>> 32));
        buffer.putInt((int) epochNanos);
        buffer.putOption(OPTION_DROPPED_BY_CAPTURE, frames);
        buffer.end();
    }

    /** Frames recorded. */
    public long packets() {
        return packets;
    }

    /** Frames that came after the channel had failed. */
    public long lost() {
        return lost;
    }

    /** What ended the capture early, or null. */
    public IOException failure() {
        return failure;
    }

    /** Hands what is buffered to the channel, so that a reader of the file sees it. */
    public void flush() {
        requireBetweenFrames();
        drain();
    }

    /**
     * Completes the capture, without a frame that was not ended, and closes the channel. Idempotent.
     *
     * @throws NetDevException if the capture is incomplete because the channel failed
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        drain();
        buffer.close();
        try {
            channel.close();
        } catch (IOException e) {
            fail(e);
        }
        if (failure != null) {
            throw new NetDevException("capture " + name + " is incomplete: " + failure, failure);
        }
    }

    private void writeSectionHeader() {
        beginBlock(SECTION_HEADER);
        buffer.putInt(BYTE_ORDER_MAGIC);
        buffer.putShort(MAJOR_VERSION);
        buffer.putShort(MINOR_VERSION);
        buffer.putInt(LENGTH_UNKNOWN);
        buffer.putInt(LENGTH_UNKNOWN);
        buffer.putOption(OPTION_USER_APPLICATION, "netdev4j".getBytes(UTF_8));
        buffer.end();
    }

    private void beginBlock(int type) {
        if (buffer.free() < snapLength + BLOCK_OVERHEAD_BYTES) {
            drain();
        }
        buffer.begin(type);
    }

    private void drain() {
        if (failure != null) {
            buffer.discard();
            return;
        }
        try {
            buffer.drainTo(channel);
        } catch (IOException e) {
            fail(e);
        }
    }

    private void fail(IOException e) {
        if (failure == null) {
            failure = e;
        }
    }

    private void requireBetweenFrames() {
        requireOpen();
        if (inFrame) {
            throw new IllegalStateException("capture " + name + " is inside a frame: call end() first");
        }
    }

    private void requireInFrame() {
        requireOpen();
        if (!inFrame) {
            throw new IllegalStateException("capture " + name + " is not inside a frame: call begin() first");
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("capture " + name + " is closed");
        }
    }
}
