package org.netdev4j.virtio.transport.vhostuser;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

import org.netdev4j.virtio.DeviceStatus;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.device.DeviceContext;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.linux.Epoll;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.linux.ReceivedFds;
import org.netdev4j.virtio.queue.DeviceQueue;
import org.netdev4j.virtio.queue.QueuePlacement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device as one front-end has set it up: its memory, its rings, and the model that runs while a ring does. What the
 * front-end says may come in any order and more than once; after each change the rings that have all they need are started.
 * <p>
 * On the loop's thread. A {@link VhostUserException}, or whatever the model throws, ends the connection.
 */
final class ServedDevice implements DeviceLoop.Member, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServedDevice.class);

    private static final int MAX_RING_SIZE = 32768;
    /** Readable descriptors that give nothing when read would keep the loop awake for ever. */
    private static final int MAX_EMPTY_KICKS = 64;

    private final String name;
    private final DeviceModel model;
    private final DeviceLoop loop;
    /** Takes what is wrong with the front-end; the connection is to be closed. */
    private final Consumer<Throwable> onFault;
    private final Features offered;
    private final ServedRing[] rings;
    private final MappedMemory memory = new MappedMemory();

    /** Null until SET_FEATURES. */
    private Features accepted;
    /** The model can work with what was accepted. */
    private boolean acceptable;
    private int status;
    /** Not null while the model runs. */
    private Life life;
    /** Rings that run and have no kick descriptor. */
    private int polledRings;

    ServedDevice(String name, DeviceModel model, DeviceLoop loop, int queuePairs,
            Consumer<Throwable> onFault) {
        this.name = name;
        this.model = model;
        this.loop = loop;
        this.onFault = onFault;
        offered = model.offeredFeatures().with(Session.PROTOCOL_FEATURES);
        rings = new ServedRing[2 * queuePairs];
        Arrays.setAll(rings, ServedRing::new);
    }

    Features offered() {
        return offered;
    }

    /**
     * Takes what the driver accepted; without bit 30 rings need not be enabled.
     *
     * @return false if the device cannot work with it
     */
    boolean features(Features all) {
        if (!all.isSubsetOf(offered)) {
            throw new VhostUserException("features " + all.minus(offered) + " accepted that are not offered");
        }
        Features ofDevice = all.minus(protocolBit());
        if (isRunning() && !ofDevice.equals(accepted)) {
            throw new VhostUserException("features changed from " + accepted + " to " + ofDevice + " while rings run");
        }
        if (!isRunning()) {
            accepted = ofDevice;
            acceptable = model.acceptFeatures(ofDevice);
        }
        if (all.equals(ofDevice)) {
            for (ServedRing ring : rings) {
                enable(ring.index, true);
            }
        }
        settle();
        return acceptable;
    }

    private static Features protocolBit() {
        return Features.NONE.with(Session.PROTOCOL_FEATURES);
    }

    int status() {
        return status;
    }

    void status(int written) {
        if (written == 0) {
            reset();
            return;
        }
        int kept = status & DeviceStatus.DEVICE_NEEDS_RESET;
        status = (written & 0xff) | kept;
        if (!acceptable) {
            status &= ~DeviceStatus.FEATURES_OK;
        }
    }

    /** Stops and forgets the rings; memory and descriptors stay. */
    void reset() {
        for (ServedRing ring : rings) {
            pause(ring);
            endKicks(ring);
            ring.reset();
        }
        settle();
        accepted = null;
        acceptable = false;
        status = 0;
    }

    /** Replaces all memory. */
    void memoryTable(List<Payload.Region> table, ReceivedFds fds) {
        MappedMemory next = MappedMemory.of(table, fds);
        try {
            pauseAll();
            memory.replace(next);
        } finally {
            next.close();
        }
        settle();
    }

    void addMemory(Payload.Region region, ReceivedFds fds) {
        memory.add(region, fds.number(0));
        settle();
    }

    void removeMemory(Payload.Region region) {
        pauseAll();
        memory.remove(region);
        settle();
    }

    void ringSize(int index, int size) {
        ServedRing ring = ring(index);
        if (size < 1 || size > MAX_RING_SIZE) {
            throw new VhostUserException("ring " + index + " of " + Integer.toUnsignedString(size)
                    + " descriptors, allowed are 1 to " + MAX_RING_SIZE);
        }
        if (ring.queue != null && size != ring.size) {
            throw new VhostUserException("ring " + index + " gets another size while it runs");
        }
        ring.size = size;
        settle();
    }

    void ringBase(int index, int base) {
        ServedRing ring = ring(index);
        if (ring.queue != null) {
            throw new VhostUserException("ring " + index + " gets another base while it runs");
        }
        ring.base(base);
    }

    void ringAddress(Payload.VringAddress address) {
        ServedRing ring = ring(address.index());
        if ((address.flags() & ~Payload.VringAddress.LOG) != 0) {
            throw new VhostUserException("ring " + ring.index + " has unknown flags " + address.flags());
        }
        if (!memory.isEmpty()) {
            memory.guestAddress(address.descriptor());
            memory.guestAddress(address.available());
            memory.guestAddress(address.used());
        }
        if (!address.equals(ring.address)) {
            pause(ring);
            ring.address = address;
        }
        settle();
    }

    /**
     * Starts a ring.
     *
     * @param kick null: the ring is to be polled; this device's to close
     */
    void kick(int index, EventFd kick) {
        ServedRing ring = ringFor(index, kick);
        endKicks(ring);
        ring.kick = kick;
        ring.started = true;
        if (kick != null) {
            loop.watch(kick.fd(), Epoll.READABLE, new KickReader(ring, kick)::onReady);
        }
        settle();
    }

    /** @param call null: no notifications; this device's to close */
    void call(int index, EventFd call) {
        ServedRing ring = ringFor(index, call);
        ServedRing.close(ring.call);
        ring.call = call;
        if (call != null && ring.queue != null) {
            // One that went to the old descriptor may not have been seen.
            call.signal();
        }
    }

    /** @param error null: nobody wants to know; this device's to close */
    void error(int index, EventFd error) {
        ServedRing ring = ringFor(index, error);
        ServedRing.close(ring.error);
        ring.error = error;
    }

    private ServedRing ringFor(int index, EventFd fd) {
        try {
            return ring(index);
        } catch (VhostUserException e) {
            ServedRing.close(fd);
            throw e;
        }
    }

    void enable(int index, boolean enabled) {
        ServedRing ring = ring(index);
        if (ring.enabled != enabled) {
            ring.enabled = enabled;
            if (ring.queue != null) {
                model.queueEnabled(index, enabled);
            }
        }
    }

    /** Stops a ring, whether it runs or not. @return its base, from which another back-end may go on */
    int stop(int index) {
        ServedRing ring = ring(index);
        pause(ring);
        endKicks(ring);
        ring.started = false;
        settle();
        Features features = accepted == null ? Features.NONE : accepted;
        int base = ring.state(features).vringBase(features);
        ring.base(base);
        return base;
    }

    byte[] config() {
        return model.config();
    }

    private ServedRing ring(int index) {
        if (index < 0 || index >= rings.length || model.maxQueueSize(index) == 0) {
            throw new VhostUserException("there is no ring " + Integer.toUnsignedString(index));
        }
        return rings[index];
    }

    private void endKicks(ServedRing ring) {
        if (ring.kick != null) {
            loop.unwatch(ring.kick.fd());
            ring.kick.close();
            ring.kick = null;
        }
    }

    private boolean isRunning() {
        for (ServedRing ring : rings) {
            if (ring.queue != null) {
                return true;
            }
        }
        return false;
    }

    private void pauseAll() {
        for (ServedRing ring : rings) {
            pause(ring);
        }
    }

    /** Takes a ring from the model; {@link #settle} gives it back if it may go on. */
    private void pause(ServedRing ring) {
        if (ring.queue != null) {
            model.queueStopped(ring.index);
            ring.pause();
        }
    }

    /** Runs what can run, and the model exactly if something does. */
    private void settle() {
        for (ServedRing ring : rings) {
            if (ring.queue == null && isReady(ring)) {
                run(ring);
            }
        }
        if (life != null && !isRunning()) {
            stopModel();
        }
        polledRings = 0;
        for (ServedRing ring : rings) {
            polledRings += ring.queue != null && ring.kick == null ? 1 : 0;
        }
    }

    private boolean isReady(ServedRing ring) {
        return ring.started && acceptable && ring.size != 0 && ring.address != null
                && memory.hasUserAddress(ring.address.descriptor())
                && memory.hasUserAddress(ring.address.available()) && memory.hasUserAddress(ring.address.used());
    }

    private void run(ServedRing ring) {
        QueuePlacement placement = new QueuePlacement(ring.size, memory.guestAddress(ring.address.descriptor()),
                memory.guestAddress(ring.address.available()), memory.guestAddress(ring.address.used()));
        ring.queue = DeviceQueue.create(memory.memory(), placement, accepted, ring.state(accepted));
        if (life == null) {
            life = new Life();
            model.start(life);
            loop.add(this);
        }
        model.queueStarted(ring.index);
        if (!ring.enabled) {
            model.queueEnabled(ring.index, false);
        }
    }

    private void stopModel() {
        if (life != null) {
            life = null;
            loop.remove(this);
            model.stop();
        }
    }

    @Override
    public int poll() {
        return model.poll();
    }

    @Override
    public boolean armWakeUps() {
        return polledRings == 0 && model.armWakeUps();
    }

    @Override
    public void disarmWakeUps() {
        model.disarmWakeUps();
    }

    /** A front-end that shrinks the file behind its memory gets here too. */
    @Override
    public void onFailure(Throwable cause) {
        onFault.accept(cause);
    }

    /** When this returns no memory of the front-end's is touched or mapped, and no descriptor of it is open. */
    @Override
    public void close() {
        try {
            stopModel();
        } catch (RuntimeException | Error e) {
            LOG.error("{}: the device failed while it was stopped", name, e);
        }
        for (ServedRing ring : rings) {
            ring.queue = null;
            endKicks(ring);
            ring.closeFds();
        }
        memory.close();
    }

    @Override
    public String toString() {
        return name;
    }

    /** Takes kicks away, so that the descriptor is readable no longer; what is in the ring the model finds by itself. */
    private final class KickReader {
        private final ServedRing ring;
        private final EventFd kick;
        private int empty;

        KickReader(ServedRing ring, EventFd kick) {
            this.ring = ring;
            this.kick = kick;
        }

        void onReady(int events) {
            empty = kick.drain() == 0 ? empty + 1 : 0;
            if (empty == MAX_EMPTY_KICKS || (events & (Epoll.ERROR | Epoll.HANG_UP)) != 0) {
                onFault.accept(new VhostUserException("the kick descriptor of ring " + ring.index
                        + " is no eventfd that works"));
            }
        }
    }

    /** From the first ring's start to the last one's stop. A model that keeps it longer reaches nothing through it. */
    private final class Life implements DeviceContext {
        @Override
        public Features features() {
            return accepted;
        }

        @Override
        public DeviceQueue queue(int index) {
            return this == life && index >= 0 && index < rings.length ? rings[index].queue : null;
        }

        @Override
        public void interrupt(int queueIndex) {
            if (queue(queueIndex) != null && rings[queueIndex].call != null) {
                rings[queueIndex].call.signal();
            }
        }

        @Override
        public void configChanged() {}

        @Override
        public void needsReset(String reason) {
            if (this == life && (status & DeviceStatus.DEVICE_NEEDS_RESET) == 0) {
                LOG.warn("{}: the device needs a reset: {}", name, reason);
                status |= DeviceStatus.DEVICE_NEEDS_RESET;
                for (ServedRing ring : rings) {
                    if (ring.error != null) {
                        ring.error.signal();
                    }
                }
            }
        }
    }
}
