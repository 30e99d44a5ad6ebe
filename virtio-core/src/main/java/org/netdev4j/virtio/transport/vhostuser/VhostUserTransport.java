package org.netdev4j.virtio.transport.vhostuser;

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
    private final LocalQueues localQueues;
    private final ConfigRegisters config;
    private final PeerWatch watch;
    private volatile PeerListener listener = NOBODY;

    private final Peer peer;
    private Vrings vrings;
    private EmptyRings emptyRings;
    /** What the driver was offered with the first back-end: another one must offer what the driver accepted of it. */
    private Features offered;
    private Features accepted = Features.NONE;
    private int status;
    private boolean closed;

    private VhostUserTransport(String name, StandIn standIn, Backends backends) {
        this.name = name;
        this.standIn = standIn;
        this.backends = backends;
        peer = new Peer(name, this::lost);
        config = new ConfigRegisters(standIn);
        localQueues = new LocalQueues(standIn, regions.memory(), queues -> vrings.use(queues, peer));
        watch = new PeerWatch(name, new PeerChanges(), backends);
    }

    /**
     * Connects, or listens until a back-end connects, and asks it what it is.
     *
     * @param standIn makes the device that the driver sees
     * @throws VhostUserException if there is no back-end within the time limit, or it does not speak the protocol
     */
    public static VhostUserTransport open(FrontEndSettings settings, StandIn standIn) {
        VhostUserTransport transport = new VhostUserTransport(settings.toString(), standIn,
                new Backends(settings, standIn.configLength()));
        try {
            transport.meet(transport.backends.first());
            return transport;
        } catch (RuntimeException e) {
            transport.close();
            throw e;
        }
    }

    private synchronized void meet(Session first) {
        peer.meet(first);
        BackEndOffer offer = first.offer();
        config.begin(offer);
        offered = standIn.offered(offer);
        vrings = new Vrings(standIn.queues(offer));
        vrings.inUse(standIn.queuesAtFirst());
        emptyRings = new EmptyRings(name, vrings.count());
        regions.limit(first.memorySlots());
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
        boolean nowAgreed = isSet(next, DeviceStatus.FEATURES_OK) && !isSet(status, DeviceStatus.FEATURES_OK);
        boolean nowReady = isSet(next, DeviceStatus.DRIVER_OK) && !isSet(status, DeviceStatus.DRIVER_OK);
        if (nowAgreed) {
            vrings.agreed(accepted, standIn.dataQueues(accepted));
        }
        if (peer.session() == null) {
            // The next back-end is told.
            status = next;
        } else {
            peer.talk(session -> {
                if (nowAgreed) {
                    tellFeatures(session);
                }
                if (nowReady) {
                    startAll(session);
                }
                int seen = nowAgreed || nowReady ? session.status(next) : next;
                status = next & (seen | ~DeviceStatus.FEATURES_OK);
                lookForTrouble(seen);
            });
        }
        if (nowReady) {
            serveLocal();
        }
    }

    private void tellFeatures(Session session) {
        session.features(standIn.forBackEnd(accepted), standIn.mtu(accepted));
    }

    /** A device in trouble says so in its status, once it runs (virtio 1.4 §2.1.2). */
    private void lookForTrouble(int seen) {
        if (isSet(status, DeviceStatus.DRIVER_OK)) {
            status |= seen & DeviceStatus.DEVICE_NEEDS_RESET;
        }
    }

    private static boolean isSet(int status, int bit) {
        return (status & bit) != 0;
    }

    private void startAll(Session session) {
        vrings.announceEnabled(session);
        tellMemory(session);
        vrings.startEnabled(session);
    }

    /** A back-end that is gone, or is given up on the way, touches nothing any more: that is a reset too. */
    @Override
    public synchronized void reset() {
        try {
            peer.talk(session -> {
                vrings.stopAll(session);
                session.reset();
            });
        } catch (VirtioException e) {
            LOG.warn("{}; it is given up instead of being reset", e.getMessage());
        }
        vrings.forget();
        vrings.inUse(standIn.queuesAtFirst());
        standIn.reset();
        status = 0;
    }

    @Override
    public synchronized int configGeneration() {
        return config.generation();
    }

    @Override
    public synchronized int configSize() {
        return config.bytes().capacity();
    }

    @Override
    public synchronized int readConfig8(int offset) {
        return config.bytes().get(offset) & 0xff;
    }

    @Override
    public synchronized int readConfig16(int offset) {
        return config.bytes().getShort(offset) & 0xffff;
    }

    @Override
    public synchronized int readConfig32(int offset) {
        return config.bytes().getInt(offset);
    }

    @Override
    public synchronized int maxQueueSize(int index) {
        return index >= 0 && index < vrings.count() ? MAX_QUEUE_SIZE : 0;
    }

    @Override
    public synchronized void enableQueue(int index, QueuePlacement placement) {
        Vring vring = vrings.get(index);
        if (vrings.isLocal(vring)) {
            // Again, after the back-end went: a driver need not know that this queue did not go with it.
            vring.placement = placement;
            localQueues.enable(vring, accepted);
            return;
        }
        if (vring.placement != null) {
            throw new IllegalStateException(name + ": queue " + index + " is enabled already");
        }
        vring.placement = placement;
        if (isSet(status, DeviceStatus.DRIVER_OK)) {
            peer.talk(session -> vrings.start(session, vring));
        }
    }

    @Override
    public synchronized void resetQueue(int index) {
        Vring vring = vrings.get(index);
        if (vring.placement == null) {
            throw new IllegalStateException(name + ": queue " + index + " is not enabled");
        }
        peer.talk(session -> vrings.stop(session, vring));
        vring.placement = null;
        vring.local = null;
    }

    @Override
    public synchronized Kick kick(int index) {
        Vring vring = vrings.get(index);
        if (vrings.isLocal(vring)) {
            return data -> serve(vring);
        }
        EventFd kick = vring.kick;
        return data -> kick.signal();
    }

    private synchronized void serve(Vring vring) {
        if (isSet(status, DeviceStatus.DRIVER_OK) && !localQueues.serve(vring)) {
            status |= DeviceStatus.DEVICE_NEEDS_RESET;
            config.interrupt.signal();
        }
    }

    /** What was made available before the device was to look at it. */
    private void serveLocal() {
        for (int i = 0; i < vrings.count(); i++) {
            serve(vrings.get(i));
        }
    }

    @Override
    public EventFd queueInterrupt(int index) {
        return vrings.get(index).call;
    }

    @Override
    public EventFd configInterrupt() {
        return config.interrupt;
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
            peer.talk(this::tellMemory);
        }
    }

    private void tellMemory(Session session) {
        regions.forgetUnmapped();
        session.memory(regions);
    }

    /** The driver is to enable its rings anew, with the next back-end. */
    private void lost() {
        vrings.lose();
        config.lost();
        watch.wakeUp();
    }

    private synchronized void restore(Session next) {
        BackEndOffer nextOffer = next.offer();
        Features missing = accepted.and(offered).minus(standIn.offered(nextOffer));
        if (!missing.isEmpty()) {
            throw new VhostUserException("the back-end that came does not offer the features " + missing
                    + " that were agreed on with the last");
        }
        if (standIn.queues(nextOffer) < vrings.count()) {
            throw new VhostUserException("the back-end that came has " + nextOffer.queuePairs()
                    + " queue pairs, the device has more");
        }
        regions.limit(next.memorySlots());
        vrings.lose();
        if (isSet(status, DeviceStatus.FEATURES_OK)) {
            tellFeatures(next);
        }
        if (isSet(status, DeviceStatus.DRIVER_OK)) {
            vrings.announceAll(next);
            tellMemory(next);
            vrings.startEmpty(next, emptyRings);
        }
        if (status != 0) {
            next.status(status);
        }
        peer.meet(next);
        standIn.backEndReplaced();
        config.changed(nextOffer);
    }

    /** The back-end says that its configuration changed. */
    private synchronized void readConfigAgain(Session asking) {
        if (peer.session() == asking) {
            peer.talk(session -> {
                BackEndOffer now = session.offer();
                lookForTrouble(session.seenStatus(status));
                config.changed(now);
            });
        }
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
        peer.close();
        backends.close();
        config.close();
        if (vrings != null) {
            vrings.close();
            emptyRings.close();
        }
    }

    /** What the watch finds out, on its thread; the listener is told without a lock of ours. */
    private final class PeerChanges implements PeerWatch.Watched {
        @Override
        public void backEndAsks() {
            Session asking;
            synchronized (VhostUserTransport.this) {
                asking = peer.session();
            }
            if (asking == null || asking.requests() == null || !asking.requests().serve()) {
                return;
            }
            try {
                readConfigAgain(asking);
            } catch (VirtioException e) {
                LOG.warn("{}; it changed its configuration before", e.getMessage());
            }
        }

        @Override
        public boolean isGone() {
            synchronized (VhostUserTransport.this) {
                return peer.isGone();
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
