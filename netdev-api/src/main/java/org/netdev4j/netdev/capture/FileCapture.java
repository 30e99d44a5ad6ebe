package org.netdev4j.netdev.capture;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

import org.netdev4j.netdev.NetDevDecorator;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.NetDevOps;

/**
 * Records the packets of devices in a pcapng file, both directions. A checksum that is only partial is complete in the
 * capture; a packet that the device is still to cut into segments is as it was given, and marked.
 * <p>
 * A queue's thread copies packets into a buffer of the queue's own; a thread of the capture writes them to the file, in the
 * order of their time stamps as far as it sees them together, at the latest after some {@value #POLL_MILLIS} ms. A file that
 * is slower than the traffic costs packets of the capture, never time of the queue: they count as {@link #lost()}, and the
 * statistics at the end of the file say so too. Packets of one burst have one time stamp.
 * <p>
 * One capture may decorate many devices: each is an interface in the file. It is to be closed after them, and keeps the
 * buffers of their queues until then.
 */
public final class FileCapture implements NetDevDecorator, AutoCloseable {
    /** Buffer of a queue, bytes, unless another size is asked for. */
    public static final int DEFAULT_BUFFER_BYTES = 4 << 20;

    private static final int POLL_MILLIS = 10;

    private final PcapngWriter writer;
    private final int snapLength;
    private final int bufferBytes;
    private final LongSupplier epochNanos;
    private final Thread thread;
    private final List<Source> sources = new CopyOnWriteArrayList<>();
    /** The thread's. */
    private final Map<CapturedDevice, Integer> interfaceNumbers = new HashMap<>();
    private volatile long packets;
    private volatile long failed;
    private volatile boolean closed;

    /** A queue's buffer with who reads it. */
    private record Source(CapturePoint point, PacketReader reader) {}

    private FileCapture(Path file, int snapLength, int bufferBytes, LongSupplier epochNanos) {
        this.writer = PcapngWriter.create(file, snapLength);
        this.snapLength = snapLength;
        this.bufferBytes = bufferBytes;
        this.epochNanos = epochNanos;
        thread = Thread.ofPlatform().daemon().name("netdev4j capture " + file).start(this::run);
    }

    /**
     * A capture of whole frames into a new file; a file of that name is replaced.
     *
     * @param epochNanos nanoseconds since 1970-01-01T00:00Z, asked once a burst by the threads of the queues
     * @throws NetDevException if the file cannot be created
     */
    public static FileCapture create(Path file, LongSupplier epochNanos) {
        return create(file, PcapngWriter.WHOLE_FRAMES, DEFAULT_BUFFER_BYTES, epochNanos);
    }

    /**
     * A capture into a new file; a file of that name is replaced.
     *
     * @param snapLength bytes kept of each frame, 1 to {@link PcapngWriter#WHOLE_FRAMES}
     * @param bufferBytes memory for each queue and direction, raised to what four frames of that length need
     * @param epochNanos nanoseconds since 1970-01-01T00:00Z, asked once a burst by the threads of the queues
     * @throws NetDevException if the file cannot be created
     */
    public static FileCapture create(Path file, int snapLength, int bufferBytes, LongSupplier epochNanos) {
        return new FileCapture(file, snapLength, bufferBytes, epochNanos);
    }

    @Override
    public NetDevOps decorate(NetDevOps device, String name) {
        if (closed) {
            throw new IllegalStateException("the capture is closed");
        }
        return new CapturedDevice(name, this::newPoint).around(device);
    }

    private CapturePoint newPoint(CapturedDevice device, Direction direction, int queue) {
        PacketRing ring = new PacketRing(bufferBytes, snapLength, false);
        CapturePoint point = new CapturePoint(device, direction, queue, ring, epochNanos);
        sources.add(new Source(point, ring.reader()));
        return point;
    }

    /** Packets that are in the file, or on their way from its buffer. */
    public long packets() {
        return packets;
    }

    /** Packets that are not in the file: they came faster than it takes them, or after it had failed. */
    public long lost() {
        return failed + sources.stream().mapToLong(source -> source.point.lost()).sum();
    }

    private void run() {
        boolean flushed = true;
        while (!closed) {
            if (drain()) {
                flushed = false;
            } else {
                if (!flushed) {
                    writer.flush();
                    flushed = true;
                }
                LockSupport.parkNanos(Duration.ofMillis(POLL_MILLIS).toNanos());
            }
        }
    }

    /** Writes all that is published, by time; false if there was nothing. */
    private boolean drain() {
        for (Source source : sources) {
            source.reader.limit(source.point.ring.readable());
        }
        long before = packets + failed;
        for (Source earliest = earliest(); earliest != null; earliest = earliest()) {
            CapturePoint point = earliest.point;
            earliest.reader.writeNext(writer, interfaceNumber(point.device), point.queue);
            point.ring.release(earliest.reader.position());
        }
        packets = writer.packets();
        failed = writer.lost();
        return packets + failed > before;
    }

    private Source earliest() {
        Source earliest = null;
        for (Source source : sources) {
            if (source.reader.hasNext()
                    && (earliest == null || source.reader.nextTime() < earliest.reader.nextTime())) {
                earliest = source;
            }
        }
        return earliest;
    }

    private int interfaceNumber(CapturedDevice device) {
        return interfaceNumbers.computeIfAbsent(device, captured -> writer.addInterface(captured.name));
    }

    /**
     * Writes what is buffered and closes the file. Idempotent.
     *
     * @throws NetDevException if the capture is incomplete because the file failed
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        drain();
        writeStatistics();
        writer.close();
    }

    private void writeStatistics() {
        Map<CapturedDevice, Long> lostByDevice = new HashMap<>();
        sources.forEach(source -> lostByDevice.merge(source.point.device, source.point.lost(), Long::sum));
        lostByDevice.forEach(
                (device, lost) -> writer.writeLost(interfaceNumber(device), epochNanos.getAsLong(), lost));
    }
}
