package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A packet as a list of windows on byte arrays, beside the NetBuf that has to look the same. */
final class PacketModel {
    /** The bytes of one buffer, headroom included, and how many pieces lie over them. */
    static final class Memory {
        final byte[] bytes;
        int users;

        Memory(NetBuf buf) {
            bytes = new byte[buf.capacity()];
            MemorySegment.copy(buf.segment(), ValueLayout.JAVA_BYTE, buf.dataOffset() - buf.headroom(), bytes, 0,
                    bytes.length);
        }
    }

    /** A window on a memory. */
    static final class Piece {
        final NetBuf buf;
        final Memory memory;
        int start;
        int length;

        Piece(NetBuf buf, Memory memory, int start, int length) {
            this.buf = buf;
            this.memory = memory;
            this.start = start;
            this.length = length;
            memory.users++;
        }

        static Piece fresh(NetBuf buf, int start, byte[] data) {
            Piece piece = new Piece(buf, new Memory(buf), start, data.length);
            System.arraycopy(data, 0, piece.memory.bytes, start, data.length);
            return piece;
        }

        byte[] data() {
            return Arrays.copyOfRange(memory.bytes, start, start + length);
        }

        int room() {
            return memory.bytes.length - start - length;
        }
    }

    final NetBuf head;
    final List<Piece> pieces = new ArrayList<>();
    int holders = 1;

    PacketModel(List<Piece> pieces) {
        this.head = pieces.getFirst().buf;
        this.pieces.addAll(pieces);
    }

    Piece first() {
        return pieces.getFirst();
    }

    Piece last() {
        return pieces.getLast();
    }

    boolean sharesMemory() {
        return pieces.stream().anyMatch(piece -> piece.memory.users > 1);
    }

    int totalLength() {
        return pieces.stream().mapToInt(piece -> piece.length).sum();
    }

    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        pieces.forEach(piece -> bytes.writeBytes(piece.data()));
        return bytes.toByteArray();
    }

    void remove(Piece piece) {
        pieces.remove(piece);
        piece.memory.users--;
    }

    void removeAll() {
        new ArrayList<>(pieces).forEach(this::remove);
    }

    /** Takes the pieces from {@code from} on away. */
    List<Piece> cut(int from) {
        List<Piece> tail = pieces.subList(from, pieces.size());
        List<Piece> rest = new ArrayList<>(tail);
        tail.clear();
        return rest;
    }

    void trimFront(int bytes) {
        int left = Math.min(bytes, first().length);
        first().start += left;
        first().length -= left;
        left = bytes - left;
        while (left > 0) {
            Piece second = pieces.get(1);
            int n = Math.min(left, second.length);
            second.start += n;
            second.length -= n;
            left -= n;
            if (second.length == 0) {
                remove(second);
            }
        }
    }

    void trimBack(int bytes) {
        if (bytes == 0) {
            return;
        }
        int keep = totalLength() - bytes;
        int before = 0;
        int i = 0;
        while (before + pieces.get(i).length < keep) {
            before += pieces.get(i++).length;
        }
        pieces.get(i).length = keep - before;
        while (pieces.size() > i + 1) {
            remove(last());
        }
    }

    void overwrite(int from, byte[] fresh) {
        int index = from;
        int written = 0;
        for (Piece piece : pieces) {
            int skip = Math.min(index, piece.length);
            int n = Math.min(piece.length - skip, fresh.length - written);
            System.arraycopy(fresh, written, piece.memory.bytes, piece.start + skip, n);
            written += n;
            index -= skip;
        }
    }

    /** Puts the first {@code bytes} into the head. */
    void pullUp(int bytes) {
        byte[] moved = Arrays.copyOf(bytes(), bytes);
        Piece head = first();
        if (bytes <= head.length) {
            return;
        }
        int missing = bytes - head.length;
        head.start = Math.min(head.start, head.memory.bytes.length - bytes);
        System.arraycopy(moved, 0, head.memory.bytes, head.start, bytes);
        head.length = bytes;
        while (missing > 0) {
            Piece second = pieces.get(1);
            int n = Math.min(missing, second.length);
            second.start += n;
            second.length -= n;
            missing -= n;
            if (second.length == 0) {
                remove(second);
            }
        }
    }

    /** A device that follows a list of the packet's middle third finds its bytes there. */
    private void checkList(byte[] bytes, long deviceAddressOfHostAddressZero) {
        int from = bytes.length / 3;
        int length = bytes.length / 3;
        ScatterGatherList list = new ScatterGatherList(Math.max(1, pieces.size()));
        assertTrue(list.append(head, from, length, true));
        assertEquals(length, list.totalLength());
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        MemorySegment memory = head.segment();
        for (int i = 0; i < list.size(); i++) {
            assertTrue(list.deviceWritable(i));
            long offset = list.address(i) - deviceAddressOfHostAddressZero - memory.address();
            seen.writeBytes(memory.asSlice(offset, list.length(i)).toArray(ValueLayout.JAVA_BYTE));
        }
        assertArrayEquals(Arrays.copyOfRange(bytes, from, from + length), seen.toByteArray());
    }

    /** Everything that can be seen of the packet. */
    void check(long deviceAddressOfHostAddressZero) {
        byte[] bytes = bytes();
        checkList(bytes, deviceAddressOfHostAddressZero);
        assertEquals(pieces.size(), head.segmentCount());
        assertEquals(bytes.length, head.totalLength());
        byte[] copy = new byte[bytes.length];
        head.copyTo(0, MemorySegment.ofArray(copy), 0, copy.length);
        assertArrayEquals(bytes, copy);
        NetBuf buf = head;
        for (Piece piece : pieces) {
            assertSame(piece.buf, buf);
            assertEquals(piece.start, buf.headroom());
            assertEquals(piece.length, buf.length());
            assertEquals(piece.room(), buf.tailroom());
            assertEquals(holders, buf.refCount());
            assertEquals(holders > 1 || piece.memory.users > 1, buf.isShared());
            assertEquals(deviceAddressOfHostAddressZero + buf.segment().address() + buf.dataOffset(),
                    buf.dataAddress());
            byte[] data = piece.data();
            for (int i = 0; i < data.length; i++) {
                assertEquals(Byte.toUnsignedInt(data[i]), buf.getUnsignedByte(i));
            }
            buf = buf.next();
        }
        assertNull(buf);
    }
}
