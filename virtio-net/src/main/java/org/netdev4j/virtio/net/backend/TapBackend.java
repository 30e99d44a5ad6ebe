package org.netdev4j.virtio.net.backend;

import java.util.Map;

import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.linux.Errno;
import org.netdev4j.virtio.net.device.CounterSet;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.Verdict;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Linux TAP as the outside of a device: what the driver transmits the kernel receives, and the other way round, with checksums
 * and segments left to whoever comes last. When the driver has no receive buffer the TAP is not read: the kernel then queues,
 * and drops beyond its own limit. What the kernel queued while there was no driver is delivered when there is one. The link is
 * up while the interface is; it is never configured from here. An interface that was deleted stays down: the device must be
 * opened again.
 * <p>
 * A TAP with several queues has one for each queue pair that the driver uses; the kernel sends a flow to the queue that its
 * other direction came from.
 */
public final class TapBackend implements NetBackend {
    private static final Logger LOG = LoggerFactory.getLogger(TapBackend.class);

    private final CounterSet<TapCounter> counters = new CounterSet<>(TapCounter.class);
    private final TapQueue[] queues;
    private FrameReceiver receiver;
    private boolean up;
    private boolean gone;
    private boolean started;
    private boolean closed;
    private int inUse = 1;

    /**
     * Opens the interface, and creates it if it does not exist.
     *
     * @param loop of the device in front of it
     * @throws org.netdev4j.virtio.linux.ErrnoException if it cannot be opened: says why and what to do
     * @throws IllegalArgumentException if no interface can have that name
     */
    public static TapBackend open(String interfaceName, DeviceLoop loop) {
        return open(interfaceName, loop, 1, true);
    }

    /**
     * As {@link #open(String, DeviceLoop)}.
     *
     * @param queueCount queues of the interface: with more than one it is, or becomes, one with several
     * @param withHeader false: frames come and go whole, without a virtio-net header that says what is left to do
     */
    public static TapBackend open(String interfaceName, DeviceLoop loop, int queueCount, boolean withHeader) {
        TapPort[] ports = new TapPort[queueCount];
        try {
            for (int i = 0; i < queueCount; i++) {
                // The name may have been a pattern: all queues are of the interface that the first one found.
                ports[i] = new KernelTap(i == 0 ? interfaceName : ports[0].interfaceName(), loop, queueCount > 1,
                        withHeader);
            }
        } catch (RuntimeException e) {
            for (TapPort port : ports) {
                if (port != null) {
                    port.close();
                }
            }
            throw e;
        }
        return new TapBackend(ports);
    }

    TapBackend(TapPort... ports) {
        up = ports[0].isUp();
        queues = new TapQueue[ports.length];
        for (int i = 0; i < ports.length; i++) {
            queues[i] = new TapQueue(i, ports[i], this, counters);
        }
    }

    /** The interface's name, also where it was opened by a pattern. */
    public String interfaceName() {
        return queues[0].port().interfaceName();
    }

    @Override
    public String name() {
        return "tap:" + interfaceName();
    }

    @Override
    public void attach(FrameReceiver device) {
        receiver = device;
        for (TapQueue queue : queues) {
            queue.attach(device);
        }
    }

    @Override
    public void start() {
        started = true;
        offloadsChanged();
        for (TapQueue queue : queues) {
            queue.start();
        }
        pairsInUse(inUse);
    }

    @Override
    public void stop() {
        started = false;
        for (TapQueue queue : queues) {
            queue.stop();
        }
    }

    @Override
    public void offloadsChanged() {
        if (!gone) {
            // Of the whole interface, whichever queue says so.
            queues[0].port().offload(receiver.accepts());
        }
    }

    @Override
    public void pairsInUse(int pairs) {
        inUse = Math.min(pairs, queues.length);
        if (!gone && queues.length > 1) {
            for (int i = 0; i < queues.length; i++) {
                queues[i].use(i < inUse);
            }
        }
    }

    @Override
    public Verdict transmit(Frame frame) {
        if (!up) {
            counters.increment(TapCounter.WRITE_DROP_LINK_DOWN);
            return Verdict.DROPPED;
        }
        return queues[frame.pair() < inUse ? frame.pair() : 0].transmit(frame);
    }

    void writeFailed(int errno) {
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
    }

    void readFailed(int errno) {
        counters.increment(TapCounter.READ_ERRORS);
        switch (errno) {
            case Errno.EIO -> linkIs(false);
            case Errno.EBADFD -> isGone(errno);
            default -> {
                // The kernel gave up that one frame, and epoll tells of the next.
            }
        }
    }

    @Override
    public int poll() {
        int done = 0;
        for (TapQueue queue : queues) {
            done += queue.poll();
        }
        return done;
    }

    /** True while what the kernel has may be delivered. */
    boolean isReading() {
        return started && up;
    }

    /** True while the interface can be watched. */
    boolean isThere() {
        return !gone && !closed;
    }

    @Override
    public void resume() {
        for (TapQueue queue : queues) {
            queue.resume();
        }
    }

    @Override
    public boolean armWakeUps() {
        boolean quiet = true;
        for (TapQueue queue : queues) {
            quiet &= queue.armWakeUps();
        }
        return quiet;
    }

    void linkIs(boolean nowUp) {
        if (up != nowUp) {
            up = nowUp;
            updateWatches();
            receiver.linkChanged();
        }
    }

    /** Nothing comes and goes any more, and epoll would never stop to say so. */
    void isGone(int errno) {
        if (!gone) {
            LOG.warn("{}: the interface is gone ({}); the link is down until the device is opened again", name(),
                    Errno.describe(errno));
            gone = true;
            updateWatches();
            linkIs(false);
        }
    }

    private void updateWatches() {
        for (TapQueue queue : queues) {
            queue.updateWatch();
        }
    }

    /** The kernel does what a header asks for. */
    @Override
    public Offloads accepts() {
        return queues[0].port().hasHeader() ? Offloads.ALL : Offloads.NONE;
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
            for (TapQueue queue : queues) {
                queue.close();
            }
        }
    }
}
