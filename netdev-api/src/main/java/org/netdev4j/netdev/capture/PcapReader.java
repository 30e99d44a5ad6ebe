package org.netdev4j.netdev.capture;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.netdev4j.netdev.NetDevException;

/**
 * Reads the Ethernet frames of a capture file, one after the other: pcap with micro- or nanoseconds (draft-ietf-opsawg-pcap) or
 * pcapng (draft-ietf-opsawg-pcapng), in either byte order.
 * <p>
 * A packet that is not a whole Ethernet frame is passed over and counts as {@link #skipped()}. Where the file is damaged or cut
 * off the frames end, and {@link #damage()} tells where that is. Nothing is allocated per frame, a little for each read of the file. It is read when
 * {@link #next()} needs more of it, and may be written meanwhile.
 * <p>
 * Not thread-safe: one thread at a time.
 */
public final class PcapReader implements AutoCloseable {
    private final Path file;
    private final CaptureInput input;
    private final CaptureRecords records;
    private long skipped;
    private String damage;

    private PcapReader(Path file, CaptureInput input) {
        this.file = file;
        this.input = input;
        records = recognize();
        records.rewind();
    }

    /** @throws NetDevException if it cannot be read, or is no capture, or a pcap file of something else than Ethernet frames */
    public static PcapReader open(Path file) {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new NetDevException("cannot read capture file " + file + ": it is not a regular file");
        }
        try {
            CaptureInput input = new CaptureInput(FileChannel.open(file, StandardOpenOption.READ));
            try {
                return new PcapReader(file, input);
            } catch (NetDevException e) {
                input.close();
                throw e;
            }
        } catch (IOException e) {
            throw new NetDevException("cannot read capture file " + file + ": " + e, e);
        }
    }

    private CaptureRecords recognize() {
        boolean hasMagic = input.has(Integer.BYTES);
        if (hasMagic && input.int32(0) == PcapngRecords.SECTION_HEADER) {
            return new PcapngRecords(input);
        }
        PcapRecords pcap = hasMagic ? PcapRecords.begin(input, input.int32(0)) : null;
        if (pcap == null || !input.has(PcapRecords.FILE_HEADER_BYTES)) {
            throw new NetDevException(file + " is no capture file: " + (input.failure() != null
                    ? input.failure().toString()
                    : pcap != null
                            ? "its header is cut off"
                            : "it begins neither like pcap nor like pcapng"));
        }
        if (pcap.linkType() != CaptureRecords.LINKTYPE_ETHERNET) {
            throw new NetDevException(
                    "capture file " + file + " has packets of link type " + pcap.linkType() + ", not Ethernet frames");
        }
        return pcap;
    }

    /** Goes to the next frame, the first at the beginning. @return false if there is none */
    public boolean next() {
        while (true) {
            switch (records.next()) {
                case FRAME -> {
                    return true;
                }
                case OTHER_PACKET -> skipped++;
                case NO_PACKET -> {
                }
                case END -> {
                    return false;
                }
                case DAMAGE -> {
                    noteDamage();
                    return false;
                }
            }
        }
    }

    private void noteDamage() {
        if (damage == null) {
            damage = "capture file " + file + (input.failure() != null
                    ? " cannot be read at byte " + input.position() + ": " + input.failure()
                    : " is damaged or cut off at byte " + input.position());
        }
    }

    /** The memory that the present frame is in, until {@link #next()}. */
    public MemorySegment segment() {
        return input.window();
    }

    /** Where it is there, bytes. */
    public long offset() {
        return records.frameOffset;
    }

    /** Of the present frame, bytes, at most {@link PcapngWriter#WHOLE_FRAMES}. */
    public int length() {
        return records.frameLength;
    }

    /** When it was captured, nanoseconds since 1970-01-01T00:00Z; as that of the frame before if the file does not say. */
    public long epochNanos() {
        return records.epochNanos;
    }

    /** The next frame is the first again. */
    public void rewind() {
        records.rewind();
    }

    /** Packets passed over so far: cut at a snap length, or not Ethernet frames. */
    public long skipped() {
        return skipped;
    }

    /** Where the frames ended before the file did, and why, for a person; null if they did not. */
    public String damage() {
        return damage;
    }

    /** Idempotent. @throws NetDevException if the file cannot be closed */
    @Override
    public void close() {
        try {
            input.close();
        } catch (IOException e) {
            throw new NetDevException("cannot close capture file " + file + ": " + e, e);
        }
    }
}
