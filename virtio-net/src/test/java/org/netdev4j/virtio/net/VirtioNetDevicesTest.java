package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netdev.DeviceStringException;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevDriver;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.NetDevRegistry;
import org.netdev4j.virtio.net.backend.CapturedPacket;

/** Devices by name, both ends and their threads as an application gets them. */
@Timeout(60)
class VirtioNetDevicesTest {
    @TempDir
    Path directory;

    /** The next frame; the test's own time limit ends what never comes. */
    private static byte[] next(Station station) {
        byte[] frame = station.receive();
        while (frame == null) {
            Thread.onSpinWait();
            frame = station.receive();
        }
        return frame;
    }

    @Test
    void isFoundByTheRegistry() {
        Set<String> kinds = NetDevRegistry.kinds().stream().map(NetDevDriver.Kind::name).collect(Collectors.toSet());
        assertTrue(kinds.containsAll(Set.of("loopback", "hub", "tap")), kinds.toString());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "loopback:x                    | takes no address",
        "hub                           | needs the name of a hub",
        "tap                           | needs the name of an interface",
        "tap:a-name-that-is-too-long   | a-name-that-is-too-long",
        "loopback,queues=129           | option queues is \"129\", allowed is a number from 1 to 128",
        "vhost-user                    | needs the path of a socket",
        "vhost-user:s,queues=129       | option queues is \"129\", allowed is a number from 1 to 128",
        "vhost-user:s,answer-timeout=0 | option answer-timeout is \"0\", allowed is a number from 1 to 3600",
        "vhost-user:s,server=1         | option server takes no value",
        "loopback,speed=10             | unknown option \"speed\"",
        "loopback,mac=ff:ff:ff:ff:ff:ff| mac",
        "loopback,mtu=67               | mtu",
        "loopback,size=100             | size",
        "loopback,features=+nonsense   | NONSENSE"})
    void aWrongDeviceStringSaysWhatIsWrong(String deviceString, String expected) {
        DeviceStringException e = assertThrows(DeviceStringException.class, () -> NetDev.open(deviceString));
        assertTrue(e.getMessage().contains(expected), e.getMessage());
    }

    @Test
    void buffersWithoutHeadroomGoBothWays() {
        try (Station station = new Station("loopback", 0)) {
            byte[] frame = Station.numbered(1, 1514);
            assertTrue(station.send(frame));
            assertArrayEquals(frame, next(station));
        }
    }

    @Test
    void aCaptureFileThatCannotBeWrittenSaysSo() {
        String file = directory.resolve("missing/x.pcapng").toString();
        NetDevException e = assertThrows(NetDevException.class, () -> NetDev.open("loopback,pcap=" + file));
        assertTrue(e.getMessage().contains(file), e.getMessage());
    }

    @Test
    void aCaptureThatCouldNotBeWrittenIsToldWhenTheDeviceIsClosed() {
        Station station = new Station("loopback,pcap=/dev/full");
        assertTrue(station.send(Station.numbered(1, 60)));
        next(station);
        NetDevException e = assertThrows(NetDevException.class, station::close);
        assertTrue(e.getMessage().contains("/dev/full"), e.getMessage());
        station.pool.close();
    }

    @Test
    void ringsAreSplitUnlessAskedOtherwise() {
        try (Station split = new Station("loopback"); Station packed = new Station("loopback,ring=packed,size=100")) {
            assertFalse(split.dev.details().get("features negotiated").contains("RING_PACKED"));
            assertTrue(packed.dev.details().get("features negotiated").contains("RING_PACKED"));
            assertEquals("rx0=100 tx0=100", packed.dev.details().get("queue sizes"));
            assertFalse(packed.dev.rxQueueInfo(0).powerOfTwo());
        }
    }

    @Test
    void optionsReachBothEnds() {
        try (Station station = new Station("loopback,mac=02:00:00:00:00:42,mtu=1280,size=64,features=-CSUM")) {
            assertEquals(MacAddress.parse("02:00:00:00:00:42"), station.dev.macAddress());
            assertEquals(1280, station.dev.mtu());
            assertEquals(1280, station.dev.info().maxMtu());
            assertEquals(64, station.dev.rxQueueInfo(0).defaultSize());
            String negotiated = station.dev.details().get("features negotiated");
            assertTrue(negotiated.contains("GUEST_CSUM") && !negotiated.contains(" CSUM"), negotiated);
        }
    }

    @Test
    void aDeviceWithoutAnAddressOfItsOwnGetsALocalOne() {
        try (Station one = new Station("hub:mac"); Station other = new Station("hub:mac")) {
            assertTrue(one.dev.macAddress().isLocallyAdministered());
            assertTrue(!one.dev.macAddress().equals(other.dev.macAddress()));
        }
    }

    @Test
    void theLoopbackReturnsWhatItIsSent() {
        try (Station station = new Station("loopback")) {
            byte[] sent = Station.numbered(7, 1514);
            assertTrue(station.send(sent));
            assertArrayEquals(sent, next(station));
        }
    }

    /** Every frame arrives once and in order, in both directions at the same time. */
    @ParameterizedTest
    @ValueSource(strings = {"ring=split", "ring=packed", "ring=packed,size=300,features=-EVENT_IDX-IN_ORDER",
        "ring=split,features=-EVENT_IDX-IN_ORDER-INDIRECT_DESC"})
    void twoDevicesOnAHubExchangeFramesWithoutLoss(String ring) {
        int frames = 10_000;
        try (Station a = new Station("hub:exchange," + ring); Station b = new Station("hub:exchange," + ring)) {
            int[] sent = new int[2];
            int[] received = new int[2];
            while (received[0] < frames || received[1] < frames) {
                step(a, sent, received, 0, frames);
                step(b, sent, received, 1, frames);
            }
            assertEquals(frames, a.dev.counters().get("device tx frames"));
            assertEquals(frames, a.dev.counters().get("device rx frames"));
            assertEquals(frames, b.dev.counters().get("device rx frames"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring=split", "ring=packed", "ring=split,features=-EVENT_IDX-IN_ORDER"})
    void everyBufferComesBackFromADeviceThatIsStoppedWhileItsLoopIsBusy(String ring) {
        try (Station station = new Station("loopback," + ring)) {
            for (int round = 0; round < 50; round++) {
                for (int i = 0; i < 20 + round; i++) {
                    station.send(Station.numbered(i, 60));
                }
                station.receive();
                station.dev.stop();
                assertEquals(station.pool.capacity(), station.pool.available());
                station.dev.start();
            }
        }
    }

    /** Sends a frame if not more than a ring's worth is under way, and takes what has come. */
    private static void step(Station station, int[] sent, int[] received, int i, int frames) {
        if (sent[i] < frames && sent[i] - received[1 - i] < 200
                && station.send(Station.numbered(sent[i], 60 + sent[i] % 1400))) {
            sent[i]++;
        }
        byte[] frame = station.receive();
        while (frame != null) {
            assertEquals(received[i], Station.number(frame));
            assertEquals(60 + received[i] % 1400, frame.length);
            received[i]++;
            frame = station.receive();
        }
    }

    @Test
    void theCaptureHasEveryFrameOnceAndInOrder() throws IOException {
        Path file = directory.resolve("hub.pcapng");
        try (Station a = new Station("hub:capture,pcap=" + file); Station b = new Station("hub:capture")) {
            for (int i = 0; i < 100; i++) {
                Station from = i % 2 == 0 ? a : b;
                Station to = i % 2 == 0 ? b : a;
                assertTrue(from.send(Station.numbered(i, 60 + i)));
                assertEquals(i, Station.number(next(to)));
            }
        }
        List<CapturedPacket> captured = CapturedPacket.read(Files.readAllBytes(file));
        assertEquals(100, captured.size());
        for (int i = 0; i < 100; i++) {
            assertArrayEquals(Station.numbered(i, 60 + i), captured.get(i).bytes);
        }
    }

    @Test
    void closingLeavesNoThreadAndNoFileDescriptorBehind() throws IOException {
        String pcap = ",pcap=" + directory.resolve("leak.pcapng");
        openAndClose(pcap);
        Set<String> threads = threads();
        int fds = openFds();
        for (int i = 0; i < 5; i++) {
            openAndClose(pcap);
        }
        assertEquals(threads, threads());
        assertEquals(fds, openFds());
    }

    private void openAndClose(String pcap) {
        new Station("loopback" + pcap).close();
        try (Station a = new Station("hub:leak"); Station b = new Station("hub:leak")) {
            assertTrue(a.send(Station.numbered(1, 60)));
            assertTrue(b.send(Station.numbered(1, 60)));
        }
        NetDev.open("hub:leak").close();
        assertThrows(NetDevException.class,
                () -> NetDev.open("hub:leak,pcap=" + directory.resolve("missing/x.pcapng")));
    }

    private static Set<String> threads() {
        Set<String> names = new TreeSet<>();
        Thread.getAllStackTraces().keySet().forEach(thread -> names.add(thread.getName()));
        return names;
    }

    private static int openFds() throws IOException {
        try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
            return (int) fds.count();
        }
    }
}
