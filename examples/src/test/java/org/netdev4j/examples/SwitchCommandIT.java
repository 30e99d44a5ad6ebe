package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code netdev4j switch} between two TAPs, each moved to a namespace of its own: two Linux hosts on one switch. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SwitchCommandIT {
    private static final String LEFT = "10.5.0.1";
    private static final String RIGHT = "10.5.0.2";
    private static final Pattern READY = Pattern.compile("switch: .*");
    private static final Pattern RECEIVED = Pattern.compile("([0-9.]+) Mbits/sec.* receiver");
    private static final Pattern PASSED = Pattern
            .compile("tap:left .*received (\\d+) packets .*Gbit/s\\), sent (\\d+) .*");

    private final NetNamespace switches = new NetNamespace();
    private final NetNamespace left = new NetNamespace();
    private final NetNamespace right = new NetNamespace();
    private RunningProgram program;

    @BeforeAll
    static void needsPeers() {
        Peers.requireTapAnd("ping", "iperf3", "ethtool", "tc");
    }

    @AfterEach
    void close() {
        try (switches; left; right) {
            if (program != null) {
                program.close();
            }
        }
    }

    private void start(String options, String... more) {
        String[] args = {"switch", "--stats", "--port", "tap:left" + options, "--port", "tap:right" + options};
        String[] all = Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        program = switches.start(RunningProgram.netdev4jCommand(all));
        program.awaitLine(READY);
        move("left", left, LEFT);
        move("right", right, RIGHT);
    }

    private void move(String tap, NetNamespace host, String address) {
        switches.exec("ip", "link", "set", tap, "netns", host.name()).assertExit(0);
        host.bringUp(tap, address + "/24");
    }

    private void assertPing() {
        left.exec("ping", "-n", "-c", "5", "-i", "0.1", "-W", "3", RIGHT).assertExit(0);
    }

    /** @return Mbit/s that arrived */
    private double iperf(String... options) {
        try (RunningProgram server = right.start("iperf3", "-s", "-1", "--forceflush")) {
            server.awaitLine(Pattern.compile("Server listening.*"));
            String[] client = {"iperf3", "-f", "m", "-c", RIGHT, "-t", "1"};
            String[] all = Arrays.copyOf(client, client.length + options.length);
            System.arraycopy(options, 0, all, client.length, options.length);
            Result result = left.exec(all).assertExit(0);
            Matcher rate = RECEIVED.matcher(result.out());
            assertTrue(rate.find(), result::toString);
            return Double.parseDouble(rate.group(1));
        }
    }

    private static long counter(NetNamespace host, String protocol, String column) {
        List<String[]> lines = host.exec("grep", "^" + protocol + ":", "/proc/net/snmp").assertExit(0).out().lines()
                .map(line -> line.split(" ")).toList();
        return Long.parseLong(lines.get(1)[Arrays.asList(lines.get(0)).indexOf(column)]);
    }

    private void assertNoBadChecksums() {
        for (NetNamespace host : List.of(left, right)) {
            assertEquals(0, counter(host, "Tcp", "InCsumErrors"));
            assertEquals(0, counter(host, "Udp", "InCsumErrors"));
        }
    }

    @ParameterizedTest
    @CsvSource({"'', false", "'', true", "',vnet=off', false", "',vnet=off', true"})
    void tcpAndUdpCrossWithGoodChecksums(String options, boolean hub) {
        start(options, hub ? new String[]{"--hub"} : new String[0]);
        assertPing();
        assertTrue(iperf() > 100, "Mbit/s of TCP");
        assertTrue(iperf("-R") > 100, "Mbit/s of TCP, the other way");
        assertTrue(iperf("-u", "-b", "50M") > 40, "Mbit/s of UDP");
        assertNoBadChecksums();
    }

    /** Linux sends 64 KiB at once and gets them at once: nobody on the way cuts them. */
    @Test
    void largeSegmentsCrossWithoutBeingSplitWhenBothSidesAllowIt() {
        start("");
        assertPing();
        double mbits = iperf();
        Matcher passed = PASSED.matcher(program.terminate().await().assertExit(0).out());
        assertTrue(passed.find());
        double bytesPerFrame = mbits / 8 * 1e6 / Long.parseLong(passed.group(1));
        assertTrue(bytesPerFrame > 10_000, "bytes of a frame: " + bytesPerFrame);
    }

    @Test
    void aTapWithSeveralQueuesSpreadsFlows() {
        start(",queues=2");
        assertPing();
        assertTrue(iperf("-P", "8") > 100, "Mbit/s of TCP");
        String queues = left.exec("ls", "/sys/class/net/left/queues").assertExit(0).out();
        assertTrue(queues.contains("tx-1") && queues.contains("rx-1"), queues);
        String spread = left.exec("tc", "-s", "qdisc", "show", "dev", "left").assertExit(0).out();
        assertTrue(Pattern.compile("parent :1 .*?Sent ([1-9]\\d*) bytes.*?parent :2 .*?Sent ([1-9]\\d*) bytes"
                + "|parent :2 .*?Sent ([1-9]\\d*) bytes.*?parent :1 .*?Sent ([1-9]\\d*) bytes", Pattern.DOTALL)
                .matcher(spread).find(), spread);
        assertNoBadChecksums();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",queues=2"})
    void interfacesThatGoDownAndUpAndChangeTheirMtuAreSurvived(String options) {
        start(options);
        assertPing();
        for (int i = 0; i < 3; i++) {
            right.exec("ip", "link", "set", "right", "down").assertExit(0);
            left.exec("ping", "-n", "-c", "3", "-i", "0.05", "-W", "1", RIGHT);
            right.exec("ip", "link", "set", "right", "up").assertExit(0);
            assertPing();
        }
        for (NetNamespace host : List.of(left, right)) {
            host.exec("ip", "link", "set", host == left ? "left" : "right", "mtu", "9000").assertExit(0);
        }
        left.exec("ping", "-n", "-c", "3", "-i", "0.1", "-M", "do", "-s", "8900", "-W", "3", RIGHT).assertExit(0);
    }

    @Test
    void aTapThatIsRemovedWhileItRunsTakesNothingElseWithIt() {
        start("", "--port", "tap:third");
        switches.exec("ip", "link", "set", "third", "up").assertExit(0);
        assertPing();
        switches.exec("ip", "link", "delete", "third").assertExit(0);
        program.awaitErrorLine(Pattern.compile(".*tap:third: the interface is gone.*"));
        assertPing();
        program.terminate().await().assertExit(0);
    }

    /** Large segments and partial checksums too, with a tag in front of them on the way. */
    @ParameterizedTest
    @ValueSource(strings = {",vlan=10", ",vlan=10,vnet=off"})
    void hostsOfOneVlanReachEachOther(String options) {
        start(options);
        assertPing();
        assertTrue(iperf() > 100, "Mbit/s of TCP");
        assertTrue(iperf("-R") > 100, "Mbit/s of TCP, the other way");
        assertNoBadChecksums();
    }

    @Test
    void hostsOfDifferentVlansDoNotHearEachOther() {
        program = switches.start(RunningProgram.netdev4jCommand("switch", "--port", "tap:left,vlan=10", "--port",
                "tap:right,vlan=11"));
        program.awaitLine(READY);
        move("left", left, LEFT);
        move("right", right, RIGHT);
        left.exec("ping", "-n", "-c", "3", "-i", "0.1", "-W", "1", RIGHT).assertExit(1);
    }
}
