package org.netdev4j.virtio.transport.vhostuser;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.DeviceStatus;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioTransport;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.linux.SharedMemory;
import org.netdev4j.virtio.queue.QueuePlacement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device in another process: the driver's side of vhost-user. The registers of the device are kept here and turned into
 * requests; rings and buffers are memory that both processes map, kick and call are eventfds of both.
 * <p>
 * All memory is sent to the back-end whole: what is in a region, it can read and write.
 */
public final class VhostUserTransport implements VirtioTransport {
    private static final Logger LOG = LoggerFactory.getLogger(VhostUserTransport.class);
    private static final PeerListener NOBODY = present -> {};

    /** As large as a ring can be: a back-end does not say what it takes. */
    private static final int MAX_QUEUE_SIZE = 32768;

    private final String name;
    private final StandIn standIn;
    private final Backends backends;
    private final SharedRegions regions = new SharedRegions();
    private final EventFd configInterrupt = EventFd.create();
    private final PeerWatch watch;
    private volatile PeerListener listener = NOBODY;

    /** Null while the back-end is away. */
    private Session session;
    private Vrings vrings;
    private EmptyRings emptyRings;
    /** What the back-end offered when it was first seen: another one must offer what the driver accepted of it. */
    private Features offered;
    private Features accepted = Features.NONE;
    private int status;
    private int generation;
    private boolean closed;

    private VhostUserTransport(String name, StandIn standIn, Backends backends) {
        this.name = name;
        this.standIn = standIn;
        this.backends = backends;
        watch = new PeerWatch(name, new PeerChanges(), backends);
    }

    /**
     * Connects, or listens until a back-end connects, and asks it what it is.
     *
     * @param standIn makes the device that the driver sees
     * @throws VhostUserException if there is no back-end within the time limit, or it does not speak the protocol
     */
    public static VhostUserTransport open(FrontEndSettings settings, StandIn standIn) {
        VhostUserTransport transport = new VhostUserTransport(settings.toString(), standIn, new Backends(settings));
        try {
            transport.meet(transport.backends.first());
            return transport;
        } catch (RuntimeException e) {
            transport.close();
            throw e;
        }
    }

    private synchronized void meet(Session first) {
        session = first;
        offered = standIn.offered(first.offered());
        vrings = new Vrings(standIn.queues(first.queuePairs()));
        emptyRings = new EmptyRings(name, vrings.count());
        regions.add(emptyRings.region);
        watch.start(first);
    }

