package org.netdev4j.virtio.net.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.Frames;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class FrameRingTest {
    /** A negative number takes a frame out, another puts one of that length in. */
    @Property
    void framesComeOutAsTheyWentIn(@ForAll @Size(max = 300) List<@IntRange(min = -200, max = 400) Integer> steps) {
        Deque<byte[]> model = new ArrayDeque<>();
        try (FrameRing ring = new FrameRing("test", 1024)) {
            for (int step : steps) {
                if (step < 0) {
                    Frame frame = ring.peek();
                    assertEquals(model.isEmpty(), frame == null);
                    if (frame != null) {
                        assertArrayEquals(model.remove(), Frames.bytes(frame));
                        assertEquals(frame.length() % 7, frame.offload().checksumStart());
                        ring.remove();
                    }
                } else {
                    byte[] bytes = Frames.numbered(step);
                    if (ring.add(Frames.of(bytes, step % 7, 2))) {
                        model.add(bytes);
                    } else {
                        assertFalse(model.isEmpty(), "an empty ring of 1024 bytes takes a frame of " + step);
                    }
                }
                assertEquals(model.isEmpty(), ring.isEmpty());
            }
        }
    }

    @Test
    void aFullRingRefusesAndStaysAsItWas() {
        try (FrameRing ring = new FrameRing("test", 256)) {
            byte[] frame = Frames.numbered(128 - 16);
            assertTrue(ring.add(Frames.of(frame)));
            assertTrue(ring.add(Frames.of(frame)));
            assertFalse(ring.add(Frames.of(new byte[0])));
            assertArrayEquals(frame, Frames.bytes(ring.peek()));
            ring.remove();
            ring.peek();
            ring.remove();
            assertNull(ring.peek());
        }
    }

    @Test
    void theSizeIsAPowerOfTwo() {
        assertThrows(IllegalArgumentException.class, () -> new FrameRing("test", 1000));
    }
}
