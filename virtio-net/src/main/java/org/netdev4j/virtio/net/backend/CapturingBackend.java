package org.netdev4j.virtio.net.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.agrona.concurrent.EpochNanoClock;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netdev.capture.Direction;
import org.netdev4j.netdev.capture.PcapngWriter;
import org.netdev4j.virtio.net.device.ForwardingBackend;
import org.netdev4j.virtio.net.device.ForwardingReceiver;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameMemory;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.OffloadRequest;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.PartialChecksum;
import org.netdev4j.virtio.net.device.Verdict;

/**
 * Records every frame that passes between a device and another back-end, once it was taken. A checksum that is only partial is
 * complete in the capture. The capture is flushed whenever the loop is about to sleep.
 */
public final class CapturingBackend extends ForwardingBackend {
    private static final ValueLayout.OfShort BE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final PcapngWriter capture;
    private final EpochNanoClock clock;
    private final int interfaceNumber;
    private final MemoryRegion region = MemoryRegion.allocate("capture scratch", Short.BYTES);
    private final MemorySegment checksum = region.segment();

    /**
     * Records what passes to and from {@code backend}, which it owns from now on.
     *
     * @param capture stays the caller's, to be closed after this; used on the thread of the device's loop
     */
    public CapturingBackend(NetBackend backend, PcapngWriter capture, EpochNanoClock clock) {
        super(backend);
        this.capture = capture;
        this.clock = clock;
        interfaceNumber = capture.addInterface(backend.name());
    }

    private void record(Direction direction, FrameMemory memory, int length, OffloadRequest completed) {
        capture.begin(interfaceNumber, clock.nanoTime(), direction, length);
        if (completed == null) {
            record(memory, 0, length);
        } else {
            int field = completed.checksumField();
            checksum.set(BE16, 0, (short) PartialChecksum.of(memory, completed.checksumStart(), length));
            record(memory, 0, field);
            capture.bytes(checksum, 0, Short.BYTES);
            record(memory, field + Short.BYTES, length);
        }
        capture.end();
    }

    private void record(FrameMemory memory, int from, int to) {
        int position = 0;
        for (int piece = 0; position < to; piece++) {
            int bytes = memory.length(piece);
            int begin = Math.max(from - position, 0);
            int end = Math.min(to - position, bytes);
            if (begin < end) {
                capture.bytes(memory.segment(piece), memory.offset(piece) + begin, end - begin);
            }
            position += bytes;
        }
    }

    private static OffloadRequest toComplete(OffloadRequest offload) {
        return offload.needsChecksum() ? offload : null;
    }

    @Override
    public void attach(FrameReceiver receiver) {
        super.attach(new Tap(receiver));
    }

    @Override
    public Verdict transmit(Frame frame) {
        Verdict verdict = backend().transmit(frame);
        if (verdict == Verdict.CONSUMED) {
            record(Direction.OUTBOUND, frame, frame.length(), toComplete(frame.offload()));
        }
        return verdict;
    }

    @Override
    public boolean armWakeUps() {
        capture.flush();
        return super.armWakeUps();
    }

    @Override
    public void close() {
        super.close();
        region.close();
    }

    /** Between the back-end and its device. */
    private final class Tap extends ForwardingReceiver {
        private FrameMemory borrowed;

        Tap(FrameReceiver receiver) {
            super(receiver);
        }

        @Override
        public Verdict receive(Frame frame) {
            return recorded(frame, receiver().receive(frame));
        }

        @Override
        public Verdict receive(Frame frame, int pair) {
            return recorded(frame, receiver().receive(frame, pair));
        }

        private Verdict recorded(Frame frame, Verdict verdict) {
            if (verdict == Verdict.CONSUMED) {
                record(Direction.INBOUND, frame, frame.length(), toComplete(frame.offload()));
            }
            return verdict;
        }

        @Override
        public FrameMemory borrow() {
            borrowed = receiver().borrow();
            return borrowed;
        }

        @Override
        public Verdict commit(int length, OffloadRequest offload) {
            Verdict verdict = receiver().commit(length, offload);
            if (verdict == Verdict.CONSUMED) {
                record(Direction.INBOUND, borrowed, length,
                        receiver().accepts().has(Offloads.CHECKSUM) ? toComplete(offload) : null);
            }
            return verdict;
        }

    }
}
