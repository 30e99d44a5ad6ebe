package org.netdev4j.netbuf;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The holders of a {@link NetBuf}, and the duplicates of its bytes, in one word: a buffer with one holder and nothing
 * special about it is recognised by one comparison, and so is everything else.
 */
abstract sealed class CountedBuffer extends BufferMemory permits PacketOffloads {
    private static final long ONE_HOLDER = 1;
    private static final long ONE_DUPLICATE = 1L << 32;
    private static final int DUPLICATES_MASK = 0x3fff_ffff;
    /** More is to be done than to give the buffer back: it is a duplicate, it is tracked, or someone wants to know. */
    private static final long SPECIAL = 1L << 62;

    private static final VarHandle USE;

    static {
        try {
            USE = MethodHandles.lookup().findVarHandle(CountedBuffer.class, "use", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Bits 0 to 31: holders, 0 while nobody holds it; bits 32 to 61: duplicates of its bytes; {@link #SPECIAL}. */
    private long use;
    /** Whose memory the bytes are in; this, except for a duplicate. */
    private CountedBuffer original = this;
    private FreeListener freeListener;
    private long freeToken;

    CountedBuffer(NetBufPool pool, int index, MemorySlice slice, long base) {
        super(pool, index, slice, base);
    }

    private long use() {
        return (long) USE.getAcquire(this);
    }

    private static int holders(long use) {
        return (int) use;
    }

    private static int duplicates(long use) {
        return (int) (use >>> 32) & DUPLICATES_MASK;
    }

    @Override
    public int refCount() {
        return holders(use());
    }

    @Override
    public boolean isShared() {
        long seen = use();
        return seen != ONE_HOLDER && isShared(seen);
    }

    private boolean isShared(long seen) {
        return holders(seen) > 1 || duplicates(seen) > 0 || (isDuplicate() && original.hasSeveralUsers());
    }

    private boolean hasSeveralUsers() {
        long seen = use();
        return duplicates(seen) + Math.min(1, holders(seen)) > 1;
    }

    /** As {@link #refCount()}, for a thread that is one of the holders or misuses the buffer. */
    final int holders() {
        return holders(use);
    }

    final boolean isDuplicate() {
        return original != this;
    }

    /** Gives a free buffer its first holder. */
    final void hold() {
        use = ONE_HOLDER;
    }

    final void holdAgain() {
        USE.getAndAdd(this, ONE_HOLDER);
    }

    /** For the only holder, who is asked no more when the buffer is freed. */
    final void makeSpecial() {
        USE.getAndBitwiseOr(this, SPECIAL);
    }

    /** Becomes a held duplicate of {@code length} bytes of {@code other}, a buffer that the caller holds. */
    final void holdAsDuplicate(CountedBuffer other, int skip, int length) {
        original = other.original;
        USE.getAndAdd(original, ONE_DUPLICATE);
        lieOver(other, skip, length);
        use = ONE_HOLDER | SPECIAL;
    }

    /** True if that was the only holder of a buffer with nothing special about it: {@link #reset()} it and give it back. */
    final boolean dropOnlyHolder() {
        // The only holder needs no atomic operation; acquire orders it after the reads of those who let go before.
        if (use() == ONE_HOLDER) {
            use = 0;
            return true;
        }
        return false;
    }

    /** Drops one holder of any other buffer. @return true if the buffer, already reset, is to be given back now */
    final boolean dropHolder() {
        long seen;
        do {
            seen = use();
            if (holders(seen) == 1) {
                // Only its bytes are in use by others: what else there is of it is the last holder's.
                reset();
                return duplicates((long) USE.getAndAdd(this, -ONE_HOLDER)) == 0;
            }
            if (holders(seen) <= 0) {
                return false;
            }
        } while (!USE.compareAndSet(this, seen, seen - ONE_HOLDER));
        return false;
    }

    /** Lets a freed duplicate go of its bytes. @return their buffer, if that is to be given back now, or null */
    final CountedBuffer dropOriginal() {
        CountedBuffer other = original;
        original = this;
        long before = (long) USE.getAndAdd(other, -ONE_DUPLICATE);
        return holders(before) == 0 && duplicates(before) == 1 ? other : null;
    }

    final void listen(FreeListener listener, long token) {
        freeListener = listener;
        freeToken = token;
        makeSpecial();
    }

    final FreeListener freeListener() {
        return freeListener;
    }

    final long freeToken() {
        return freeToken;
    }

    final void forgetFreeListener() {
        freeListener = null;
    }

    /** Makes the buffer fresh again, but for who listens. */
    abstract void reset();
}
