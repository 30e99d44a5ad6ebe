package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.DeviceStatus.ACKNOWLEDGE;
import static org.netdev4j.virtio.DeviceStatus.DRIVER;
import static org.netdev4j.virtio.DeviceStatus.DRIVER_OK;
import static org.netdev4j.virtio.DeviceStatus.FEATURES_OK;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.linux.OpenFds;
import org.netdev4j.virtio.queue.QueuePlacement;
import org.netdev4j.virtio.queue.Virtqueue;

/** A front-end on a scripted back-end; after it no file descriptor is left. */
final class FrontEndBench implements AutoCloseable {
    static final int AGREED = ACKNOWLEDGE | DRIVER | FEATURES_OK;
    private static final int QUEUE_SIZE = 8;
    private static final int QUEUE_STRIDE = 1024;

    final ScriptedBackEnd backEnd;
    final PlainStandIn standIn = new PlainStandIn();
    final BlockingQueue<Boolean> changes = new LinkedBlockingQueue<>();
    private final OpenFds before = OpenFds.now();
    private final Path path;
    private Duration answerTimeout = FrontEndSettings.DEFAULT_TIMEOUT;
    VhostUserTransport device;
    MemoryRegion memory;
    Virtqueue control;
    /** A command, then the rings of the back-end. */
    private MemorySlice others;

    FrontEndBench(Path directory) {
        path = directory.resolve("s");
        backEnd = ScriptedBackEnd.listen(path);
    }

    void answerTimeout(Duration limit) {
        answerTimeout = limit;
    }

    void open() {
        device = VhostUserTransport.open(FrontEndSettings.client(path).withAnswerTimeout(answerTimeout), standIn);
        device.onPeerChange(changes::add);
    }

    /** Agrees on all that is offered, and starts every queue; the last is the one served on this side. */
    void start() {
        device.driverFeatures(device.deviceFeatures());
        device.status(AGREED);
        int queues = 0;
        while (device.maxQueueSize(queues) != 0) {
            queues++;
        }
        memory = device.allocateMemory("rings", (long) (queues + 4) * QUEUE_STRIDE);
        control = Virtqueue.create(memory, QUEUE_SIZE, device.deviceFeatures());
        others = memory.cut((long) QUEUE_STRIDE * queues, 128);
        long rings = others.deviceAddress() + QUEUE_STRIDE;
        for (int i = 0; i < queues - 1; i++) {
            long base = rings + (long) i * QUEUE_STRIDE;
            device.enableQueue(i, new QueuePlacement(QUEUE_SIZE, base, base + 256, base + 512));
        }
        device.enableQueue(queues - 1, control.placement());
        device.status(AGREED | DRIVER_OK);
    }

    /** Sends a command for so many queues to be in use. @return what came back, -1 if nothing did */
    int useQueues(int count, int controlIndex) {
        ScatterGatherList command = new ScatterGatherList(2);
        command.append(others.deviceAddress(), count, false);
        command.append(others.deviceAddress() + QUEUE_STRIDE / 2, 1, true);
        assertTrue(control.add(command, 7));
        if (control.publish()) {
            device.kick(controlIndex).kick(controlIndex);
        }
        int[] tokens = new int[1];
        int[] written = new int[1];
        return control.pop(tokens, written, 1) == 1 ? written[0] : -1;
    }

    void awaitChange(boolean present) throws InterruptedException {
        assertEquals(present, changes.poll(10, TimeUnit.SECONDS));
    }

    /** The test's time limit ends it. */
    static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    /** After a reset, or when the device is closed. */
    void unmap() {
        if (memory != null) {
            control.close();
            others.close();
            memory.close();
            memory = null;
        }
    }

    @Override
    public void close() {
        if (device != null) {
            device.close();
        }
        backEnd.close();
        unmap();
        before.assertNoneLeaked();
    }
}
