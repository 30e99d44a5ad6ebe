package org.netdev4j.virtio.net.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameMemory;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.Frames;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.OffloadRequest;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.Verdict;

/** Receivers that send from within a delivery. */
class ReentrantDeliveryTest {
    private final List<String> steps = new ArrayList<>();

    @Test
    void aLoopbackHoldsUpWhatIsSentFromWithinADeliveryUntilItsEnd() {
        Loopback loopback = new Loopback();
        loopback.attach(new Answering("device", loopback));
        loopback.transmit(Frames.of(Frames.numbered(60)));
        assertEquals(List.of("device begins 60", "device sends 61: BUSY", "device ends 60", "device resumes"), steps);

        steps.clear();
        assertEquals(Verdict.CONSUMED, loopback.transmit(Frames.of(Frames.numbered(61))));
        assertEquals(List.of("device begins 61", "device ends 61"), steps);
        loopback.close();
    }

    @Test
    void whatComesBackToAPortThatIsDeliveringWaitsForItsEnd() {
        try (DeviceLoop loop = new DeviceLoop("test")) {
            Hub hub = new Hub("h", loop);
            NetBackend left = hub.newPort();
            NetBackend right = hub.newPort();
            left.attach(new Answering("left", left));
            right.attach(new Answering("right", right));

            left.transmit(Frames.of(Frames.numbered(59)));
            assertEquals(List.of("right begins 59", "left begins 60", "left sends 61: CONSUMED", "left ends 60",
                    "right sends 60: CONSUMED", "right ends 59"), steps);

            steps.clear();
            right.poll();
            assertEquals(List.of("right begins 61", "right ends 61"), steps);
            left.close();
            right.close();
        }
    }

    /** Answers a frame of less than 61 bytes with one that is a byte longer. */
    private final class Answering implements FrameReceiver {
        private final String name;
        private final NetBackend backend;

        Answering(String name, NetBackend backend) {
            this.name = name;
            this.backend = backend;
        }

        @Override
        public Verdict receive(Frame frame) {
            int length = frame.length();
            steps.add(name + " begins " + length);
            if (length < 61) {
                Verdict verdict = backend.transmit(Frames.of(Frames.numbered(length + 1)));
                steps.add(name + " sends " + (length + 1) + ": " + verdict);
            }
            steps.add(name + " ends " + length);
            return Verdict.CONSUMED;
        }

        @Override
        public Verdict receive(Frame frame, int pair) {
            return receive(frame);
        }

        @Override
        public boolean lends() {
            return false;
        }

        @Override
        public FrameMemory borrow() {
            throw new IllegalStateException();
        }

        @Override
        public Verdict commit(int length, OffloadRequest offload) {
            throw new IllegalStateException();
        }

        @Override
        public void giveBack() {
            throw new IllegalStateException();
        }

        @Override
        public Offloads accepts() {
            return Offloads.NONE;
        }

        @Override
        public void resume() {
            steps.add(name + " resumes");
        }

        @Override
        public void linkChanged() {}
    }
}
