package org.netdev4j.virtio.net.backend;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameBurst;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.Verdict;

/**
 * Delivers the same frame again and again, as fast as the driver gives buffers, on every queue pair in use; the device counts
 * them. What the driver sends is taken and forgotten.
 */
public final class Source implements NetBackend {
    /** Most bursts delivered to one pair before the next has its turn. */
    private static final int BURSTS = 2;

    private final FrameBurst frames = new FrameBurst();
    private FrameReceiver receiver;
    private int pairs = 1;
    /** Pairs whose driver gives no buffers; all of them are tried again together. */
    private boolean[] blocked = new boolean[1];

    /** @param contents the frame from its Ethernet header on, native memory, read while the source is in use */
    public Source(MemorySegment contents) {
        frames.repeat(contents, 0, Math.toIntExact(contents.byteSize()), FrameBurst.MAX_FRAMES);
    }

    @Override
    public String name() {
        return "source";
    }

    @Override
    public void attach(FrameReceiver device) {
        receiver = device;
    }

    @Override
    public void start() {
        resume();
    }

    @Override
    public void stop() {}

    @Override
    public Verdict transmit(Frame taken) {
        return Verdict.CONSUMED;
    }

    @Override
    public int transmit(FrameBurst taken) {
        return taken.size();
    }

    @Override
    public int poll() {
        int delivered = 0;
        for (int pair = 0; pair < pairs; pair++) {
            for (int burst = 0; burst < BURSTS && !blocked[pair]; burst++) {
                int taken = receiver.receive(frames, pair);
                blocked[pair] = taken < frames.size();
                delivered += taken;
            }
        }
        return delivered;
    }

    @Override
    public void resume() {
        Arrays.fill(blocked, false);
    }

    @Override
    public boolean armWakeUps() {
        for (int pair = 0; pair < pairs; pair++) {
            if (!blocked[pair]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void pairsInUse(int count) {
        pairs = count;
        blocked = new boolean[count];
    }

    /** Nobody looks at what was to be completed. */
    @Override
    public Offloads accepts() {
        return Offloads.ALL;
    }

    @Override
    public boolean linkUp() {
        return true;
    }

    @Override
    public void close() {}
}
