package org.netdev4j.netbuf;

/** The exceptions for misuse of a {@link NetBuf}: built off the packet path, naming the buffer. */
final class Misuse {
    private Misuse() {}

    /** For a change of a buffer that is free, shared or not the head of its packet. */
    static IllegalStateException change(BufferMemory buf) {
        int holders = buf.refCount();
        if (holders > 1) {
            return new IllegalStateException(buf + " is shared by " + holders + " holders: it may only be read");
        }
        if (holders == 1 && buf.isShared()) {
            return new IllegalStateException(
                    buf + " shares its bytes with a duplicate: they may only be read, and there is no headroom or tailroom");
        }
        return packet(buf);
    }

    /** For an operation on a packet whose buffer is free or not the head. */
    static IllegalStateException packet(BufferMemory buf) {
        return buf.refCount() <= 0 ? usedAfterFree(buf) : notHead(buf);
    }

    static IllegalStateException free(BufferMemory buf) {
        return buf.refCount() <= 0 ? freed(buf, "is freed twice") : notHead(buf);
    }

    static RuntimeException write(BufferMemory buf, int index, int bytes) {
        return buf.isShared() ? change(buf) : index(buf, index, bytes, buf.length());
    }

    static RuntimeException index(BufferMemory buf, int index, int bytes, int length) {
        return buf.refCount() <= 0
                ? usedAfterFree(buf)
                : new IndexOutOfBoundsException(buf + ": " + bytes + " bytes at index " + index + " of " + length);
    }

    static IndexOutOfBoundsException split(BufferMemory buf, int index, int length) {
        return new IndexOutOfBoundsException(
                buf + ": split at " + index + " asked, 1 to " + (length - 1) + " allowed");
    }

    static IllegalArgumentException room(BufferMemory buf, String what, int asked, int allowed) {
        return new IllegalArgumentException(
                buf + ": " + what + " " + asked + " bytes asked, 0 to " + allowed + " allowed");
    }

    /** For what a listener threw: the packet path goes on. */
    static void uncaught(Throwable thrown) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
    }

    private static IllegalStateException usedAfterFree(BufferMemory buf) {
        return freed(buf, "is used after it was freed");
    }

    private static IllegalStateException freed(BufferMemory buf, String misuse) {
        BufferTracker tracker = buf.pool().tracker();
        return tracker == null
                ? new IllegalStateException(buf + " " + misuse)
                : new IllegalStateException(buf + " " + misuse, tracker.freed(buf.index()));
    }

    private static IllegalStateException notHead(BufferMemory buf) {
        return new IllegalStateException(buf + " is a later piece of a packet: use the head of the packet");
    }
}
