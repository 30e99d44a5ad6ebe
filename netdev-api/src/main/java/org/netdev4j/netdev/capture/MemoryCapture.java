package org.netdev4j.netdev.capture;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

import org.netdev4j.netdev.NetDevDecorator;
import org.netdev4j.netdev.NetDevOps;

/**
 * Keeps the latest packets of devices in memory, both directions, to be written as pcapng when something has gone wrong. It
 * never writes by itself; a queue's thread copies its packets over the oldest in a ring of the queue's own. Packets of one
 * burst have one time stamp.
 * <p>
 * What devices had when they were closed stays with the capture.
 */
public final class MemoryCapture implements NetDevDecorator {
    private final int snapLength;
    private final int bytesPerQueue;
    private final LongSupplier epochNanos;
    private final List<CapturePoint> points = new CopyOnWriteArrayList<>();

    /**
     * @param snapLength bytes kept of each frame, 1 to {@link PcapngWriter#WHOLE_FRAMES}
     * @param bytesPerQueue memory for each queue and direction, rounded up to a power of two; holds four frames of that
     *     length at least
     * @param epochNanos nanoseconds since 1970-01-01T00:00Z, asked once a burst by the threads of the queues
     */
    public MemoryCapture(int snapLength, int bytesPerQueue, LongSupplier epochNanos) {
        PcapngWriter.checkSnapLength(snapLength);
        if (bytesPerQueue < PacketRing.minBytes(snapLength)) {
            throw new IllegalArgumentException(bytesPerQueue + " bytes for each queue are too few: frames of "
                    + snapLength + " bytes need " + PacketRing.minBytes(snapLength));
        }
        this.snapLength = snapLength;
        this.bytesPerQueue = bytesPerQueue;
        this.epochNanos = epochNanos;
    }

    @Override
    public NetDevOps decorate(NetDevOps device, String name) {
        return new CapturedDevice(name, this::newPoint).around(device);
    }

    private CapturePoint newPoint(CapturedDevice device, Direction direction, int queue) {
        PacketRing ring = new PacketRing(bytesPerQueue, snapLength, true);
        CapturePoint point = new CapturePoint(device, direction, queue, ring, epochNanos);
        points.add(point);
        return point;
    }

    /**
     * Writes what there is to a new file, by time; a file of that name is replaced. From any thread, while traffic flows and
     * goes on being captured.
     *
     * @return packets written
     * @throws org.netdev4j.netdev.NetDevException if the file cannot be written
     */
    public long dump(Path file) {
        try (PcapngWriter writer = PcapngWriter.create(file, snapLength)) {
            dump(writer);
            return writer.packets();
        }
    }

    /** Adds what there is to a capture, by time, each device under an interface of its own. */
    public void dump(PcapngWriter writer) {
        Map<PacketReader, CapturePoint> left = new HashMap<>();
        Map<CapturedDevice, Integer> interfaceNumbers = new HashMap<>();
        for (CapturePoint point : points) {
            left.put(point.ring.snapshot(), point);
            interfaceNumbers.computeIfAbsent(point.device, device -> writer.addInterface(device.name));
        }
        List<PacketReader> readers = new ArrayList<>(left.keySet());
        readers.removeIf(reader -> !reader.hasNext());
        while (!readers.isEmpty()) {
            PacketReader earliest = readers.get(0);
            for (PacketReader reader : readers) {
                earliest = reader.nextTime() < earliest.nextTime() ? reader : earliest;
            }
            CapturePoint point = left.get(earliest);
            earliest.writeNext(writer, interfaceNumbers.get(point.device), point.queue);
            if (!earliest.hasNext()) {
                readers.remove(earliest);
            }
        }
    }
}
