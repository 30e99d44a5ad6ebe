package org.netdev4j.virtio.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.VirtioTransport;
import org.netdev4j.virtio.queue.DeviceMemory;
import org.netdev4j.virtio.queue.QueuePlacement;

/** Stands between a driver and its transport and knows where the rings are, to write to them what neither end should. */
final class RingTap {
    /** What a driver writes: descriptors and available ring, or the driver's event suppression. */
    static final int DRIVER_PARTS = 0;
    /** What a device writes: used ring, or descriptors and the device's event suppression. */
    static final int DEVICE_PARTS = 1;

    private final VirtioTransport transport;
    private final DeviceMemory memory;
    private final Map<Integer, QueuePlacement> placements = new TreeMap<>();
    private boolean packed;

    RingTap(VirtioTransport transport, DeviceMemory memory) {
        this.transport = transport;
        this.memory = memory;
    }

    /** The transport for the driver to use. */
    VirtioTransport tapped() {
        return (VirtioTransport) Proxy.newProxyInstance(VirtioTransport.class.getClassLoader(),
                new Class<?>[]{VirtioTransport.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "reset" -> placements.clear();
                        case "driverFeatures" -> packed = ((Features) arguments[0]).has(VirtioFeature.RING_PACKED);
                        case "enableQueue" -> placements.put((Integer) arguments[0], (QueuePlacement) arguments[1]);
                        default -> {
                        }
                    }
                    try {
                        return method.invoke(transport, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Writes up to four random bytes somewhere into the parts of that side. */
    void scribble(Random random, int side) {
        if (placements.isEmpty()) {
            return;
        }
        List<QueuePlacement> all = new ArrayList<>(placements.values());
        List<MemorySegment> parts = parts(all.get(random.nextInt(all.size())), side);
        MemorySegment part = parts.get(random.nextInt(parts.size()));
        for (int i = random.nextInt(4); i >= 0; i--) {
            part.set(ValueLayout.JAVA_BYTE, random.nextLong(part.byteSize()), (byte) random.nextInt());
        }
    }

    private List<MemorySegment> parts(QueuePlacement queue, int side) {
        int n = queue.size();
        MemorySegment descriptors = memory.slice("descriptors", queue.descriptorAddress(), 16L * n);
        if (packed) {
            return List.of(descriptors, memory.slice("event suppression",
                    side == DRIVER_PARTS ? queue.driverAddress() : queue.deviceAddress(), 4));
        }
        return side == DRIVER_PARTS
                ? List.of(descriptors, memory.slice("available ring", queue.driverAddress(), 6 + 2L * n))
                : List.of(memory.slice("used ring", queue.deviceAddress(), 6 + 8L * n));
    }

    /** Resets a queue behind the driver's back, if it is there. */
    void resetQueue(int index) {
        if (placements.remove(index) != null && transport.status() != 0) {
            transport.resetQueue(index);
        }
    }
}
