package org.netdev4j.virtio;

import java.util.ArrayList;
import java.util.List;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.queue.QueuePlacement;

/** Registers of a device that writes down what the driver does, and misbehaves on demand. */
final class ScriptedTransport implements VirtioTransport {
    /** Every register access that changes the device, and reads of features and status, in order. */
    final List<String> log = new ArrayList<>();
    final int deviceType;
    Features offered = Features.NONE;
    Features accepted;
    int status;
    byte[] config = {};
    int generation;
    /** Bits of the status that the driver wrote as 0 though they were set. */
    int statusTakenBack;

    boolean refusesFeatures;
    boolean refusesToStart;
    VirtioException onReset;
    VirtioException onDriverOk;
    /** Runs after each byte of configuration that is read. */
    Runnable onConfigRead = () -> {};

    ScriptedTransport(int deviceType) {
        this.deviceType = deviceType;
    }

    @Override
    public String name() {
        return "scripted";
    }

    @Override
    public int deviceType() {
        return deviceType;
    }

    @Override
    public Features deviceFeatures() {
        log.add("read features");
        return offered;
    }

    @Override
    public void driverFeatures(Features features) {
        log.add("accept " + features);
        accepted = features;
    }

    @Override
    public int status() {
        log.add("read status");
        return status;
    }

    @Override
    public void status(int written) {
        log.add(DeviceStatus.describe(written));
        statusTakenBack |= status & ~written;
        int taken = refusesFeatures ? written & ~DeviceStatus.FEATURES_OK : written;
        if ((written & DeviceStatus.DRIVER_OK) != 0 && onDriverOk != null) {
            throw onDriverOk;
        }
        status = refusesToStart && (written & DeviceStatus.DRIVER_OK) != 0
                ? taken | DeviceStatus.DEVICE_NEEDS_RESET
                : taken;
    }

    @Override
    public void reset() {
        log.add("reset");
        if (onReset != null) {
            throw onReset;
        }
        status = 0;
    }

    @Override
    public int configGeneration() {
        return generation;
    }

    @Override
    public int configSize() {
        return config.length;
    }

    @Override
    public int readConfig8(int offset) {
        int value = config[offset] & 0xff;
        onConfigRead.run();
        return value;
    }

    @Override
    public int readConfig16(int offset) {
        return readConfig8(offset) | readConfig8(offset + 1) << 8;
    }

    @Override
    public int readConfig32(int offset) {
        return readConfig16(offset) | readConfig16(offset + 2) << 16;
    }

    @Override
    public int maxQueueSize(int index) {
        return 0;
    }

    @Override
    public void enableQueue(int index, QueuePlacement placement) {
        throw new UnsupportedOperationException("no queues");
    }

    @Override
    public void resetQueue(int index) {
        throw new UnsupportedOperationException("no queues");
    }

    @Override
    public Kick kick(int index) {
        throw new UnsupportedOperationException("no queues");
    }

    @Override
    public EventFd queueInterrupt(int index) {
        throw new UnsupportedOperationException("no queues");
    }

    @Override
    public EventFd configInterrupt() {
        throw new UnsupportedOperationException("no interrupts");
    }

    @Override
    public MemoryRegion allocateMemory(String name, long bytes) {
        throw new UnsupportedOperationException("no memory");
    }

    @Override
    public void attachMemory(MemoryRegion region) {
        throw new UnsupportedOperationException("no memory");
    }

    @Override
    public boolean isAttached(MemoryRegion region) {
        return false;
    }

    @Override
    public void detachMemory(MemoryRegion region) {
        throw new UnsupportedOperationException("no memory");
    }

    @Override
    public void close() {
        log.add("close");
    }
}
