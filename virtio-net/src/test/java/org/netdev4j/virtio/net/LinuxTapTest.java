package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.netdev4j.netdev.LinkState;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevException;
import com.sun.management.ThreadMXBean;

/** A TAP device with Linux at the other end, in a network namespace of its own. */
@Timeout(60)
class LinuxTapTest {
    private static final String OURS = "10.7.0.2";
    private static final String LINUX = "10.7.0.1/24";

    private final String tap = Namespace.newInterface();
    private Namespace namespace;

    @BeforeAll
    static void assumePossible() {
        Namespace.assumePossible();
    }

    @BeforeEach
    void createNamespace() {
        namespace = new Namespace();
    }

    @AfterEach
    void deleteNamespace() {
        namespace.close();
    }

    /** A device on the TAP, which is up, has an address and knows ours. */
    private Station open(String options) {
        Station station = new Station("tap:" + tap + options);
        namespace.take(tap);
        namespace.in("ip", "addr", "add", LINUX, "dev", tap);
        up(station);
        return station;
    }

    private void up(Station station) {
        namespace.in("ip", "link", "set", tap, "up");
        namespace.in("ip", "neigh", "replace", OURS, "lladdr", station.dev.macAddress().toString(), "dev", tap, "nud",
                "permanent");
        await(() -> station.dev.linkState() == LinkState.UP);
    }

    /** The test's own time limit ends what never becomes true. */
    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    private static long counted(Station station, String counter) {
        return station.dev.counters().getOrDefault(counter, 0L);
    }

    /** Linux sends {@code count} echo requests, gets as many answers, and finds no fault with them. */
    private void assertAnswered(Station station, int count, int size) {
        long before = icmpCounter("InEchoReps");
        Process ping = namespace.start("ping", "-q", "-c", String.valueOf(count), "-s", String.valueOf(size), "-i",
                "0.01",
                OURS);
        for (int answered = 0; answered < count;) {
            byte[] frame = station.receive();
            if (frame != null && isEchoRequest(frame)) {
                await(() -> station.send(toReply(frame)));
                answered++;
            }
        }
        await(() -> icmpCounter("InEchoReps") == before + count);
        assertEquals(0, icmpCounter("InErrors") + icmpCounter("InCsumErrors"));
        ping.destroy();
        ping.onExit().join();
    }

    /** A counter of Linux's ICMP; what {@code ping} says depends on how long it waits. */
    private long icmpCounter(String name) {
        String[] icmp = namespace.in("cat", "/proc/net/snmp").lines().filter(line -> line.startsWith("Icmp: "))
                .toArray(String[]::new);
        int column = List.of(icmp[0].split(" ", -1)).indexOf(name);
        return Long.parseLong(icmp[1].split(" ", -1)[column]);
    }

    private static boolean isEchoRequest(byte[] frame) {
        return frame.length >= 42 && ByteBuffer.wrap(frame).getShort(12) == 0x0800 && frame[23] == 1 && frame[34] == 8;
    }

    /** Addresses swapped, type 0; the checksum grows by what the type shrank (RFC 1624). */
    private static byte[] toReply(byte[] request) {
        byte[] reply = request.clone();
        System.arraycopy(request, 0, reply, 6, 6);
        System.arraycopy(request, 6, reply, 0, 6);
        System.arraycopy(request, 26, reply, 30, 4);
        System.arraycopy(request, 30, reply, 26, 4);
        ByteBuffer view = ByteBuffer.wrap(reply);
        int checksum = Short.toUnsignedInt(view.getShort(36)) + 0x0800;
        view.put(34, (byte) 0).putShort(36, (short) (checksum + (checksum >> 16)));
        return reply;
    }

    @Test
    void linuxGetsAnAnswerToEveryPing() {
        try (Station station = open("")) {
            assertAnswered(station, 50, 56);
            assertAnswered(station, 5, 1472);
            assertAnswered(station, 5, 0);
        }
    }

    /** Driver posts no buffers, reading pauses, buffers are posted, reading resumes; nothing the kernel kept is lost. */
    @Test
    void readingPausesWhileTheDriverHasNoBuffersAndResumesWithThem() {
        int frames = 600;
        try (Station station = open(",size=64")) {
            floodInVain(frames);
            await(() -> counted(station, "back-end read pauses") > 0);
            assertEquals(64, counted(station, "device rx frames"));
            int received = 0;
            while (received < frames) {
                if (station.receive() != null) {
                    received++;
                }
            }
            assertAnswered(station, 3, 56);
        }
    }

    @Test
    void anInterfaceThatGoesDownAndUpIsALinkThatDoes() {
        try (Station station = open("")) {
            namespace.in("ip", "link", "set", tap, "down");
            await(() -> {
                station.send(Station.numbered(1, 60));
                return station.dev.linkState() == LinkState.DOWN;
            });
            assertTrue(counted(station, "back-end write drop link down") > 0);
            up(station);
            assertAnswered(station, 3, 56);
        }
    }

    @Test
    void aDeletedInterfaceTakesTheLinkDownAndTheDeviceStillCloses() {
        try (Station station = open("")) {
            namespace.in("ip", "link", "del", tap);
            await(() -> station.dev.linkState() == LinkState.DOWN);
            station.send(Station.numbered(1, 60));
            await(() -> counted(station, "back-end write drop link down") > 0);
        }
    }

