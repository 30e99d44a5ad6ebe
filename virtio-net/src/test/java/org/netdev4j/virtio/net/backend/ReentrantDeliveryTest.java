package org.netdev4j.virtio.net.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameMemory;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.Frames;
import org.netdev4j.virtio.net.device.OffloadRequest;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.Verdict;

/** A receiver that sends from within a delivery. */
class ReentrantDeliveryTest {
    private final Loopback loopback = new Loopback();
    private final List<String> steps = new ArrayList<>();

    @Test
    void whatIsSentFromWithinADeliveryIsHeldUpUntilItsEnd() {
        loopback.attach(new Answering());
        loopback.transmit(Frames.of(Frames.numbered(60)));
        assertEquals(List.of("begin 60", "sends 61: BUSY", "end 60", "resume"), steps);
        assertEquals(Verdict.CONSUMED, loopback.transmit(Frames.of(Frames.numbered(61))));
        assertEquals(List.of("begin 61", "end 61"), steps.subList(4, steps.size()));
        loopback.close();
    }

    /** Answers a frame of 60 bytes with one of 61. */
    private final class Answering implements FrameReceiver {
        @Override
        public Verdict receive(Frame frame) {
            int length = frame.length();
            steps.add("begin " + length);
            if (length == 60) {
                steps.add("sends 61: " + loopback.transmit(Frames.of(Frames.numbered(61))));
            }
            steps.add("end " + length);
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
            steps.add("resume");
        }

        @Override
        public void linkChanged() {}
    }
}
