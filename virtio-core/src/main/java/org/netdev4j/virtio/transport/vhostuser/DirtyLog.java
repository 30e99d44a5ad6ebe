package org.netdev4j.virtio.transport.vhostuser;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.linux.ErrnoException;
import org.netdev4j.virtio.linux.ReceivedFds;
import org.netdev4j.virtio.linux.SharedMemory;
import org.netdev4j.virtio.queue.WriteLog;

/**
 * The front-end's map of pages that the device wrote to, for a guest that moves to another machine while it runs: bit n of the
 * map is the page at guest address n * 4096. The front-end takes bits out at the same time, so each is set by an atomic operation
 * after the write that it stands for, even if it seems to be set. On the loop's thread.
 */
final class DirtyLog implements WriteLog, AutoCloseable {
    private static final int PAGE_SHIFT = 12;
    private static final int WORD_SHIFT = 5;
    private static final VarHandle WORD = JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final MemoryRegion map;
    private final MemorySegment words;
    private final long pages;

    /**
     * Maps what came with SET_LOG_BASE; the descriptor is not needed afterwards.
     *
     * @throws VhostUserException if the map is not wholly inside its file, or not of whole 32-bit words
     */
    DirtyLog(Payload.Log where, ReceivedFds fds) {
        if (((where.size() | where.fileOffset()) & (Integer.BYTES - 1)) != 0) {
            throw new VhostUserException("dirty log of " + where.size() + " bytes at file offset " + where.fileOffset()
                    + ": both have to be multiples of " + Integer.BYTES);
        }
        try {
            map = SharedMemory.map("dirty log of the front-end", fds.number(0), where.fileOffset(), where.size(), 0);
        } catch (IllegalArgumentException | ErrnoException e) {
            throw new VhostUserException(e.getMessage(), e);
        }
        words = map.segment();
        pages = where.size() << 3;
    }

    /** @throws VhostUserException if some page of {@code memory} has no bit */
    void requireCovers(PeerMemory memory) {
        long last = memory.lastGuestAddress() >>> PAGE_SHIFT;
        if (Long.compareUnsigned(last, pages) >= 0) {
            throw new VhostUserException("dirty log for " + pages + " pages of 4096 bytes, memory reaches up to page "
                    + Long.toUnsignedString(last));
        }
    }

    /** What has no bit is the front-end's mistake: it named a ring where there is no memory. */
    @Override
    public void written(long guestAddress, long bytes) {
        long last = Math.min((guestAddress + bytes - 1) >>> PAGE_SHIFT, pages - 1);
        for (long page = guestAddress >>> PAGE_SHIFT; page <= last; page++) {
            int _ = (int) WORD.getAndBitwiseOr(words, page >>> WORD_SHIFT << 2, 1 << page);
        }
    }

    /** Unmaps it. Idempotent. */
    @Override
    public void close() {
        map.close();
    }
}
