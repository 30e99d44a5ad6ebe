package org.netdev4j.virtio.net.device;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A back-end that notes what it is told and says what the test wants it to. */
public class FakeBackend implements NetBackend {
    public final List<byte[]> transmitted = new ArrayList<>();
    public final List<OffloadRequest> requests = new ArrayList<>();
    public final List<Integer> pieces = new ArrayList<>();
    /** The queue pairs on which the transmitted frames were sent. */
    public final List<Integer> pairs = new ArrayList<>();
    /** Frames that arrive, delivered by {@link #poll} until the receiver is busy. */
    public final Deque<Frame> arriving = new ArrayDeque<>();
    public final List<Verdict> delivered = new ArrayList<>();
    public final List<String> events = new ArrayList<>();
    public FrameReceiver receiver;
    public Verdict answer = Verdict.CONSUMED;
    /** Frames taken before the answer is BUSY. */
    public int room = Integer.MAX_VALUE;
    public boolean partialChecksum = true;
    /** What it takes over besides the checksum. */
    public Offloads segments = Offloads.NONE;
    public boolean linkUp = true;
    private boolean blocked;

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public void attach(FrameReceiver device) {
        receiver = device;
    }

    @Override
    public void start() {
        events.add("start");
    }

    @Override
    public void stop() {
        events.add("stop");
    }

    @Override
    public Verdict transmit(Frame frame) {
        if (room == 0) {
            return Verdict.BUSY;
        }
        room--;
        transmitted.add(Frames.bytes(frame));
        OffloadRequest request = new OffloadRequest();
        request.set(frame.offload());
        requests.add(request);
        pieces.add(frame.pieces());
        pairs.add(frame.pair());
        return answer;
    }

    @Override
    public int poll() {
        int done = 0;
        while (!blocked && !arriving.isEmpty()) {
            Verdict verdict = receiver.receive(arriving.peek());
            delivered.add(verdict);
            if (verdict == Verdict.BUSY) {
                blocked = true;
            } else {
                arriving.remove();
                done++;
            }
        }
        return done;
    }

    @Override
    public void resume() {
        events.add("resume");
        blocked = false;
    }

    @Override
    public boolean armWakeUps() {
        return blocked || arriving.isEmpty();
    }

    @Override
    public Offloads accepts() {
        return new Offloads((partialChecksum ? Offloads.CHECKSUM : 0) | segments.bits());
    }

    @Override
    public boolean linkUp() {
        return linkUp;
    }

    @Override
    public void close() {
        events.add("close");
    }
}
