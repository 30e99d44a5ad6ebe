package org.netdev4j.virtio.transport.vhostuser;

import java.util.Arrays;

import org.netdev4j.virtio.Features;

/** The rings of a device, and what a back-end is told of them. One thread at a time. */
final class Vrings {
    private final Vring[] vrings;

    Vrings(int count) {
        vrings = new Vring[count];
        Arrays.setAll(vrings, Vring::new);
    }

    int count() {
        return vrings.length;
    }

    Vring get(int index) {
        return vrings[index];
    }

    /** Names the enabled rings, before any of them is started. */
    void announceEnabled(Session peer) {
        for (Vring vring : vrings) {
            if (vring.placement != null) {
                peer.announce(vring);
            }
        }
    }

    /** Names every ring: which of them will be enabled is not known yet. */
    void announceAll(Session peer) {
        for (Vring vring : vrings) {
            peer.announce(vring);
        }
    }

    void startEnabled(Session peer, Features accepted) {
        for (Vring vring : vrings) {
            if (vring.placement != null) {
                peer.start(vring, vring.placement, accepted);
                vring.running = true;
            }
        }
    }

    /**
     * Hands a ring over while the device runs, in place of an empty one if need be. It is named again: a back-end that stops a
     * ring lets its call descriptor go (DPDK does).
     */
    static void start(Session peer, Vring vring, Features accepted) {
        stop(peer, vring);
        peer.announce(vring);
        peer.start(vring, vring.placement, accepted);
        vring.running = true;
    }

    /** Starts empty rings in place of those that the driver will enable again. */
    void startEmpty(Session peer, EmptyRings empty, Features accepted) {
        for (Vring vring : vrings) {
            if (vring.awaited) {
                peer.start(vring, empty.of(vring.index), accepted);
                vring.running = true;
            }
        }
    }

    void stopAll(Session peer) {
        for (Vring vring : vrings) {
            stop(peer, vring);
        }
    }

    static void stop(Session peer, Vring vring) {
        if (vring.running) {
            vring.running = false;
            peer.stop(vring);
        }
    }

    /** The back-end is gone: the driver is to enable its rings again. */
    void lose() {
        for (Vring vring : vrings) {
            vring.awaited |= vring.placement != null;
            vring.placement = null;
            vring.running = false;
        }
    }

    /** The device was reset: none is enabled any more. */
    void forget() {
        for (Vring vring : vrings) {
            vring.awaited = false;
            vring.placement = null;
            vring.running = false;
        }
    }

    void close() {
        for (Vring vring : vrings) {
            vring.close();
        }
    }
}
