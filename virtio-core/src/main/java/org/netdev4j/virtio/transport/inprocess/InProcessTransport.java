package org.netdev4j.virtio.transport.inprocess;

import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.function.IntSupplier;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioTransport;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.queue.DeviceMemory;
import org.netdev4j.virtio.queue.QueuePlacement;

/**
 * Driver and device in one JVM: the registers are a Java object, the rings and buffers are shared memory as with any other
 * transport, and neither end trusts the other.
 * <p>
 * Every control call runs on the thread of the device's loop and waits for it. A kick wakes the loop, whichever queue it is
 * for; with NOTIFICATION_DATA one that names another queue than its own is counted and wakes nobody. What the device throws
 * when it is started is thrown to the driver.
 */
public final class InProcessTransport implements VirtioTransport {
    private final String name;
    private final DeviceModel model;
    private final DeviceLoop loop;
    private final DeviceMemory memory = new DeviceMemory();
    private final DeviceEnd device;
    /** On the loop's thread only. */
    private final Set<MemoryRegion> attached = new HashSet<>();
    private volatile boolean closed;

    /** Connects {@code model}, which runs on {@code loop}, under {@code name}. The model is closed with the transport. */
    public InProcessTransport(String name, DeviceModel model, DeviceLoop loop) {
        this.name = name;
        this.model = model;
        this.loop = loop;
        DeviceEnd[] end = new DeviceEnd[1];
        loop.call(() -> end[0] = new DeviceEnd(name, model, loop, memory));
        device = end[0];
    }

    /** The device's view of the driver's memory. */
    public DeviceMemory memory() {
        return memory;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int deviceType() {
        return model.deviceType();
    }

    @Override
    public Features deviceFeatures() {
        return device.offered();
    }

    @Override
    public void driverFeatures(Features accepted) {
        run(() -> device.driverFeatures(accepted));
    }

    @Override
    public void driveDevice() {
        loop.help();
    }

    @Override
    public int status() {
        return device.status();
    }

    @Override
    public void status(int status) {
        if (status == 0) {
            throw new IllegalArgumentException(name + ": status 0 is written by reset()");
        }
        run(() -> device.writeStatus(status));
    }

    @Override
    public void reset() {
        if (!closed) {
            run(device::reset);
        }
    }

    @Override
    public int configGeneration() {
        return read(device::generation);
    }

    @Override
    public int configSize() {
        return read(device::configSize);
    }

    @Override
    public int readConfig8(int offset) {
        return read(() -> device.readConfig(offset, Byte.BYTES));
    }

    @Override
    public int readConfig16(int offset) {
        return read(() -> device.readConfig(offset, Short.BYTES));
    }

    @Override
    public int readConfig32(int offset) {
        return read(() -> device.readConfig(offset, Integer.BYTES));
    }

    @Override
    public int maxQueueSize(int index) {
        return read(() -> device.maxQueueSize(index));
    }

    @Override
    public void enableQueue(int index, QueuePlacement placement) {
        run(() -> device.enableQueue(index, placement));
    }

    @Override
    public void resetQueue(int index) {
        run(() -> device.resetQueue(index));
    }

    @Override
    public Kick kick(int index) {
        return data -> {
            if (device.isKickFor(index, data)) {
                loop.wakeUp();
            }
        };
    }

    /** Kicks that named a queue other than the one they were for. Any thread. */
    public long strayKicks() {
        return device.strayKicks();
    }

    @Override
    public EventFd queueInterrupt(int index) {
        EventFd[] interrupt = new EventFd[1];
        run(() -> interrupt[0] = device.queueInterrupt(index));
        return interrupt[0];
    }

    @Override
    public EventFd configInterrupt() {
        return device.configInterrupt();
    }

    @Override
    public MemoryRegion allocateMemory(String regionName, long bytes) {
        MemoryRegion region = MemoryRegion.allocate(regionName, bytes);
        try {
            attachMemory(region);
        } catch (RuntimeException e) {
            region.close();
            throw e;
        }
        return region;
    }

    @Override
    public void attachMemory(MemoryRegion region) {
        run(() -> {
            forgetUnmapped();
            memory.add(region);
            attached.add(region);
        });
    }

    /** Whoever closes a region does not say so, and its addresses may be those of the next one. */
    private void forgetUnmapped() {
        for (Iterator<MemoryRegion> regions = attached.iterator(); regions.hasNext();) {
            MemoryRegion region = regions.next();
            if (!region.segment().scope().isAlive()) {
                memory.remove(region);
                regions.remove();
            }
        }
    }

    @Override
    public boolean isAttached(MemoryRegion region) {
        return memory.contains(region);
    }

    @Override
    public void detachMemory(MemoryRegion region) {
        loop.call(() -> {
            memory.remove(region);
            attached.remove(region);
        });
    }

    @Override
    public void close() {
        loop.call(() -> {
            if (!closed) {
                closed = true;
                device.close();
            }
        });
    }

    private void run(Runnable task) {
        loop.call(() -> {
            if (closed) {
                throw new IllegalStateException(name + " is closed");
            }
            task.run();
        });
    }

    private int read(IntSupplier register) {
        int[] value = new int[1];
        run(() -> value[0] = register.getAsInt());
        return value[0];
    }
}
