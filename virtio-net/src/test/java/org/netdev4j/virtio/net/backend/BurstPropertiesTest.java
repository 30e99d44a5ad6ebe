package org.netdev4j.virtio.net.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.DriverEnd;
import org.netdev4j.virtio.net.device.ForwardingBackend;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.Frames;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Verdict;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** What becomes of a frame does not depend on whether it goes through the device in a burst or by itself. */
class BurstPropertiesTest {
    private static final List<Features> NEGOTIATED = List.of(
            DriverEnd.PLAIN,
            DriverEnd.CHECKSUMS.with(NetFeature.MRG_RXBUF),
            DriverEnd.PLAIN.with(VirtioFeature.RING_PACKED),
            DriverEnd.CHECKSUMS.with(NetFeature.MRG_RXBUF).with(VirtioFeature.RING_PACKED),
            DriverEnd.CHECKSUMS.with(VirtioFeature.RING_PACKED).with(VirtioFeature.IN_ORDER),
            DriverEnd.CHECKSUMS.with(VirtioFeature.IN_ORDER));

    /** How a frame is sent. */
    enum Shape {
        PLAIN, PLAIN_AGAIN, SPLIT_BEHIND_HEADER, CHECKSUM, CHECKSUM_OUTSIDE, SEGMENTS
    }

    /** Frames sent at once, and receive buffers made available before, by their room for a frame. */
    record Round(List<Sent> frames, List<Integer> rooms) {}

    record Sent(Shape shape, int length) {}

    @Property(tries = 100)
    void aBurstFaresAsItsFramesWould(@ForAll("rounds") List<Round> rounds) {
        for (Features features : NEGOTIATED) {
            try (Life inBursts = new Life(new Loopback(), features);
                    Life oneByOne = new Life(new OneByOne(new Loopback()), features)) {
                for (Round round : rounds) {
                    List<byte[]> expected = oneByOne.live(round);
                    List<byte[]> received = inBursts.live(round);
                    assertEquals(expected.size(), received.size(), () -> "frames received with " + features);
                    for (int i = 0; i < expected.size(); i++) {
                        assertArrayEquals(expected.get(i), received.get(i), "frame " + i + " with " + features);
                    }
                    assertEquals(oneByOne.counters(), inBursts.counters(), features::toString);
                }
            }
        }
    }

    @Provide
    Arbitrary<List<Round>> rounds() {
        Arbitrary<Integer> lengths = Arbitraries.oneOf(Arbitraries.integers().between(60, 200),
                Arbitraries.integers().between(1, 60), Arbitraries.of(1514, 1518, 1519, 4000));
        Arbitrary<Sent> frames = Combinators.combine(Arbitraries.of(Shape.class), lengths).as(Sent::new);
        Arbitrary<Sent> plain = Arbitraries.integers().between(60, 200).map(length -> new Sent(Shape.PLAIN, length));
        Arbitrary<List<Sent>> sent = Arbitraries.frequencyOf(Tuple.of(2, frames.list().ofMaxSize(50)),
                Tuple.of(1, plain.list().ofMinSize(30).ofMaxSize(70)));
        Arbitrary<List<Integer>> rooms = Arbitraries.frequency(Tuple.of(4, 1518),
                Tuple.of(1, 100), Tuple.of(1, 59)).list().ofMaxSize(40);
        return Combinators.combine(sent, rooms).as(Round::new).list().ofMinSize(1).ofMaxSize(3);
    }

    /** A device and its driver. */
    private static final class Life implements AutoCloseable {
        private final DeviceLoop loop = new DeviceLoop("test");
        private final VirtioNetDevice device;
        private final DriverEnd driver;
        private int number;

        Life(NetBackend backend, Features features) {
            device = new VirtioNetDevice(DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")), backend);
            driver = new DriverEnd(device, loop, features);
        }

        /** Frames that come back are fetched, and buffers are posted once more, until nothing comes. */
        List<byte[]> live(Round round) {
            round.rooms.forEach(room -> driver.post(NetHeader.LENGTH + room));
            round.frames.forEach(this::send);
            driver.run();
            List<byte[]> received = new ArrayList<>();
            fetch(received);
            driver.postMany(40);
            driver.run();
            fetch(received);
            driver.reclaim();
            return received;
        }

        private void fetch(List<byte[]> received) {
            for (byte[] frame = driver.received(); frame != null; frame = driver.received()) {
                received.add(frame);
            }
        }

        private void send(Sent sent) {
            byte[] frame = Frames.numbered(sent.length);
            frame[0] = (byte) number++;
            byte[] header = switch (sent.shape) {
                case CHECKSUM -> Frames.header(NetHeader.FLAG_NEEDS_CSUM, 0, 0, Math.max(0, sent.length - 2));
                case CHECKSUM_OUTSIDE -> Frames.header(NetHeader.FLAG_NEEDS_CSUM, 0, sent.length, 0);
                case SEGMENTS -> Frames.header(NetHeader.FLAG_NEEDS_CSUM, NetHeader.GSO_TCPV4, 34, 16);
                default -> Frames.header();
            };
            if (sent.shape == Shape.SPLIT_BEHIND_HEADER) {
                driver.sendSplit(Frames.concat(header, frame), header.length, frame.length);
            } else {
                driver.send(header, frame);
            }
        }

        /** How often either had to wait is the one thing that may differ. */
        Map<String, Long> counters() {
            Map<String, Long> counters = new LinkedHashMap<>(device.counters());
            counters.keySet().removeIf(name -> name.endsWith(" busy"));
            return counters;
        }

        @Override
        public void close() {
            driver.close();
            loop.close();
        }
    }

    /** A back-end that takes frames one by one, and hands them on as they are. */
    private static final class OneByOne extends ForwardingBackend {
        OneByOne(NetBackend backend) {
            super(backend);
        }

        @Override
        public Verdict transmit(Frame frame) {
            return backend().transmit(frame);
        }
    }
}
