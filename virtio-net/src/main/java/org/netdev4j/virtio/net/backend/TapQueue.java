package org.netdev4j.virtio.net.backend;

import java.lang.foreign.MemorySegment;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.linux.Epoll;
import org.netdev4j.virtio.linux.Errno;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.net.device.ContiguousFrame;
import org.netdev4j.virtio.net.device.CounterSet;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameMemory;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.OffloadRequest;
import org.netdev4j.virtio.net.device.Verdict;

/**
 * One queue of a TAP. Frames are read straight into the driver's buffers where it lends them, else into a buffer of the queue's
 * own, which then keeps the one that could not be delivered. While nothing can be delivered nothing is read.
 */
final class TapQueue {
    /** Most frames read before others have their turn. */
    static final int BUDGET = 64;

    private final int index;
    private final TapPort tap;
    private final TapBackend backend;
    private final CounterSet<TapCounter> counters;
    private final OffloadRequest offload = new OffloadRequest();
    private final MemoryRegion region = MemoryRegion.allocate("tap frame", 2 * NetHeader.LENGTH + Frame.MAX_LENGTH);
    private final MemorySegment readHeader = region.segment().asSlice(0, NetHeader.LENGTH);
    private final MemorySegment writeHeader = region.segment().asSlice(NetHeader.LENGTH, NetHeader.LENGTH);
    private final MemorySegment own = region.segment().asSlice(2 * NetHeader.LENGTH, Frame.MAX_LENGTH);
    private final ContiguousFrame frame = new ContiguousFrame();

    private FrameReceiver receiver;
    private boolean inUse = true;
    /** The driver has no receive buffer. */
    private boolean paused;
    /** {@link #frame} was read and not delivered. */
    private boolean pending;
    /** A frame may wait: not proved otherwise since epoll said so. */
    private boolean readable;
    /** The kernel had no room for a frame. */
    private boolean full;
    private int watched;

    TapQueue(int index, TapPort tap, TapBackend backend, CounterSet<TapCounter> counters) {
        this.index = index;
        this.tap = tap;
        this.backend = backend;
        this.counters = counters;
    }

    void attach(FrameReceiver device) {
        receiver = device;
        updateWatch();
    }

    void start() {
        paused = false;
        pending = false;
        readable = true;
        full = false;
        updateWatch();
    }

    void stop() {
        full = false;
        updateWatch();
    }

    /** The kernel uses the queue, or not. */
    void use(boolean now) {
        if (inUse != now) {
            inUse = now;
            tap.use(now);
        }
    }

    Verdict transmit(Frame sent) {
        sent.offload().write(writeHeader, 0, 0);
        int written = tap.write(writeHeader, sent);
        if (written > 0) {
            return Verdict.CONSUMED;
        }
        if (written == 0) {
            counters.increment(TapCounter.WRITE_BUSY);
            full = true;
            updateWatch();
            return Verdict.BUSY;
        }
        backend.writeFailed(-written);
        return Verdict.DROPPED;
    }

    int poll() {
        int done = 0;
        while (readable && canRead() && done < BUDGET) {
            if ((pending || !receiver.lends()) ? readOwn() : readLent()) {
                done++;
            } else {
                break;
            }
        }
        return done;
    }

    /** @return false if nothing more can be read for now */
    private boolean readLent() {
        FrameMemory room = receiver.borrow();
        if (room == null) {
            pause();
            return false;
        }
        int read = tap.read(readHeader, room);
        if (read >= NetHeader.LENGTH) {
            readOffload();
            receiver.commit(read - NetHeader.LENGTH, offload);
            return true;
        }
        receiver.giveBack();
        return readNothing(read);
    }

    private boolean readOwn() {
        if (!pending) {
            int read = tap.read(readHeader, frame.show(own, 0, Frame.MAX_LENGTH));
            if (read < NetHeader.LENGTH) {
                return readNothing(read);
            }
            readOffload();
            frame.show(own, 0, Math.min(read - NetHeader.LENGTH, Frame.MAX_LENGTH));
            frame.offload().set(offload);
            pending = true;
        }
        if (receiver.receive(frame, index) == Verdict.BUSY) {
            pause();
            return false;
        }
        pending = false;
        return true;
    }

    private void readOffload() {
        if (tap.hasHeader()) {
            offload.read(readHeader, 0);
        } else {
            offload.clear();
        }
    }

    private boolean readNothing(int read) {
        if (read > 0) {
            counters.increment(TapCounter.READ_DROP_TRUNCATED);
            return true;
        }
        readable = false;
        if (read < 0) {
            backend.readFailed(-read);
        }
        return false;
    }

    private void pause() {
        counters.increment(TapCounter.READ_PAUSES);
        paused = true;
        updateWatch();
    }

    private boolean canRead() {
        return backend.isReading() && !paused;
    }

    /** The receiver has room again. */
    void resume() {
        paused = false;
        readable = true;
        updateWatch();
    }

    boolean armWakeUps() {
        return !(readable && canRead());
    }

    /** Waits only for what can be dealt with: epoll is level-triggered, and the loop does not sleep while an event is there. */
    void updateWatch() {
        int events = (canRead() ? Epoll.READABLE : 0) | (full || !backend.linkUp() ? Epoll.WRITABLE : 0);
        if (!backend.isThere()) {
            events = 0;
        }
        if (events != watched) {
            watched = events;
            tap.watch(events, this::onReady);
        }
    }

    /** A TAP is writable when it is up and has room. */
    private void onReady(int events) {
        if ((events & (Epoll.ERROR | Epoll.HANG_UP)) != 0) {
            backend.isGone(Errno.EBADFD);
            return;
        }
        if ((events & Epoll.READABLE) != 0) {
            readable = true;
        }
        if ((events & Epoll.WRITABLE) != 0) {
            full = false;
            backend.linkIs(true);
            updateWatch();
            receiver.resume();
        }
    }

    TapPort port() {
        return tap;
    }

    void close() {
        updateWatch();
        tap.close();
        region.close();
    }
}
