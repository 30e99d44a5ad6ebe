package org.netdev4j.virtio.transport.vhostuser;

import java.util.Arrays;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.queue.QueuePlacement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rings of a device, and what a back-end is told of those it serves. One thread at a time. */
final class Vrings {
    private static final Logger LOG = LoggerFactory.getLogger(Vrings.class);

    private final Vring[] vrings;
    private Features accepted = Features.NONE;
    /** The back-end serves the first so many. */
    private int dataQueues;
    /** Of these the first so many are enabled. */
    private int inUse;

    Vrings(int count) {
        vrings = new Vring[count];
        Arrays.setAll(vrings, Vring::new);
    }

    int count() {
        return vrings.length;
    }

    /** @throws IllegalArgumentException if the device has no such queue */
    Vring get(int index) {
        if (index < 0 || index >= vrings.length) {
            throw new IllegalArgumentException("there is no queue " + index + ", the device has " + vrings.length);
        }
        return vrings[index];
    }

    /**
     * The driver agreed with the device.
     *
     * @param data queues that the back-end serves
     */
    void agreed(Features features, int data) {
        accepted = features;
        dataQueues = Math.min(data, vrings.length);
    }

    boolean isLocal(Vring vring) {
        return vring.index >= dataQueues;
    }

    /** From the next start on. */
    void inUse(int queues) {
        inUse = queues;
    }

    /** Enables the first {@code queues} of those that run, and disables the others. @return false if the back-end did not */
    boolean use(int queues, Peer peer) {
        int before = inUse;
        inUse = queues;
        try {
            peer.talk(this::enableInUse);
            return true;
        } catch (VirtioException e) {
            LOG.warn("{}; as before, {} queues are in use", e.getMessage(), before);
            inUse = before;
            return false;
        }
    }

    private void enableInUse(Session session) {
        for (Vring vring : vrings) {
            if (vring.running) {
                session.enable(vring, isInUse(vring));
            }
        }
    }

    private boolean isInUse(Vring vring) {
        return vring.index < inUse;
    }

    /** Names the enabled rings, before any of them is started. */
    void announceEnabled(Session session) {
        for (int i = 0; i < dataQueues; i++) {
            if (vrings[i].placement != null) {
                session.announce(vrings[i]);
            }
        }
    }

    /** Names every ring: which of them will be enabled is not known yet. */
    void announceAll(Session session) {
        for (int i = 0; i < dataQueues; i++) {
            session.announce(vrings[i]);
        }
    }

    void startEnabled(Session session) {
        for (int i = 0; i < dataQueues; i++) {
            if (vrings[i].placement != null) {
                run(session, vrings[i], vrings[i].placement);
            }
        }
    }

    /** Starts empty rings in place of those that the driver will enable again. */
    void startEmpty(Session session, EmptyRings empty) {
        for (int i = 0; i < dataQueues; i++) {
            if (vrings[i].awaited) {
                run(session, vrings[i], empty.of(i));
            }
        }
    }

    /**
     * Hands a ring over while the device runs, in place of an empty one if need be. It is named again: a back-end that stops a
     * ring lets its call descriptor go (DPDK does). The others are enabled again: where one ring that stops takes the whole
     * device down and up again, it may be forgotten that they are (Open vSwitch does).
     */
    void start(Session session, Vring vring) {
        stop(session, vring);
        session.announce(vring);
        run(session, vring, vring.placement);
        for (Vring other : vrings) {
            if (other != vring && other.running && isInUse(other)) {
                session.enable(other, false);
                session.enable(other, true);
            }
        }
    }

    private void run(Session session, Vring vring, QueuePlacement placement) {
        session.start(vring, placement, accepted);
        vring.running = true;
        if (isInUse(vring)) {
            session.enable(vring, true);
        }
    }

    void stopAll(Session session) {
        for (Vring vring : vrings) {
            stop(session, vring);
        }
    }

    void stop(Session session, Vring vring) {
        if (vring.running) {
            vring.running = false;
            if (isInUse(vring)) {
                session.enable(vring, false);
            }
            session.stop(vring);
        }
    }

    /** The back-end is gone: the driver is to enable its rings again. Those served here are not concerned. */
    void lose() {
        for (Vring vring : vrings) {
            if (!isLocal(vring)) {
                vring.awaited |= vring.placement != null;
                vring.placement = null;
                vring.running = false;
            }
        }
    }

    /** The device was reset: none is enabled any more. */
    void forget() {
        for (Vring vring : vrings) {
            vring.forget();
        }
    }

    void close() {
        for (Vring vring : vrings) {
            vring.close();
        }
    }
}
