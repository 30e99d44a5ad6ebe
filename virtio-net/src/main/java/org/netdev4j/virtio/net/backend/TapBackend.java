package org.netdev4j.virtio.net.backend;

import java.lang.foreign.MemorySegment;
import java.util.Map;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.linux.Epoll;
import org.netdev4j.virtio.linux.Errno;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.net.device.CounterSet;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameMemory;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.OffloadRequest;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.Verdict;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Linux TAP interface: frames go to the kernel's network stack and come from it, read straight into the driver's receive
 * buffers. Partial checksums pass in both directions as far as both sides agree.
 * <p>
 * Reading pauses while the driver has no receive buffer; the kernel then queues, and drops beyond its own limit. What the
 * kernel queued while there was no driver is delivered when there is one. The link is up while the interface is; it is never
 * configured from here. An interface that was deleted stays down: the device must be opened again.
 */
public final class TapBackend implements NetBackend {
    /** Most frames read before others have their turn. */
    static final int BUDGET = 64;

    private static final Logger LOG = LoggerFactory.getLogger(TapBackend.class);

    private final TapPort tap;
    private final CounterSet<TapCounter> counters = new CounterSet<>(TapCounter.class);
    private final OffloadRequest offload = new OffloadRequest();
    private final MemoryRegion region = MemoryRegion.allocate("tap headers", 2 * NetHeader.LENGTH);
    private final MemorySegment readHeader = region.segment().asSlice(0, NetHeader.LENGTH);
    private final MemorySegment writeHeader = region.segment().asSlice(NetHeader.LENGTH, NetHeader.LENGTH);

    private FrameReceiver receiver;
    private boolean up;
    private boolean gone;
    private boolean started;
    /** The driver has no receive buffer. */
    private boolean paused;
    /** A frame may wait: not proved otherwise since epoll said so. */
    private boolean readable;
    /** The kernel had no room for a frame. */
    private boolean full;
    private int watched;
    private boolean closed;

    /**
     * Opens the interface, and creates it if it does not exist.
     *
     * @param loop of the device in front of it
     * @throws org.netdev4j.virtio.linux.ErrnoException if it cannot be opened: says why and what to do
     * @throws IllegalArgumentException if no interface can have that name
     */
    public static TapBackend open(String interfaceName, DeviceLoop loop) {
        return new TapBackend(new KernelTap(interfaceName, loop));
    }

    TapBackend(TapPort tap) {
        this.tap = tap;
        up = tap.isUp();
    }

    @Override
    public String name() {
        return "tap:" + tap.interfaceName();
    }

    @Override
    public void attach(FrameReceiver device) {
        receiver = device;
        updateWatch();
    }

    @Override
    public void start() {
        if (!gone) {
            tap.acceptPartialChecksum(receiver.accepts().has(Offloads.CHECKSUM));
        }
        started = true;
        paused = false;
        readable = true;
        full = false;
        updateWatch();
    }

    @Override
    public void stop() {
        started = false;
        full = false;
        updateWatch();
    }

    @Override
    public Verdict transmit(Frame frame) {
        if (!up) {
            counters.increment(TapCounter.WRITE_DROP_LINK_DOWN);
            return Verdict.DROPPED;
        }
        frame.offload().write(writeHeader, 0, 0);
        int written = tap.write(writeHeader, frame);
        if (written > 0) {
            return Verdict.CONSUMED;
        }
        if (written == 0) {
            counters.increment(TapCounter.WRITE_BUSY);
            full = true;
            updateWatch();
            return Verdict.BUSY;
        }
        return refused(-written);
    }

    private Verdict refused(int errno) {
        switch (errno) {
            case Errno.EIO -> {
                counters.increment(TapCounter.WRITE_DROP_LINK_DOWN);
                linkIs(false);
            }
            case Errno.EBADFD -> {
                counters.increment(TapCounter.WRITE_DROP_LINK_DOWN);
                isGone(errno);
            }
            default -> counters.increment(TapCounter.WRITE_DROP_REFUSED);
        }
        return Verdict.DROPPED;
    }

    @Override
    public int poll() {
        int done = 0;
        while (readable && canRead() && done < BUDGET) {
            FrameMemory room = receiver.borrow();
            if (room == null) {
                counters.increment(TapCounter.READ_PAUSES);
                paused = true;
                updateWatch();
                break;
            }
            int read = tap.read(readHeader, room);
            if (read >= NetHeader.LENGTH) {
                offload.read(readHeader, 0);
                receiver.commit(read - NetHeader.LENGTH, offload);
                done++;
                continue;
            }
            receiver.giveBack();
            if (read > 0) {
                counters.increment(TapCounter.READ_DROP_TRUNCATED);
                done++;
            } else {
                readable = false;
                if (read < 0) {
                    readFailed(-read);
                }
            }
        }
        return done;
    }

    private void readFailed(int errno) {
        counters.increment(TapCounter.READ_ERRORS);
        switch (errno) {
            case Errno.EIO -> linkIs(false);
            case Errno.EBADFD -> isGone(errno);
            default -> {
                // The kernel gave up that one frame, and epoll tells of the next.
            }
        }
    }

    private boolean canRead() {
        return started && up && !paused;
    }

    @Override
    public void resume() {
        paused = false;
        readable = true;
        updateWatch();
    }

    @Override
    public boolean armWakeUps() {
        return !(readable && canRead());
    }

    private void linkIs(boolean nowUp) {
        if (up != nowUp) {
            up = nowUp;
            updateWatch();
            receiver.linkChanged();
        }
    }

    /** Nothing comes and goes any more, and epoll would never stop to say so. */
    private void isGone(int errno) {
        LOG.warn("{}: the interface is gone ({}); the link is down until the device is opened again", name(),
                Errno.describe(errno));
        gone = true;
        updateWatch();
        linkIs(false);
    }

    /** Waits only for what can be dealt with: epoll is level-triggered, and the loop does not sleep while an event is there. */
    private void updateWatch() {
        int events = (canRead() ? Epoll.READABLE : 0) | (full || !up ? Epoll.WRITABLE : 0);
        if (gone || closed) {
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
            isGone(Errno.EBADFD);
            return;
        }
        if ((events & Epoll.READABLE) != 0) {
            readable = true;
        }
        if ((events & Epoll.WRITABLE) != 0) {
            full = false;
            linkIs(true);
            updateWatch();
            receiver.resume();
        }
    }

    /** The kernel completes what is partial. */
    @Override
    public Offloads accepts() {
        return Offloads.PARTIAL_CHECKSUM;
    }

    @Override
    public boolean linkUp() {
        return up;
    }

    @Override
    public Map<String, Long> counters() {
        return counters.snapshot();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            started = false;
            updateWatch();
            tap.close();
            region.close();
        }
    }
}
