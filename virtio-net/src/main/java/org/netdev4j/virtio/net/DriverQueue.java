package org.netdev4j.virtio.net;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netdev.DeviceEvent;
import org.netdev4j.netdev.DeviceListener;
import org.netdev4j.netdev.QueueCounters;
import org.netdev4j.netdev.QueueListener;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.VirtioTransport;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.queue.Virtqueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a receive and a transmit queue have in common: a virtqueue that comes with start and goes with stop, its doorbell and
 * its interrupt.
 */
final class DriverQueue {
    private static final Logger LOG = LoggerFactory.getLogger(DriverQueue.class);

    /** Slices of the queue memory begin at multiples of this. */
    private static final long SLICE_ALIGNMENT = 128;

    private static final int THERE = 0;
    private static final int AWAY = 1;
    private static final int BACK = 2;

    private final VirtioTransport transport;
    private final Object control;
    private final int virtqueueIndex;
    private final String name;
    private final int size;
    private final String dispatcher;
    private final Runnable onInterrupt;
    private final DeviceListener events;
    private final InterruptGate gate = new InterruptGate();
    private final AtomicLong kicks = new AtomicLong();
    /** Where the other end of the device is: the transport's thread finds out, the queue's thread acts on it. */
    private final AtomicInteger peer = new AtomicInteger(THERE);

    private Virtqueue ring;
    private long ignoredBefore;
    private VirtioTransport.Kick doorbell;
    private boolean kicksCarryData;
    private InterruptDispatcher.Watch watch;
    private volatile EventFd interrupt;
    private volatile String brokenReason;
    /** Who waits, waits in vain, and the listener was not called since. */
    private volatile boolean alarmed;

    /**
     * @param name for messages and counters, {@code rx0}
     * @param index what {@code listener} is called with
     * @param listener or null
     */
    DriverQueue(DriverContext driver, int virtqueueIndex, String name, int size, String dispatcher, int index,
            QueueListener listener, QueueCounters counters) {
        transport = driver.transport();
        control = driver.control();
        events = driver.events();
        this.virtqueueIndex = virtqueueIndex;
        this.name = name;
        this.size = size;
        this.dispatcher = dispatcher == null ? "netdev4j-interrupts" : dispatcher;
        this.onInterrupt = listener == null ? null : () -> {
            if (gate.signalled()) {
                alarmed = false;
                counters.interrupt();
                listener.onInterrupt(index);
            }
        };
    }

    String name() {
        return name;
    }

    int size() {
        return size;
    }

    long kicks() {
        return kicks.get();
    }

    /** See {@link Virtqueue#ignoredLengths()}; of all virtqueues that this queue has had. */
    long ignoredLengths() {
        Virtqueue now = ring;
        return ignoredBefore + (now == null ? 0 : now.ignoredLengths());
    }

    /** How the device broke the queue, or null. */
    String brokenReason() {
        return brokenReason;
    }

    /** Bytes of device-reachable memory that {@link #open} cuts, with what its alignment may cost. */
    long memoryBytes(Features negotiated) {
        return Virtqueue.memoryBytes(size, negotiated) + SLICE_ALIGNMENT;
    }

    // Control path, while no thread is in the queue.

    /** Creates the virtqueue and enables it in the device; between FEATURES_OK and DRIVER_OK. */
    Virtqueue open(MemoryRegion memory, Features negotiated) {
        brokenReason = null;
        alarmed = false;
        peer.set(THERE);
        ring = Virtqueue.create(memory, size, negotiated);
        gate.disarm(ring);
        transport.enableQueue(virtqueueIndex, ring.placement());
        doorbell = transport.kick(virtqueueIndex);
        kicksCarryData = negotiated.has(VirtioFeature.NOTIFICATION_DATA);
        return ring;
    }

    void watchInterrupt() {
        if (onInterrupt != null) {
            interrupt = transport.queueInterrupt(virtqueueIndex);
            watch = InterruptDispatcher.watch(dispatcher, interrupt, onInterrupt);
        }
    }

    void unwatchInterrupt() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }

    /** The device was reset and everything in flight is back. */
    void close() {
        gate.disarm(ring);
        ring.close();
        ignoredBefore += ring.ignoredLengths();
        ring = null;
        doorbell = null;
    }

    // The transport's thread.

    /** The other end of the device is gone: the queue moves nothing. */
    void peerGone() {
        peer.set(AWAY);
    }

    /** It is back, without a memory: the queue's thread is to start afresh, and is woken for that if it waits. */
    void peerBack() {
        peer.set(BACK);
        alarm();
    }

    // Packet path, the queue's thread.

    boolean peerIsThere() {
        return peer.get() == THERE;
    }

    /** True once, when the other end came back: the ring is to be reset, filled and followed by {@link #enableAgain}. */
    boolean peerCameBack() {
        if (!peer.compareAndSet(BACK, THERE)) {
            return false;
        }
        brokenReason = null;
        return true;
    }

    /** @return false if the other end has gone again */
    boolean enableAgain() {
        try {
            synchronized (control) {
                transport.enableQueue(virtqueueIndex, ring.placement());
            }
        } catch (RuntimeException e) {
            LOG.warn("{} {}: the device came back, but the queue cannot be enabled: {}", transport.name(), name,
                    e.getMessage());
            peer.compareAndSet(THERE, AWAY);
            return false;
        }
        kick();
        return true;
    }

    /** The virtqueue, or null while the device is stopped. */
    Virtqueue ring() {
        return ring;
    }

    /** Rings the doorbell if the device asks for it. */
    void publish() {
        if (ring.publish()) {
            kick();
        }
    }

    void kick() {
        doorbell.kick(kicksCarryData ? ring.notificationData(virtqueueIndex) : virtqueueIndex);
        kicks.lazySet(kicks.getPlain() + 1);
    }

    boolean arm() {
        boolean armed = gate.arm(ring);
        if (armed && alarmed) {
            raise();
        }
        return armed;
    }

    /** Without the other end of the device nothing can wait in the ring; the listener is called when it is back. */
    boolean armWhileAway() {
        gate.armWithoutRing();
        if (alarmed) {
            raise();
        }
        return true;
    }

    void disarm() {
        gate.disarm(ring);
    }

    /** As if the device had interrupted. Any thread. */
    void raise() {
        EventFd event = interrupt;
        if (event != null) {
            event.signal();
        }
    }

    /** Each burst. */
    void settleInterrupt() {
        gate.settle(ring);
    }

    /** True the first time it finds that the device broke the queue. */
    boolean newlyBroken() {
        if (!ring.isBroken() || brokenReason != null) {
            return false;
        }
        brokenReason = ring.brokenReason();
        LOG.warn("{} {}: the device broke the queue: {}; it moves nothing until the device is stopped and started",
                transport.name(), name, brokenReason);
        events.onEvent(DeviceEvent.QUEUE_BROKEN, name + ": " + brokenReason);
        alarm();
        return true;
    }

    /** Who waits for the listener, now or later, waits in vain: it is called once. Any thread. */
    void alarm() {
        alarmed = true;
        raise();
    }
}
