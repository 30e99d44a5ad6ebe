package org.netdev4j.virtio.transport.vhostuser;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** What a message says behind its header. Numbers are in native byte order; nothing but sizes is checked here. */
sealed interface Payload {
    /** Nothing to say. */
    Payload EMPTY = new Empty();

    /** On the wire. */
    int bytes();

    /** Writes it to the start of {@code target}. */
    void write(MemorySegment target);

    record Empty() implements Payload {
        @Override
        public int bytes() {
            return 0;
        }

        @Override
        public void write(MemorySegment target) {}
    }

    record U64(long value) implements Payload {
        static final int BYTES = 8;
        /** In a vring's number: no descriptor comes with the message, the ring is to be polled. */
        static final long NO_FD = 1L << 8;
        private static final long VRING_MASK = 0xff;

        static U64 read(MemorySegment source) {
            return new U64(source.get(JAVA_LONG_UNALIGNED, 0));
        }

        /** Of SET_VRING_KICK, CALL and ERR: which vring. */
        int vring() {
            return (int) (value & VRING_MASK);
        }

        @Override
        public int bytes() {
            return BYTES;
        }

        @Override
        public void write(MemorySegment target) {
            target.set(JAVA_LONG_UNALIGNED, 0, value);
        }
    }

    /** A vring and a number: its size, its base, or whether it is enabled. */
    record VringState(int index, int number) implements Payload {
        static final int BYTES = 8;

        static VringState read(MemorySegment source) {
            return new VringState(source.get(JAVA_INT_UNALIGNED, 0), source.get(JAVA_INT_UNALIGNED, 4));
        }

        @Override
        public int bytes() {
            return BYTES;
        }

        @Override
        public void write(MemorySegment target) {
            target.set(JAVA_INT_UNALIGNED, 0, index);
            target.set(JAVA_INT_UNALIGNED, 4, number);
        }
    }

    /**
     * Where a vring is.
     *
     * @param flags {@link #LOG}
     * @param descriptor user address of the descriptor table or ring
     * @param used user address of the used ring, or of the device event suppression
     * @param available user address of the available ring, or of the driver event suppression
     * @param log guest address of the used ring, for the dirty log
     */
    record VringAddress(int index, int flags, long descriptor, long used, long available, long log) implements Payload {
        static final int BYTES = 40;
        /** Writes to the used ring are to be logged. */
        static final int LOG = 1;

        static VringAddress read(MemorySegment source) {
            return new VringAddress(source.get(JAVA_INT_UNALIGNED, 0), source.get(JAVA_INT_UNALIGNED, 4),
                    source.get(JAVA_LONG_UNALIGNED, 8), source.get(JAVA_LONG_UNALIGNED, 16),
                    source.get(JAVA_LONG_UNALIGNED, 24), source.get(JAVA_LONG_UNALIGNED, 32));
        }

        @Override
        public int bytes() {
            return BYTES;
        }

        @Override
        public void write(MemorySegment target) {
            target.set(JAVA_INT_UNALIGNED, 0, index);
            target.set(JAVA_INT_UNALIGNED, 4, flags);
            target.set(JAVA_LONG_UNALIGNED, 8, descriptor);
            target.set(JAVA_LONG_UNALIGNED, 16, used);
            target.set(JAVA_LONG_UNALIGNED, 24, available);
            target.set(JAVA_LONG_UNALIGNED, 32, log);
        }
    }

    /**
     * A piece of the front-end's memory, whose descriptor goes with the message.
     *
     * @param guestAddress by which descriptors name it
     * @param size bytes
     * @param userAddress by which the front-end names it in {@link VringAddress}
     * @param fileOffset where it begins in its file
     */
    record Region(long guestAddress, long size, long userAddress, long fileOffset) {
        static final int BYTES = 32;

        static Region read(MemorySegment source, long offset) {
            return new Region(source.get(JAVA_LONG_UNALIGNED, offset), source.get(JAVA_LONG_UNALIGNED, offset + 8),
                    source.get(JAVA_LONG_UNALIGNED, offset + 16), source.get(JAVA_LONG_UNALIGNED, offset + 24));
        }

        void write(MemorySegment target, long offset) {
            target.set(JAVA_LONG_UNALIGNED, offset, guestAddress);
            target.set(JAVA_LONG_UNALIGNED, offset + 8, size);
            target.set(JAVA_LONG_UNALIGNED, offset + 16, userAddress);
            target.set(JAVA_LONG_UNALIGNED, offset + 24, fileOffset);
        }
    }

    /** All of the front-end's memory, at most {@link #MAX_REGIONS} pieces. */
    record MemoryTable(List<Region> regions) implements Payload {
        static final int MAX_REGIONS = 8;
        static final int HEADER_BYTES = 8;

        public MemoryTable {
            regions = List.copyOf(regions);
        }

