package org.netdev4j.examples;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.stack.Ipv4Cidr;
import org.netdev4j.stack.NetStack;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.DriverOptions;
import org.netdev4j.virtio.net.VirtioNetDriver;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.Verdict;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.testing.Rule;
import org.netdev4j.virtio.transport.inprocess.InProcessTransport;

/** A device whose guest has moved asks its driver to announce itself (virtio 1.4 §5.1.9.5.4). */
@Timeout(20)
class AnnounceTest {
    private static final String GRATUITOUS_ARP = "ffffffffffff" + "020000000001" + "0806"
            + "0001" + "0800" + "0604" + "0001" + "020000000001" + "0a070001" + "000000000000" + "0a070001";

    @Test
    @Rule({"CQ9.1", "CQ9.2"})
    void theStackSendsAGratuitousArpAndTheDriverAcknowledges() {
        Wire wire = new Wire();
        try (DeviceLoop loop = new DeviceLoop("device").start()) {
            VirtioNetDevice device = new VirtioNetDevice(
                    DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")), wire);
            NetDev dev = new NetDev("test",
                    new VirtioNetDriver(DriverOptions.DEFAULT).probe(new InProcessTransport("test", device, loop)));
            dev.probe();
            try (dev; NetStack stack = NetStack.builder(dev).address(Ipv4Cidr.parse("10.7.0.1/24")).build()) {
                loop.call(device::announce);
                String sent = wire.frames.poll();
                while (sent == null) {
                    stack.doWork();
                    sent = wire.frames.poll();
                }
                assertEquals(GRATUITOUS_ARP, sent.substring(0, GRATUITOUS_ARP.length()));
                boolean[] asks = {true};
                while (asks[0]) {
                    stack.doWork();
                    loop.call(() -> asks[0] = (device.config()[6] & 2) != 0);
                }
            }
        }
    }

    /** Keeps what is sent, in hexadecimal. */
    private static final class Wire implements NetBackend {
        final BlockingQueue<String> frames = new LinkedBlockingQueue<>();

        @Override
        public String name() {
            return "wire";
        }

        @Override
        public void attach(FrameReceiver receiver) {}

        @Override
        public void start() {}

        @Override
        public void stop() {}

        @Override
        public Verdict transmit(Frame frame) {
            byte[] bytes = new byte[frame.length()];
            int at = 0;
            for (int piece = 0; piece < frame.pieces(); piece++) {
                MemorySegment.copy(frame.segment(piece), JAVA_BYTE, frame.offset(piece), bytes, at,
                        frame.length(piece));
                at += frame.length(piece);
            }
            frames.add(HexFormat.of().formatHex(bytes));
            return Verdict.CONSUMED;
        }

        @Override
        public int poll() {
            return 0;
        }

        @Override
        public void resume() {}

        @Override
        public boolean armWakeUps() {
            return true;
        }

        @Override
        public Offloads accepts() {
            return Offloads.NONE;
        }

        @Override
        public boolean linkUp() {
            return true;
        }

        @Override
        public void close() {}
    }
}
