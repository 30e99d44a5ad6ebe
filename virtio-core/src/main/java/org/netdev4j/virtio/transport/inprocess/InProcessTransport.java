package org.netdev4j.virtio.transport.inprocess;

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
 */
public final class InProcessTransport implements VirtioTransport {
    /** Connects {@code model}, which runs on {@code loop}, under {@code name}. */
    public InProcessTransport(String name, DeviceModel model, DeviceLoop loop) {
        throw new UnsupportedOperationException();
    }

    /** The device's view of the driver's memory. */
    public DeviceMemory memory() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String name() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int deviceType() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Features deviceFeatures() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void driverFeatures(Features accepted) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int status() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void status(int status) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void reset() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int configGeneration() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int configSize() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int readConfig8(int offset) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int readConfig16(int offset) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int readConfig32(int offset) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int maxQueueSize(int index) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void enableQueue(int index, QueuePlacement placement) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Kick kick(int index) {
        throw new UnsupportedOperationException();
    }

    @Override
    public EventFd queueInterrupt(int index) {
        throw new UnsupportedOperationException();
    }

    @Override
    public EventFd configInterrupt() {
        throw new UnsupportedOperationException();
    }

    @Override
    public MemoryRegion allocateMemory(String name, long bytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void attachMemory(MemoryRegion region) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isAttached(MemoryRegion region) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void detachMemory(MemoryRegion region) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