        static MemoryTable read(MemorySegment source) {
            long size = source.byteSize();
            int count = size < HEADER_BYTES ? -1 : source.get(JAVA_INT_UNALIGNED, 0);
            if (count < 0 || count > MAX_REGIONS || size != HEADER_BYTES + (long) count * Region.BYTES) {
                throw new VhostUserException("memory table of " + size + " bytes"
                        + (count < 0 ? "" : " with " + count + " regions") + ", allowed are up to " + MAX_REGIONS
                        + " regions of " + Region.BYTES + " bytes behind " + HEADER_BYTES);
            }
            Region[] regions = new Region[count];
            for (int i = 0; i < count; i++) {
                regions[i] = Region.read(source, HEADER_BYTES + (long) i * Region.BYTES);
            }
            return new MemoryTable(List.of(regions));
        }

        @Override
        public int bytes() {
            return HEADER_BYTES + regions.size() * Region.BYTES;
        }

        @Override
        public void write(MemorySegment target) {
            target.set(JAVA_LONG_UNALIGNED, 0, regions.size());
            for (int i = 0; i < regions.size(); i++) {
                regions.get(i).write(target, HEADER_BYTES + (long) i * Region.BYTES);
            }
        }
    }

    /** One piece of memory that comes or goes. */
    record SingleRegion(Region region) implements Payload {
        static final int BYTES = 8 + Region.BYTES;

        static SingleRegion read(MemorySegment source) {
            return new SingleRegion(Region.read(source, 8));
        }

        @Override
        public int bytes() {
            return BYTES;
        }

        @Override
        public void write(MemorySegment target) {
            target.set(JAVA_LONG_UNALIGNED, 0, 0);
            region.write(target, 8);
        }
    }

    /** The dirty log, whose descriptor goes with the message. */
    record Log(long size, long fileOffset) implements Payload {
        static final int BYTES = 16;

        static Log read(MemorySegment source) {
            return new Log(source.get(JAVA_LONG_UNALIGNED, 0), source.get(JAVA_LONG_UNALIGNED, 8));
        }

        @Override
        public int bytes() {
            return BYTES;
        }

        @Override
        public void write(MemorySegment target) {
            target.set(JAVA_LONG_UNALIGNED, 0, size);
            target.set(JAVA_LONG_UNALIGNED, 8, fileOffset);
        }
    }

    /**
     * A range of the device configuration; not to be compared.
     *
     * @param flags {@link #LIVE_MIGRATION} or 0
     * @param contents as many bytes as the range has
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Config(int offset, int flags, byte[] contents) implements Payload {
        static final int HEADER_BYTES = 12;
        /** Largest device configuration, bytes. */
        static final int MAX_CONTENTS = 256;
        /** May write what a driver cannot. */
        static final int LIVE_MIGRATION = 1;

        static Config read(MemorySegment source) {
            long size = source.byteSize();
            int length = size < HEADER_BYTES ? -1 : source.get(JAVA_INT_UNALIGNED, 4);
            if (length < 0 || length > MAX_CONTENTS || size != HEADER_BYTES + (long) length) {
                throw new VhostUserException("configuration access of " + size + " bytes"
                        + (length < 0 ? "" : " for a range of " + length) + ", allowed are up to " + MAX_CONTENTS
                        + " behind " + HEADER_BYTES);
            }
            byte[] contents = new byte[length];
            MemorySegment.copy(source, JAVA_BYTE, HEADER_BYTES, contents, 0, length);
            return new Config(source.get(JAVA_INT_UNALIGNED, 0), source.get(JAVA_INT_UNALIGNED, 8), contents);
        }

        @Override
        public int bytes() {
            return HEADER_BYTES + contents.length;
        }

        @Override
        public void write(MemorySegment target) {
            target.set(JAVA_INT_UNALIGNED, 0, offset);
            target.set(JAVA_INT_UNALIGNED, 4, contents.length);
            target.set(JAVA_INT_UNALIGNED, 8, flags);
            MemorySegment.copy(contents, 0, target, JAVA_BYTE, HEADER_BYTES, contents.length);
        }
    }

    /** The area of buffers in flight, whose descriptor goes with the message. */
    record Inflight(long size, long fileOffset, int queues, int queueSize) implements Payload {
        /** The structure is padded to a multiple of 8. */
        static final int BYTES = 24;

        static Inflight read(MemorySegment source) {
            return new Inflight(source.get(JAVA_LONG_UNALIGNED, 0), source.get(JAVA_LONG_UNALIGNED, 8),
                    source.get(JAVA_SHORT_UNALIGNED, 16) & 0xffff, source.get(JAVA_SHORT_UNALIGNED, 18) & 0xffff);
        }

        @Override
        public int bytes() {
            return BYTES;
        }

        @Override
        public void write(MemorySegment target) {
            target.set(JAVA_LONG_UNALIGNED, 0, size);
            target.set(JAVA_LONG_UNALIGNED, 8, fileOffset);
            target.set(JAVA_LONG_UNALIGNED, 16, 0);
            target.set(JAVA_SHORT_UNALIGNED, 16, (short) queues);
            target.set(JAVA_SHORT_UNALIGNED, 18, (short) queueSize);
        }
    }
}
