package org.netdev4j.netdev.capture;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Walks over the records of a {@link PacketRing}. */
final class PacketReader {
    private final MemorySegment memory;
    private final long mask;
    private long position;
    private long limit;

    PacketReader(MemorySegment memory, long mask, long position) {
        this.memory = memory;
        this.mask = mask;
        this.position = position;
        limit = position;
    }

    /** Lets it read up to {@code position}. */
    void limit(long position) {
        limit = position;
    }

    long position() {
        return position;
    }

    boolean hasNext() {
        if (position < limit && getInt(PacketRing.PACKET_LENGTH) == PacketRing.FILLER) {
            skip();
        }
        return position < limit;
    }

    /** When the next packet was captured, epoch ns. */
    long nextTime() {
        return memory.get(ValueLayout.JAVA_LONG, at(PacketRing.TIME));
    }

    /** Takes the next packet to {@code writer}. */
    void writeNext(PcapngWriter writer, int interfaceNumber, int queue) {
        writer.begin(interfaceNumber, nextTime(), getInt(PacketRing.FLAGS), queue, getInt(PacketRing.PACKET_LENGTH));
        writer.bytes(memory, at(PacketRing.DATA), getInt(PacketRing.KEPT_LENGTH));
        writer.end();
        skip();
    }

    private void skip() {
        position += getInt(0);
    }

    private int getInt(int field) {
        return memory.get(ValueLayout.JAVA_INT, at(field));
    }

    private long at(int field) {
        return (position & mask) + field;
    }
}