    @Override
    public void onPeerChange(PeerListener peerListener) {
        listener = peerListener;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int deviceType() {
        return standIn.deviceType();
    }

    @Override
    public synchronized Features deviceFeatures() {
        return offered;
    }

    @Override
    public synchronized void driverFeatures(Features features) {
        accepted = features;
    }

    @Override
    public synchronized int status() {
        return status;
    }

    @Override
    public synchronized void status(int next) {
        if (next == 0) {
            throw new IllegalArgumentException(name + ": status 0 is written by reset()");
        }
        if (session == null) {
            // The next back-end is told.
            status = next;
            return;
        }
        boolean nowAgreed = isSet(next, DeviceStatus.FEATURES_OK) && !isSet(status, DeviceStatus.FEATURES_OK);
        boolean nowReady = isSet(next, DeviceStatus.DRIVER_OK) && !isSet(status, DeviceStatus.DRIVER_OK);
        talk(peer -> {
            if (nowAgreed) {
                peer.features(accepted);
            }
            if (nowReady) {
                startAll(peer);
            }
            int seen = nowAgreed || nowReady ? peer.status(next) : next;
            status = next & (seen | ~DeviceStatus.FEATURES_OK);
        });
    }

    private static boolean isSet(int status, int bit) {
        return (status & bit) != 0;
    }

    private void startAll(Session peer) {
        vrings.announceEnabled(peer);
        tellMemory(peer);
        vrings.startEnabled(peer, accepted);
    }

    /** A back-end that is gone, or is given up on the way, touches nothing any more: that is a reset too. */
    @Override
    public synchronized void reset() {
        try {
            talk(peer -> {
                vrings.stopAll(peer);
                peer.reset();
            });
        } catch (VirtioException e) {
            LOG.warn("{}; it is given up instead of being reset", e.getMessage());
        }
        vrings.forget();
        status = 0;
    }

    @Override
    public synchronized int configGeneration() {
        return generation;
    }

    @Override
    public synchronized int configSize() {
        return config().capacity();
    }

    @Override
    public synchronized int readConfig8(int offset) {
        return config().get(offset) & 0xff;
    }

    @Override
    public synchronized int readConfig16(int offset) {
        return config().getShort(offset) & 0xffff;
    }

    @Override
    public synchronized int readConfig32(int offset) {
        return config().getInt(offset);
    }

    private ByteBuffer config() {
        return ByteBuffer.wrap(standIn.config(session != null)).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public synchronized int maxQueueSize(int index) {
        return index < vrings.count() ? MAX_QUEUE_SIZE : 0;
    }

    @Override
    public synchronized void enableQueue(int index, QueuePlacement placement) {
        Vring vring = vrings.get(index);
        if (vring.placement != null) {
            throw new IllegalStateException(name + ": queue " + index + " is enabled already");
        }
        vring.placement = placement;
        if (isSet(status, DeviceStatus.DRIVER_OK)) {
            talk(peer -> Vrings.start(peer, vring, accepted));
        }
    }

    @Override
    public synchronized void resetQueue(int index) {
        Vring vring = vrings.get(index);
        if (vring.placement == null) {
            throw new IllegalStateException(name + ": queue " + index + " is not enabled");
        }
        talk(peer -> Vrings.stop(peer, vring));
        vring.placement = null;
    }

    @Override
    public Kick kick(int index) {
        EventFd kick = vrings.get(index).kick;
        return data -> kick.signal();
    }

    @Override
    public EventFd queueInterrupt(int index) {
        return vrings.get(index).call;
    }

    @Override
    public EventFd configInterrupt() {
        return configInterrupt;
    }

    @Override
    public MemoryRegion allocateMemory(String regionName, long bytes) {
        MemoryRegion region = SharedMemory.allocate(regionName, bytes);
        try {
            attachMemory(region);
        } catch (RuntimeException e) {
            region.close();
            throw e;
        }
        return region;
    }

    @Override
    public synchronized void attachMemory(MemoryRegion region) {
        regions.forgetUnmapped();
        if (regions.add(region)) {
            tellMemory();
        }
    }

    @Override
    public synchronized boolean isAttached(MemoryRegion region) {
        return regions.contains(region);
    }

    @Override
    public synchronized void detachMemory(MemoryRegion region) {
        if (regions.remove(region)) {
            tellMemory();
        }
    }

    /** Before DRIVER_OK there is nothing that it is needed for. */
    private void tellMemory() {
        if (isSet(status, DeviceStatus.DRIVER_OK)) {
            talk(this::tellMemory);
        }
    }

    private void tellMemory(Session peer) {
        regions.forgetUnmapped();
        if (!regions.isEmpty()) {
            peer.memory(regions);
        }
    }

    /** Runs a conversation with the back-end; one that is away is told everything when it is back. */
    private void talk(Conversation conversation) {
        if (session == null) {
            return;
        }
        try {
            conversation.with(session);
        } catch (VhostUserException e) {
            lose();
            watch.wakeUp();
            throw new VirtioException(name + ": " + e.getMessage(), e);
        }
    }

    private void lose() {
        session.close();
        session = null;
        vrings.lose();
        generation++;
        configInterrupt.signal();
    }

    private synchronized void restore(Session next) {
        Features missing = accepted.and(offered).minus(standIn.offered(next.offered()));
        if (!missing.isEmpty()) {
            throw new VhostUserException("the back-end that came does not offer the features " + missing
                    + " that were agreed on with the last");
        }
        vrings.lose();
        if (isSet(status, DeviceStatus.FEATURES_OK)) {
            next.features(accepted);
        }
        if (isSet(status, DeviceStatus.DRIVER_OK)) {
            vrings.announceAll(next);
            tellMemory(next);
            vrings.startEmpty(next, emptyRings, accepted);
        }
        if (status != 0) {
            next.status(status);
        }
        session = next;
        generation++;
        configInterrupt.signal();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        watch.close();
        synchronized (this) {
            try {
                if (vrings != null) {
                    reset();
                }
            } finally {
                release();
            }
        }
    }

    private void release() {
        if (session != null) {
            session.close();
            session = null;
        }
        backends.close();
        configInterrupt.close();
        if (vrings != null) {
            vrings.close();
            emptyRings.close();
        }
    }

    private interface Conversation {
        void with(Session peer);
    }

    /** What the watch finds out, on its thread; the listener is told without a lock of ours. */
    private final class PeerChanges implements PeerWatch.Watched {
        @Override
        public boolean isGone() {
            synchronized (VhostUserTransport.this) {
                if (session != null && session.isHungUp()) {
                    lose();
                }
                return session == null;
            }
        }

        @Override
        public void gone() {
            listener.peerChanged(false);
        }

        @Override
        public boolean meetAgain(Session next) {
            try {
                synchronized (VhostUserTransport.this) {
                    if (!closed) {
                        restore(next);
                        return true;
                    }
                }
                next.close();
                return false;
            } catch (RuntimeException e) {
                next.close();
                throw e;
            }
        }

        @Override
        public void back() {
            listener.peerChanged(true);
        }
    }
}
