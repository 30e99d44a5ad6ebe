package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.linux.Epoll;
import org.netdev4j.virtio.linux.ErrnoException;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.queue.DeviceQueue;
import org.netdev4j.virtio.queue.QueuePlacement;
import org.netdev4j.virtio.queue.RingState;
import org.netdev4j.virtio.queue.WriteLog;

/**
 * What a front-end has said of one ring, and the queue that came of it. Started and enabled are two flags that know nothing of
 * each other. On the loop's thread.
 */
final class ServedRing implements AutoCloseable {
    private static final int MAX_SIZE = 32768;
    /** A kick that is readable so often without a count to read is none. */
    private static final int MAX_EMPTY_KICKS = 64;

    final int index;
    private final DeviceLoop loop;
    private int size;
    private Payload.VringAddress address;
    /** Null: not set since the last reset, the ring begins at its start. */
    private Integer base;
    /** Before the last reset, however often there was one; null: it never ran. */
    private Integer lastBase;
    private EventFd kick;
    private EventFd call;
    private EventFd error;
    private boolean kickSet;
    private boolean enabled;
    private DeviceQueue queue;
    /** Of the queue: its format, and the guest address of its used part. */
    private boolean packed;
    private long usedAddress;
    private int emptyKicks;

    ServedRing(int index, DeviceLoop loop) {
        this.index = index;
        this.loop = loop;
    }

    /** Null while it is stopped. */
    DeviceQueue queue() {
        return queue;
    }

    boolean isEnabled() {
        return enabled;
    }

    void enable(boolean on) {
        enabled = on;
    }

    /** Null unless the front-end wants to be interrupted. */
    EventFd call() {
        return call;
    }

    /** True if it runs and nobody is going to say when to look at it. */
    boolean isPolled() {
        return queue != null && kick == null;
    }

    /**
     * Logs what the device writes from now on.
     *
     * @param log null: nothing is logged
     */
    void logTo(DirtyLog log) {
        if (queue != null) {
            boolean withRing = log != null && (address.flags() & Payload.VringAddress.LOG) != 0;
            queue.logWrites(log, withRing ? ringLog(log) : null);
        }
    }

    /**
     * The used ring of a split queue is logged where the front-end says. A packed one has two parts, for which there is one
     * address and nobody says of which: they are logged where they are.
     */
    private WriteLog ringLog(DirtyLog log) {
        if (packed) {
            return log;
        }
        long used = usedAddress;
        long logged = address.log();
        return (at, bytes) -> log.written(at - used + logged, bytes);
    }

    /** Says that the ring cannot go on. */
    void fail() {
        if (error != null) {
            error.signal();
        }
    }

    void size(int descriptors) {
        requireStopped("its size");
        if (descriptors < 1 || descriptors > MAX_SIZE) {
            throw new VhostUserException("ring " + index + " of " + Integer.toUnsignedString(descriptors)
                    + " descriptors, allowed are 1 to " + MAX_SIZE);
        }
        size = descriptors;
    }

    void base(int number) {
        requireStopped("its base");
        base = number;
    }

    private void requireStopped(String what) {
        if (queue != null) {
            throw new VhostUserException("ring " + index + " is told " + what + " while it runs");
        }
    }

    void address(Payload.VringAddress where) {
        if ((where.flags() & ~Payload.VringAddress.LOG) != 0) {
            throw new VhostUserException(
                    "ring " + index + " has unknown flags 0x" + Integer.toHexString(where.flags()));
        }
        address = where;
    }

    /** @param fd null: the ring is polled */
    void kick(EventFd fd) {
        unwatchKick();
        kick = fd;
        kickSet = true;
        emptyKicks = 0;
        if (fd != null) {
            try {
                loop.watch(fd.fd(), Epoll.READABLE, this::onKick);
            } catch (ErrnoException e) {
                throw new VhostUserException("ring " + index + " has a kick that is no event: " + e.getMessage(), e);
            }
        }
    }

    /** The wake-up is all there is to it: the device looks at its rings when the loop polls it. */
    private void onKick() {
        emptyKicks = kick.drain() == 0 ? emptyKicks + 1 : 0;
        if (emptyKicks == MAX_EMPTY_KICKS) {
            loop.unwatch(kick.fd());
        }
    }

    /** @param fd null: no interrupts */
    void call(EventFd fd) {
        close(call);
        call = fd;
    }

    void error(EventFd fd) {
        close(error);
        error = fd;
    }

    /** True if it may start: it was kicked off, and all is known that it takes. */
    boolean isReady() {
        return queue == null && kickSet && size != 0 && address != null;
    }

    /**
     * @param inflight says where to go on if a back-end was there before; or null
     * @throws VirtioException if the ring cannot be where the front-end says
     */
    void start(PeerMemory memory, Features features, InflightArea inflight) {
        if (!features.has(VirtioFeature.RING_PACKED) && Integer.bitCount(size) != 1) {
            throw new VhostUserException("split ring " + index + " of " + size + " descriptors, not a power of two");
        }
        QueuePlacement placement = new QueuePlacement(size,
                memory.guestAddress("descriptors of ring " + index, address.descriptor()),
                memory.guestAddress("available part of ring " + index, address.available()),
                memory.guestAddress("used part of ring " + index, address.used()));
        // DPDK's virtio_user names the available position of a packed ring alone and leaves the used half 0, as its own
        // back-end takes it: nothing is in flight where a ring starts.
        RingState state = base == null
                ? RingState.start(features)
                : new RingState(base & 0xffff, base & 0xffff);
        queue = DeviceQueue.create(memory.byGuestAddress(), placement, features, state,
                inflight == null ? null : inflight.record(index, size, features));
        packed = features.has(VirtioFeature.RING_PACKED);
        usedAddress = placement.deviceAddress();
    }

    /** Stopped at a position, to be started again there. The model has put back what it took. */
    void suspend(Features features) {
        base = queue.state().vringBase(features);
        queue = null;
    }

    /** What GET_VRING_BASE says of a stopped ring; it does not start again before the next SET_VRING_KICK. */
    int stopped(Features features) {
        unwatchKick();
        kickSet = false;
        Integer where = base == null ? lastBase : base;
        return where == null ? RingState.start(features).vringBase(features) : where;
    }

    private void unwatchKick() {
        if (kick != null) {
            loop.unwatch(kick.fd());
            kick.close();
            kick = null;
        }
    }

    private static void close(EventFd fd) {
        if (fd != null) {
            fd.close();
        }
    }

    /** As it was before the front-end spoke of it. */
    void reset() {
        queue = null;
        lastBase = base == null ? lastBase : base;
        base = null;
        enabled = false;
        kickSet = false;
        unwatchKick();
    }

    @Override
    public void close() {
        reset();
        close(call);
        close(error);
        call = null;
        error = null;
    }
}
