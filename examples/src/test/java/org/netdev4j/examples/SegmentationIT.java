package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.agrona.concurrent.SystemEpochNanoClock;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;
import org.netdev4j.netdev.capture.PcapReader;
import org.netdev4j.netdev.capture.PcapngWriter;
import org.netdev4j.virtio.VirtioBus;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.DriverOptions;
import org.netdev4j.virtio.net.VirtioNetDriver;
import org.netdev4j.virtio.net.backend.CapturingBackend;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.Verdict;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.transport.inprocess.InProcessTransport;

/**
 * Frames of up to 64 KiB that a driver leaves to the device, whose back-end takes nothing over: what the device sends is judged by
 * scapy, which also made the frames, and by tshark.
 */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class SegmentationIT {
    private static final String PYTHON = "/usr/bin/python3";
    /** More than the receive queue takes. */
    private static final int BUFFERS = 1100;
    private static final int HEADROOM = 64;
    private static final int PIECE = 4000;

    @TempDir
    private static Path directory;
    private static Path sent;
    private static long frames;
    private static long payloadBytes;

    /** A frame of the script's: what the driver asks for. */
    private record Request(GsoType type, int size, int headerLength, int start, int offset) {
        static Request parse(String line) {
            String[] fields = line.split(" ");
            int[] numbers = Arrays.stream(fields).skip(1).mapToInt(Integer::parseInt).toArray();
            return new Request(GsoType.valueOf(fields[0]), numbers[0], numbers[1], numbers[2], numbers[3]);
        }

        int payload(int frameLength) {
            return frameLength - headerLength;
        }

        int segments(int frameLength) {
            return type == GsoType.NONE ? 1 : (payload(frameLength) + size - 1) / size;
        }
    }

    @BeforeAll
    static void send() {
        Peers.require("tshark");
        if (RunningProgram.run(PYTHON, "-c", "import scapy.all").exitCode() != 0) {
            Peers.missing("scapy");
        }
        Path large = directory.resolve("large.pcap");
        List<Request> requests = script("make", large).lines().map(Request::parse).toList();
        sent = directory.resolve("sent.pcapng");
        try (PcapngWriter writer = PcapngWriter.create(sent, PcapngWriter.WHOLE_FRAMES);
                PcapReader reader = PcapReader.open(large)) {
            send(requests, reader, new CapturingBackend(new Wire(), writer, new SystemEpochNanoClock()));
        }
    }

    private static void send(List<Request> requests, PcapReader reader, NetBackend backend) {
        DeviceSettings settings = DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01"));
        VirtioBus<NetDevOps> bus = new VirtioBus<>();
        bus.register(new VirtioNetDriver(DriverOptions.DEFAULT));
        try (DeviceLoop loop = new DeviceLoop("device").start()) {
            VirtioNetDevice device = new VirtioNetDevice(settings, backend);
            try (InProcessTransport transport = new InProcessTransport("nd0", device, loop);
                    NetDev driver = new NetDev("nd0", bus.add(transport));
                    NetBufPool pool = NetBufPool.builder().buffers(BUFFERS).headroom(HEADROOM).dataSize(PIECE)
                            .build()) {
                driver.probe();
                driver.configure(new NetDevConfig(1, 1));
                driver.configureRxQueue(0, RxQueueConfig.polled(pool));
                TxQueue queue = driver.configureTxQueue(0, TxQueueConfig.POLLED);
                driver.start();
                for (Request request : requests) {
                    assertTrue(reader.next());
                    frames += request.segments(reader.length());
                    payloadBytes += request.payload(reader.length());
                    assertTrue(queue.transmit(packet(pool, reader, request)));
                    awaitSent(queue);
                }
                long cut = requests.stream().filter(request -> request.type != GsoType.NONE).count();
                assertEquals(cut, device.counters().get("device tx cut"), "the device cut them, not the driver");
                assertEquals(requests.size() - cut, device.counters().get("device tx checksums"));
                driver.stop();
            } finally {
                loop.call(device::close);
            }
        }
    }

    /** In pieces: headers and payload are cut anywhere. */
    private static NetBuf packet(NetBufPool pool, PcapReader frame, Request request) {
        NetBuf packet = null;
        for (int at = 0; at < frame.length(); at += PIECE) {
            int length = Math.min(PIECE, frame.length() - at);
            NetBuf piece = pool.allocate();
            piece.append(length);
            piece.copyFrom(0, frame.segment(), frame.offset() + at, length);
            if (packet == null) {
                packet = piece;
            } else {
                packet.chain(piece);
            }
        }
        packet.partialChecksum(request.start, request.offset);
        if (request.type != GsoType.NONE) {
            packet.gso(request.type, request.size, request.headerLength);
        }
        return packet;
    }

    private static void awaitSent(TxQueue queue) {
        while (queue.reclaim() == 0) {
            Thread.onSpinWait();
        }
    }

    private static String script(String command, Path file) {
        return RunningProgram.run(PYTHON, System.getProperty("netdev4j.segments"), command, file.toString())
                .assertExit(0).out();
    }

    private static List<String> tshark(String... options) {
        String[] command = {"tshark", "-n", "-r", sent.toString(), "-o", "ip.check_checksum:TRUE", "-o",
            "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"};
        String[] all = Arrays.copyOf(command, command.length + options.length);
        System.arraycopy(options, 0, all, command.length, options.length);
        return RunningProgram.run(all).assertExit(0).out().lines().toList();
    }

    @Test
    void scapyFindsEveryByteAsItBelongsOnTheWire() {
        assertEquals(frames + " frames " + payloadBytes + " bytes\n", script("check", sent));
    }

    @Test
    void tsharkFindsEveryChecksumGood() {
        assertEquals(frames,
                tshark("-Y", "tcp.checksum.status == Good || udp.checksum.status == Good").size());
        assertEquals(List.of(), tshark("-Y", "ip.checksum.status == Bad || _ws.malformed"));
    }

    @Test
    void tsharkFindsNoHoleInAStreamAndAllOfItsBytes() {
        assertEquals(List.of(), tshark("-Y", "tcp.analysis.lost_segment || tcp.analysis.out_of_order"
                + " || tcp.analysis.retransmission || tcp.analysis.ack_lost_segment"));
        long tcp = tshark("-Y", "tcp", "-T", "fields", "-e", "tcp.len").stream().mapToLong(Long::parseLong).sum();
        long udp = tshark("-Y", "udp", "-T", "fields", "-e", "udp.length").stream()
                .mapToLong(length -> Long.parseLong(length) - 8).sum();
        assertEquals(payloadBytes, tcp + udp);
    }

    @Test
    void noFrameIsLongerThanTheNetworkTakes() {
        assertEquals(List.of(), tshark("-Y", "frame.len > 1514"));
    }

    /** A back-end that leaves everything to the device. */
    private static final class Wire implements NetBackend {
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
