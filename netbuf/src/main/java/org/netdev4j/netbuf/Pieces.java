package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;

/** Cuts and joins the pieces of packets, keeping the totals of their heads. Arguments are checked by {@link NetBuf}. */
final class Pieces {
    private Pieces() {}

    static void join(NetBuf front, NetBuf back) {
        front.tail.next = back;
        front.tail = back.tail;
        front.segmentCount += back.segmentCount;
        front.totalLength += back.totalLength;
        back.segmentCount = 0;
    }

    /**
     * Cuts behind {@code last}, a piece with one behind it.
     *
     * @param pieces pieces up to {@code last}
     * @param bytes bytes up to the end of {@code last}
     * @return the rest
     */
    static NetBuf cutBehind(NetBuf head, NetBuf last, int pieces, int bytes) {
        NetBuf rest = last.next;
        rest.tail = head.tail;
        rest.segmentCount = head.segmentCount - pieces;
        rest.totalLength = head.totalLength - bytes;
        last.next = null;
        head.tail = last;
        head.segmentCount = pieces;
        head.totalLength = bytes;
        return rest;
    }

    static void disconnect(NetBuf head, NetBuf piece) {
        NetBuf before = head;
        while (before != null && before.next != piece) {
            before = before.next;
        }
        if (before == null || piece == null) {
            throw new IllegalArgumentException(piece + " is not a later piece of the packet of " + head);
        }
        removeBehind(head, before);
    }

    /** Takes the piece behind {@code before} out and returns it, a packet of its own. */
    private static NetBuf removeBehind(NetBuf head, NetBuf before) {
        NetBuf piece = before.next;
        before.next = piece.next;
        if (head.tail == piece) {
            head.tail = before;
        }
        head.segmentCount--;
        head.totalLength -= piece.length();
        piece.next = null;
        piece.tail = piece;
        piece.segmentCount = 1;
        piece.totalLength = piece.length();
        return piece;
    }

    /** @param bytes more than the head has */
    static void trimFront(NetBuf head, int bytes) {
        int left = bytes - head.length();
        head.totalLength -= head.length();
        head.moveFront(head.length());
        while (left > 0 && left >= head.next.length()) {
            NetBuf emptied = removeBehind(head, head);
            left -= emptied.length();
            emptied.free();
        }
        if (left > 0) {
            head.next.moveFront(left);
            head.totalLength -= left;
        }
    }

    /** @param bytes no fewer than the last of several pieces has */
    static void trimBack(NetBuf head, int bytes) {
        if (bytes == 0) {
            return;
        }
        int keep = head.totalLength - bytes;
        NetBuf last = head;
        int pieces = 1;
        int before = 0;
        while (before + last.length() < keep) {
            before += last.length();
            last = last.next;
            pieces++;
        }
        int surplus = before + last.length() - keep;
        last.moveBack(-surplus);
        head.totalLength -= surplus;
        if (last.next != null) {
            cutBehind(head, last, pieces, keep).free();
        }
    }

    /** Null, and nothing changed, without a buffer for the part of a piece that is behind the cut. */
    static NetBuf split(NetBuf head, int index) {
        NetBuf piece = head;
        int pieces = 1;
        int before = 0;
        while (before + piece.length() < index) {
            before += piece.length();
            piece = piece.next;
            pieces++;
        }
        int moved = before + piece.length() - index;
        if (moved > 0 && !divide(head, piece, moved)) {
            return null;
        }
        return cutBehind(head, piece, pieces, index);
    }

    /** Moves the last {@code bytes} of {@code piece} to a new piece behind it; false if there is no buffer. */
    private static boolean divide(NetBuf head, NetBuf piece, int bytes) {
        NetBuf back = piece.pool().allocate();
        if (back == null) {
            return false;
        }
        back.place(Math.min(back.headroom(), back.capacity() - bytes), bytes);
        piece.moveBack(-bytes);
        MemorySegment.copy(piece.segment(), piece.dataOffset() + piece.length(), back.segment(), back.dataOffset(),
                bytes);
        back.next = piece.next;
        back.segmentCount = 0;
        piece.next = back;
        if (head.tail == piece) {
            head.tail = back;
        }
        head.segmentCount++;
        return true;
    }

    /** @param bytes more than the head has */
    static boolean pullUp(NetBuf head, int bytes) {
        if (bytes > head.totalLength || bytes > head.capacity() || head.isShared()) {
            return false;
        }
        int missing = bytes - head.length();
        if (missing > head.tailroom()) {
            moveTo(head, head.capacity() - bytes);
        }
        while (missing > 0) {
            NetBuf piece = head.next;
            int n = Math.min(missing, piece.length());
            MemorySegment.copy(piece.segment(), piece.dataOffset(), head.segment(), head.dataOffset() + head.length(),
                    n);
            head.moveBack(n);
            piece.moveFront(n);
            missing -= n;
            if (piece.length() == 0) {
                removeBehind(head, head).free();
            }
        }
        return true;
    }

    /** Moves the bytes of the head to where {@code headroom} bytes are in front of them. */
    private static void moveTo(NetBuf head, int headroom) {
        int length = head.length();
        long from = head.dataOffset();
        head.setData(headroom, length);
        MemorySegment.copy(head.segment(), from, head.segment(), head.dataOffset(), length);
    }

    static boolean linearise(NetBuf head) {
        if (head.totalLength > head.length() && !pullUp(head, head.totalLength)) {
            return false;
        }
        if (head.next != null) {
            cutBehind(head, head, 1, head.length()).free();
        }
        return true;
    }
}
