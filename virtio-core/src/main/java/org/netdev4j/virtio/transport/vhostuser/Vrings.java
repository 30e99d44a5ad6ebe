package org.netdev4j.virtio.transport.vhostuser;

import java.util.Arrays;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.queue.QueuePlacement;

/** The rings of a device, and what a back-end is told of those it serves. One thread at a time. */
final class Vrings {
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

    int inUse() {
        return inUse;
    }

    /** From the next {@link #enableInUse} or start on. */
    void inUse(int queues) {
        inUse = queues;
    }

    private boolean isInUse(Vring vring) {
        return vring.index < inUse;
    }

    /** Names the enabled rings, before any of them is started. */
    void announceEnabled(Session peer) {
        for (int i = 0; i < dataQueues; i++) {
            if (vrings[i].placement != null) {
                peer.announce(vrings[i]);
            }
        }
    }

    /** Names every ring: which of them will be enabled is not known yet. */
    void announceAll(Session peer) {
        for (int i = 0; i < dataQueues; i++) {
            peer.announce(vrings[i]);
        }
    }

    void startEnabled(Session peer) {
        for (int i = 0; i < dataQueues; i++) {
            if (vrings[i].placement != null) {
                run(peer, vrings[i], vrings[i].placement);
            }
        }
    }

    /** Starts empty rings in place of those that the driver will enable again. */
    void startEmpty(Session peer, EmptyRings empty) {
        for (int i = 0; i < dataQueues; i++) {
            if (vrings[i].awaited) {
                run(peer, vrings[i], empty.of(i));
            }
        }
    }

    /**
     * Hands a ring over while the device runs, in place of an empty one if need be. It is named again: a back-end that stops a
     * ring lets its call descriptor go (DPDK does).
     */
    void start(Session peer, Vring vring) {
        stop(peer, vring);
        peer.announce(vring);
        run(peer, vring, vring.placement);
    }

    private void run(Session peer, Vring vring, QueuePlacement placement) {
        peer.start(vring, placement, accepted);
        vring.running = true;
        if (isInUse(vring)) {
            peer.enable(vring, true);
        }
    }

    /** Enables those in use, and disables the others. */
    void enableInUse(Session peer) {
        for (Vring vring : vrings) {
            if (vring.running) {
                peer.enable(vring, isInUse(vring));
            }
        }
    }

    void stopAll(Session peer) {
        for (Vring vring : vrings) {
            stop(peer, vring);
        }
    }

    void stop(Session peer, Vring vring) {
        if (vring.running) {
            vring.running = false;
            if (isInUse(vring)) {
                peer.enable(vring, false);
            }
            peer.stop(vring);
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
