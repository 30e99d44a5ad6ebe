package org.netdev4j.virtio.transport.inprocess;

import static org.netdev4j.virtio.DeviceStatus.ACKNOWLEDGE;
import static org.netdev4j.virtio.DeviceStatus.DEVICE_NEEDS_RESET;
import static org.netdev4j.virtio.DeviceStatus.DRIVER;
import static org.netdev4j.virtio.DeviceStatus.DRIVER_OK;
import static org.netdev4j.virtio.DeviceStatus.FAILED;
import static org.netdev4j.virtio.DeviceStatus.FEATURES_OK;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

import org.netdev4j.virtio.DeviceStatus;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceContext;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.queue.DeviceMemory;
import org.netdev4j.virtio.queue.DeviceQueue;
import org.netdev4j.virtio.queue.QueuePlacement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The device's side of the registers: what a write by the driver means in each state (virtio 1.4 §2.1, §3.1.1). Everything
 * runs on the thread of the device's loop, except {@link #status()} and what a kick does.
 */
final class DeviceEnd implements DeviceLoop.Member {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceEnd.class);

    private final String name;
    private final DeviceModel model;
    private final DeviceLoop loop;
    private final DeviceMemory memory;
    private final Features offered;
    private final EventFd configInterrupt;

    private final AtomicLong strayKicks = new AtomicLong();

    private volatile int status;
    /** NOTIFICATION_DATA was negotiated. */
    private volatile boolean kicksCarryData;
    private Features accepted = Features.NONE;
    private DeviceQueue[] queues = {};
    private EventFd[] interrupts = {};
    private byte[] config;
    private int generation;
    private Session session;
    /** The model has nothing to do until the next start. */
    private boolean stopped = true;

    DeviceEnd(String name, DeviceModel model, DeviceLoop loop, DeviceMemory memory) {
        this.name = name;
        this.model = model;
        this.loop = loop;
        this.memory = memory;
        offered = model.offeredFeatures();
        config = model.config().clone();
        configInterrupt = EventFd.create();
    }

    Features offered() {
        return offered;
    }

    int status() {
        return status;
    }

    /** Ignored once FEATURES_OK is set: the driver may not change its mind. */
    void driverFeatures(Features features) {
        if ((status & FEATURES_OK) == 0) {
            accepted = features;
        }
    }

    /** Bits are only ever added, and only those that are the driver's and in order; after FAILED only a reset helps. */
    void writeStatus(int written) {
        if ((status & FAILED) != 0) {
            return;
        }
        int added = written & ~status & (ACKNOWLEDGE | DRIVER | FEATURES_OK | FAILED);
        if ((added & FEATURES_OK) != 0 && !(accepted.isSubsetOf(offered) && model.acceptFeatures(accepted))) {
            added &= ~FEATURES_OK;
        }
        if ((added & FEATURES_OK) != 0) {
            kicksCarryData = accepted.has(VirtioFeature.NOTIFICATION_DATA);
        }
        status |= added;
        if ((written & ~status & DRIVER_OK) != 0 && (status & FEATURES_OK) != 0 && (status & FAILED) == 0) {
            start();
        }
    }

    private void start() {
        status |= DRIVER_OK;
        session = new Session();
        stopped = false;
        try {
            model.start(session);
            for (int i = 0; i < queues.length; i++) {
                if (queues[i] != null) {
                    model.queueStarted(i);
                }
            }
            loop.add(this);
        } catch (RuntimeException | Error e) {
            showNeedsReset();
            throw new VirtioException(name + ": the device does not start: " + e.getMessage(), e);
        }
    }

    /** Only ever after DRIVER_OK: the notification is due (virtio 1.4 §2.1.2). */
    private void showNeedsReset() {
        status |= DEVICE_NEEDS_RESET;
        configInterrupt.signal();
    }

    /** When this returns the device touches neither queues nor memory, and status is 0 (virtio 1.4 §2.4.1). */
    void reset() {
        if (session != null) {
            session = null;
            loop.remove(this);
            stopModel();
        }
        Arrays.fill(queues, null);
        accepted = Features.NONE;
        kicksCarryData = false;
        configInterrupt.drain();
        for (EventFd interrupt : interrupts) {
            if (interrupt != null) {
                interrupt.drain();
            }
        }
        status = 0;
    }

    private void stopModel() {
        if (!stopped) {
            stopped = true;
            try {
                model.stop();
            } catch (RuntimeException | Error e) {
                LOG.error("{}: the device failed while it was stopped", name, e);
            }
        }
    }

    int maxQueueSize(int index) {
        return index < 0 ? 0 : model.maxQueueSize(index);
    }

    void enableQueue(int index, QueuePlacement placement) {
        boolean running = (status & DRIVER_OK) != 0;
        if ((status & (FEATURES_OK | FAILED)) != FEATURES_OK || (running && !accepted.has(VirtioFeature.RING_RESET))) {
            throw new IllegalStateException(name + ": queue " + index + " enabled when status is "
                    + DeviceStatus.describe(status)
                    + "; allowed between FEATURES_OK and DRIVER_OK, and later with RING_RESET");
        }
        reserve(index);
        checkSize(index, placement.size());
        if (queues[index] != null) {
            throw new IllegalStateException(name + ": queue " + index + " is enabled already");
        }
        queues[index] = DeviceQueue.create(memory, placement, accepted);
        if (running && !stopped) {
            changeQueues("start", index, () -> model.queueStarted(index));
        }
    }

    private void checkSize(int index, int size) {
        boolean anySize = accepted.has(VirtioFeature.RING_PACKED);
        int max = model.maxQueueSize(index);
        if (size < 1 || size > max || (!anySize && Integer.bitCount(size) != 1)) {
            throw new VirtioException(name + ": queue " + index + " of " + size + " descriptors, allowed are "
                    + (anySize ? "1 to " : "powers of two up to ") + max);
        }
    }

    /** When this returns the device touches neither the queue nor its buffers (virtio 1.4 §2.6.1.1.1). */
    void resetQueue(int index) {
        if (!accepted.has(VirtioFeature.RING_RESET) || (status & (FEATURES_OK | FAILED)) != FEATURES_OK) {
            throw new IllegalStateException(name + ": queue " + index + " reset when status is "
                    + DeviceStatus.describe(status) + " with the features " + accepted
                    + "; allowed after FEATURES_OK with RING_RESET");
        }
        if (index < 0 || index >= queues.length || queues[index] == null) {
            throw new IllegalStateException(name + ": queue " + index + " reset, but it is not enabled");
        }
        try {
            if ((status & DRIVER_OK) != 0 && !stopped) {
                changeQueues("stop", index, () -> model.queueStopped(index));
            }
        } finally {
            queues[index] = null;
            interrupts[index].drain();
        }
    }

    /** A model that fails here has failed as a whole: the driver is told now, and finds the status changed. */
    private void changeQueues(String what, int index, Runnable change) {
        try {
            change.run();
        } catch (RuntimeException | Error e) {
            loop.remove(this);
            stopModel();
            session.needsReset("it cannot " + what + " queue " + index + ": " + e);
            throw new VirtioException(name + ": the device cannot " + what + " queue " + index + ": " + e.getMessage(),
                    e);
        }
    }

    /** Any thread. @return true if a kick for queue {@code index} says so itself, or says nothing */
    boolean isKickFor(int index, int data) {
        if (kicksCarryData && (data & 0xffff) != index) {
            strayKicks.incrementAndGet();
            return false;
        }
        return true;
    }

    /** Any thread. */
    long strayKicks() {
        return strayKicks.get();
    }

    EventFd configInterrupt() {
        return configInterrupt;
    }

    EventFd queueInterrupt(int index) {
        reserve(index);
        return interrupts[index];
    }

    /** Room and interrupt for queue {@code index}, if the device has it. */
    private void reserve(int index) {
        if (maxQueueSize(index) == 0) {
            throw new VirtioException(name + ": the device has no queue " + index);
        }
        if (index >= queues.length) {
            queues = Arrays.copyOf(queues, index + 1);
            interrupts = Arrays.copyOf(interrupts, index + 1);
        }
        if (interrupts[index] == null) {
            interrupts[index] = EventFd.create();
        }
    }

    int generation() {
        readConfig();
        return generation;
    }

    int configSize() {
        return readConfig().length;
    }

    /** @return little-endian, unsigned if {@code bytes} is less than 4 */
    int readConfig(int offset, int bytes) {
        byte[] now = readConfig();
        if (offset < 0 || offset > now.length - bytes || offset % bytes != 0) {
            throw new IllegalArgumentException(name + ": configuration read of " + bytes + " bytes at " + offset
                    + ", the device has " + now.length + " bytes and reads must be aligned");
        }
        int value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (now[offset + i] & 0xff) << (8 * i);
        }
        return value;
    }

    /** The model may change its configuration at any time: each change that a driver can see is a new generation. */
    private byte[] readConfig() {
        byte[] now = model.config();
        if (!Arrays.equals(now, config)) {
            config = now.clone();
            generation++;
        }
        return config;
    }

    void close() {
        reset();
        try {
            model.close();
        } finally {
            configInterrupt.close();
            for (EventFd interrupt : interrupts) {
                if (interrupt != null) {
                    interrupt.close();
                }
            }
        }
    }

    @Override
    public int poll() {
        return model.poll();
    }

    @Override
    public boolean armWakeUps() {
        return model.armWakeUps();
    }

    @Override
    public void disarmWakeUps() {
        model.disarmWakeUps();
    }

    @Override
    public void onFailure(Throwable cause) {
        Session failed = session;
        if (failed != null) {
            // What it waits for would keep the loop awake, with nobody to poll it.
            stopModel();
            failed.needsReset(cause.toString());
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /** From DRIVER_OK to reset. A model that keeps it longer reaches nothing through it (virtio 1.4 §2.4.1). */
    private final class Session implements DeviceContext {
        @Override
        public Features features() {
            return accepted;
        }

        @Override
        public DeviceQueue queue(int index) {
            return isLive() && index >= 0 && index < queues.length ? queues[index] : null;
        }

        @Override
        public void interrupt(int queueIndex) {
            if (queue(queueIndex) != null) {
                interrupts[queueIndex].signal();
            }
        }

        @Override
        public void configChanged() {
            if (isLive()) {
                readConfig();
                configInterrupt.signal();
            }
        }

        @Override
        public void needsReset(String reason) {
            if (isLive() && (status & DEVICE_NEEDS_RESET) == 0) {
                LOG.warn("{}: the device needs a reset: {}", name, reason);
                showNeedsReset();
            }
        }

        private boolean isLive() {
            return this == session;
        }
    }
}