    @Test
    void framesTooLargeForTheDeviceAreDroppedAndTheNextOnesPass() {
        try (Station station = open("")) {
            namespace.in("ip", "link", "set", tap, "mtu", "4000");
            pingInVain(3000);
            await(() -> counted(station, "device rx drop oversize") == 1);
            assertAnswered(station, 3, 56);
        }
    }

    @Test
    void framesTooLargeForTheDriversBuffersAreDroppedAndTheNextOnesPass() {
        try (Station station = open(",mtu=9000,features=-MTU-MRG_RXBUF")) {
            namespace.in("ip", "link", "set", tap, "mtu", "4000");
            pingInVain(3000);
            await(() -> counted(station, "device rx drop buffer too small") == 1);
            assertAnswered(station, 3, 56);
        }
    }

    @Test
    void aFrameThatIsNoFrameDoesNoHarm() {
        try (Station station = open("")) {
            byte[] garbage = new byte[60];
            Arrays.fill(garbage, (byte) 0xff);
            station.send(garbage);
            assertAnswered(station, 3, 56);
        }
    }

    @Test
    void noGarbageIsMadePerFrame() {
        try (Station station = open("")) {
            byte[] request = echoRequest(station);
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long loop = loopThread();
            long fewest = Long.MAX_VALUE;
            for (int attempt = 0; attempt < 300 && fewest > 0; attempt++) {
                long before = threads.getThreadAllocatedBytes(loop);
                for (int i = 0; i < 200; i++) {
                    assertTrue(station.send(request));
                    await(() -> station.receive() != null);
                }
                fewest = Math.min(fewest, threads.getThreadAllocatedBytes(loop) - before);
            }
            assertEquals(0, fewest, "bytes for 200 frames in each direction");
        }
    }

    private long loopThread() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals("tap:" + tap))
                .findAny().orElseThrow().threadId();
    }

    /** From us to Linux, which answers each. */
    private byte[] echoRequest(Station station) {
        MacAddress linux = MacAddress.parse(namespace.in("cat", "/sys/class/net/" + tap + "/address").strip());
        ByteBuffer frame = ByteBuffer.allocate(60);
        linux.write(MemorySegment.ofBuffer(frame), 0);
        station.dev.macAddress().write(MemorySegment.ofBuffer(frame), 6);
        frame.putShort(12, (short) 0x0800).putShort(14, (short) 0x4500).putShort(16, (short) 46);
        frame.putShort(22, (short) 0x4001).putInt(26, 0x0a070002).putInt(30, 0x0a070001).put(34, (byte) 8);
        frame.putShort(24, (short) NaiveChecksum.of(frame.array(), 14, 34));
        frame.putShort(36, (short) NaiveChecksum.of(frame.array(), 34, 60));
        return frame.array();
    }

    @Test
    void anInterfaceInUseSaysSo() {
        try (NetDev first = NetDev.open("tap:" + tap)) {
            NetDevException e = assertThrows(NetDevException.class, () -> NetDev.open("tap:" + tap));
            assertTrue(e.getMessage().contains("tap:" + tap) && e.getMessage().contains("another process has it open"),
                    e.getMessage());
            assertEquals("virtio-net", first.driverName());
        }
    }

    /** In a process without capabilities. */
    @Test
    void withoutPermissionTheMessageSaysWhatToDo() throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Process open = new ProcessBuilder("setpriv", "--bounding-set=-all", "--inh-caps=-all",
                ProcessHandle.current().info().command().orElseThrow(), "-cp", classPath,
                "--enable-native-access=ALL-UNNAMED", OpenDevice.class.getName(), "tap:" + tap)
                .redirectErrorStream(true).start();
        String output = new String(open.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(output.startsWith("NetDevException: cannot open tap:" + tap), output);
        assertTrue(output.contains("EPERM") && output.contains("run as root or give CAP_NET_ADMIN"), output);
    }

    @Test
    void aNameThatIsNoTapSaysSo() {
        NetDevException e = assertThrows(NetDevException.class, () -> NetDev.open("tap:lo"));
        assertTrue(e.getMessage().contains("tap:lo") && e.getMessage().contains("is no TAP"), e.getMessage());
    }

    @Test
    void theLinkIsDownUntilTheInterfaceIsUp() {
        try (Station station = new Station("tap:" + tap)) {
            assertEquals(LinkState.DOWN, station.dev.linkState());
            Namespace.run("ip", "link", "set", tap, "up");
            await(() -> station.dev.linkState() == LinkState.UP);
        }
    }

    @Test
    void closingLeavesNoFileDescriptorBehindAndTheInterfaceGone() throws IOException {
        new Station("tap:" + tap).close();
        int fds = openFds();
        for (int i = 0; i < 5; i++) {
            new Station("tap:" + tap).close();
        }
        assertEquals(fds, openFds());
        assertTrue(Files.notExists(Path.of("/sys/class/net", tap)));
    }

    private static int openFds() throws IOException {
        try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
            return (int) fds.count();
        }
    }

    /** Sends an echo request that nobody answers. */
    private void pingInVain(int size) {
        inVain("ping", "-q", "-c", "1", "-s", String.valueOf(size), "-W", "0.1", OURS);
    }

    /** Sends {@code count} echo requests that nobody answers, at once. */
    private void floodInVain(int count) {
        inVain("ping", "-q", "-l", String.valueOf(count), "-c", String.valueOf(count), "-W", "0.1", OURS);
    }

    private void inVain(String... command) {
        Process ping = namespace.start(command);
        try {
            ping.getInputStream().readAllBytes();
            ping.waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
