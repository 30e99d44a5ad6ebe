package org.netdev4j.virtio.transport.vhostuser;

import java.util.function.Consumer;

import org.netdev4j.virtio.DeviceStatus;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.device.DeviceContext;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.linux.ReceivedFds;
import org.netdev4j.virtio.queue.DeviceQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device and its rings as one front-end runs them. The model is started with the first ring and stopped with the last: that
 * the driver is ready need not be said. On the loop's thread.
 */
final class ServedDevice implements DeviceLoop.Member, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServedDevice.class);
    /** As many as KICK, CALL and ERR can name. */
    private static final int MAX_RINGS = 256;

    private final String name;
    private final DeviceModel model;
    private final DeviceLoop loop;
    private final Consumer<Throwable> onFailure;
    private final PeerMemory memory = new PeerMemory();
    private final ServedRing[] rings;
    /** Null: the front-end listens to nothing. */
    private FrontEndNotices notices;
    /** Null until the front-end gave one. */
    private DirtyLog log;
    private boolean writesAreLogged;
    /** Null: what is in flight is written down nowhere. */
    private InflightArea inflight;
    private Features accepted = Features.NONE;
    private boolean acceptable;
    private int status;
    /** Null while no ring runs. */
    private Running running;

    /** @param onFailure told when the model or its rings failed, after which the device is of no more use */
    ServedDevice(String name, DeviceModel model, DeviceLoop loop, Consumer<Throwable> onFailure) {
        this.name = name;
        this.model = model;
        this.loop = loop;
        this.onFailure = onFailure;
        int count = 0;
        while (count < MAX_RINGS && model.maxQueueSize(count) > 0) {
            count++;
        }
        rings = new ServedRing[count];
        for (int i = 0; i < count; i++) {
            rings[i] = new ServedRing(i, loop);
        }
    }

    /** @throws VhostUserException if there is no ring {@code index} */
    ServedRing ring(int index) {
        if (index < 0 || index >= rings.length) {
            throw new VhostUserException("ring " + Integer.toUnsignedString(index) + ", there are " + rings.length);
        }
        return rings[index];
    }

    PeerMemory memory() {
        return memory;
    }

    int status() {
        return status;
    }

    /** Of the device alone, without those of vhost-user. */
    void accept(Features features) {
        if (running != null) {
            if (!features.equals(accepted)) {
                throw new VhostUserException("features " + features + " while rings run with " + accepted);
            }
            return;
        }
        if (!features.isSubsetOf(model.offeredFeatures())) {
            throw new VhostUserException("features " + features.minus(model.offeredFeatures()) + " were not offered");
        }
        accepted = features;
        acceptable = model.acceptFeatures(features);
    }

    /** Maps a region more, which the running rings find too. */
    void addMemory(Payload.Region region, ReceivedFds fds) {
        memory.add(region, fds, 0);
        logWrites();
    }

    /** Takes over the front-end's connection for what it is told unasked. */
    void notices(FrontEndNotices connection) {
        closeNotices();
        notices = connection;
    }

    /** Takes over a dirty log, in which writes are logged from now on if they are to be. */
    void log(DirtyLog next) {
        closeLog();
        log = next;
        logWrites();
    }

    private void closeLog() {
        if (log != null) {
            log.close();
            log = null;
        }
    }

    /** Whether writes are logged: VHOST_F_LOG_ALL. */
    void logWrites(boolean on) {
        writesAreLogged = on;
        logWrites();
    }

    private void logWrites() {
        DirtyLog to = writesAreLogged ? log : null;
        if (to != null) {
            to.requireCovers(memory);
        }
        for (ServedRing ring : rings) {
            ring.logTo(to);
        }
    }

    /** Bytes of an in-flight area for the device's rings. */
    long inflightBytes(Payload.Inflight asked) {
        return InflightArea.bytes(asked, rings.length, accepted);
    }

    /** Takes over an in-flight area, for the rings that start from now on. */
    void inflight(InflightArea area) {
        if (running != null) {
            area.close();
            throw new VhostUserException("an in-flight area while rings run");
        }
        closeInflight();
        inflight = area;
        area.check(rings.length, accepted);
    }

    private void closeInflight() {
        if (inflight != null) {
            inflight.close();
            inflight = null;
        }
    }

    void enableAll() {
        for (ServedRing ring : rings) {
            enable(ring, true);
        }
    }

    /** FEATURES_OK stays clear if the device cannot work with the features; 0 resets. */
    void status(int written) {
        if (written == 0) {
            reset();
        } else {
            status = acceptable ? written : written & ~DeviceStatus.FEATURES_OK;
        }
    }

    void enable(ServedRing ring, boolean on) {
        if (ring.isEnabled() != on) {
            ring.enable(on);
            if (ring.queue() != null) {
                model.queueEnabled(ring.index, on);
            }
        }
    }

    /** Starts the rings that can: their parts may be told in any order. */
    void startReadyRings() {
        for (ServedRing ring : rings) {
            if (ring.isReady() && !memory.isEmpty()) {
                start(ring);
            }
        }
    }

    private void start(ServedRing ring) {
        if (!acceptable) {
            throw new VhostUserException(
                    "ring " + ring.index + " started, but the device cannot work with the features "
                            + accepted);
        }
        int most = model.maxQueueSize(ring.index);
        ring.start(memory, accepted, inflight);
        logWrites();
        if (ring.queue().size() > most) {
            throw new VhostUserException("ring " + ring.index + " of " + ring.queue().size()
                    + " descriptors, the device takes " + most);
        }
        boolean first = running == null;
        if (first) {
            running = new Running(accepted);
            model.start(running);
        }
        model.queueStarted(ring.index);
        if (!ring.isEnabled()) {
            model.queueEnabled(ring.index, false);
        }
        if (first) {
            loop.add(this);
        }
        LOG.debug("{}: ring {} runs", name, ring.index);
    }

    /** @return where the ring stopped, for GET_VRING_BASE */
    int stop(ServedRing ring) {
        suspend(ring);
        stopIfIdle();
        return ring.stopped(accepted);
    }

    /** Stops the rings for as long as {@code change} takes: afterwards nothing knows the memory as it was. */
    void withRingsSuspended(Runnable change) {
        for (ServedRing ring : rings) {
            suspend(ring);
        }
        change.run();
        startReadyRings();
        stopIfIdle();
    }

    private void suspend(ServedRing ring) {
        if (ring.queue() != null) {
            model.queueStopped(ring.index);
            ring.suspend(accepted);
        }
    }

    private void stopIfIdle() {
        for (ServedRing ring : rings) {
            if (ring.queue() != null) {
                return;
            }
        }
        stopModel();
    }

    private void stopModel() {
        if (running != null) {
            running = null;
            loop.remove(this);
            try {
                model.stop();
            } catch (RuntimeException | Error e) {
                LOG.error("{}: the device failed while it was stopped", name, e);
            }
        }
    }

    /**
     * The rings are stopped and disabled, the features, the status, and what was in flight forgotten; the memory stays. QEMU
     * resets a device that only pauses, before it asks where the rings are: nothing stays taken then.
     */
    void reset() {
        for (ServedRing ring : rings) {
            suspend(ring);
        }
        stopModel();
        closeInflight();
        for (ServedRing ring : rings) {
            ring.reset();
        }
        accepted = Features.NONE;
        acceptable = false;
        writesAreLogged = false;
        status = 0;
    }

    @Override
    public int poll() {
        return model.poll();
    }

    @Override
    public boolean armWakeUps() {
        for (ServedRing ring : rings) {
            if (ring.isPolled()) {
                return false;
            }
        }
        return model.armWakeUps();
    }

    @Override
    public void disarmWakeUps() {
        model.disarmWakeUps();
    }

    /** The memory that a peer shrinks is an InternalError here: it costs that peer its connection. */
    @Override
    public void onFailure(Throwable cause) {
        onFailure.accept(cause);
    }

    @Override
    public String toString() {
        return name;
    }

    private void closeNotices() {
        if (notices != null) {
            notices.close();
        }
    }

    /** When this returns nothing of the front-end's is held. Idempotent. */
    @Override
    public void close() {
        stopModel();
        for (ServedRing ring : rings) {
            ring.close();
        }
        memory.close();
        closeNotices();
        closeLog();
        closeInflight();
    }

    /** From the first ring to the last. A model that keeps it longer reaches nothing through it. */
    private final class Running implements DeviceContext {
        private final Features features;

        Running(Features features) {
            this.features = features;
        }

        @Override
        public Features features() {
            return features;
        }

        @Override
        public DeviceQueue queue(int index) {
            return this == running && index >= 0 && index < rings.length ? rings[index].queue() : null;
        }

        @Override
        public void interrupt(int queueIndex) {
            if (queue(queueIndex) != null) {
                EventFd call = rings[queueIndex].call();
                if (call != null) {
                    call.signal();
                }
            }
        }

        /** A front-end that gave no way to tell it asks when it wants to know. */
        @Override
        public void configChanged() {
            if (this == running && notices != null) {
                notices.configChanged();
            }
        }

        @Override
        public void needsReset(String reason) {
            if (this == running && (status & DeviceStatus.DEVICE_NEEDS_RESET) == 0) {
                LOG.warn("{}: the device needs a reset: {}", name, reason);
                status |= DeviceStatus.DEVICE_NEEDS_RESET;
                for (ServedRing ring : rings) {
                    ring.fail();
                }
            }
        }
    }
}
