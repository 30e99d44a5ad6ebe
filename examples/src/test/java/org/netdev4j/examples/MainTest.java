package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line in this JVM: usage, errors and exit codes. */
class MainTest {
    @ParameterizedTest
    @ValueSource(strings = {"--help", "demo --help", "echo --help", "ping --help", "info --help", "top --help"})
    void helpIsPrinted(String args) {
        Result result = run(args).assertExit(0).assertSilentOnStderr();
        assertTrue(result.out().startsWith("Usage: netdev4j"), result::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "demo --version", "echo --version", "ping --version", "info --version",
        "pktgen --version"})
    void versionIsOneLine(String args) {
        Result result = run(args).assertExit(0).assertSilentOnStderr();
        assertTrue(result.out().matches("netdev4j \\S+, Java 25\\S*\n"), result::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo --help", "ping --help", "info --help", "pktgen --help"})
    void helpListsTheDevices(String args) {
        assertTrue(run(args).out().contains("tap:IFNAME"), () -> run(args).toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                                  | Missing required subcommand
            fly                                                 | 'fly'
            demo --fast                                         | '--fast'
            demo -c none                                        | 'none'
            demo -c 0                                           | -c 0
            top x                                               | 'x'
            top 1 --count 0                                     | --count 0
            top 1 --interval 0.01                               | --interval
            demo --drop 101                                     | "101"
            demo --corrupt some                                 | "some"
            info --device loopback --delay 20                   | "20"
            echo --device loopback --ip 10.7.0.2/24 --delay 2h  | "2h"
            ping --device loopback --ip 10.7.0.2/24 10.7.0.1 --shape fast | "fast"
            ping --device loopback --ip 10.7.0.2/24 10.7.0.1 --seed x | 'x'
            echo                                                | '--device=DEV'
            echo --device loopback                              | '--ip=CIDR'
            echo --device loopback --ip 10.7.0.2                | "10.7.0.2"
            echo --device loopback --ip 10.7.0.2/33             | "10.7.0.2/33"
            echo --device loopback --ip 10.7.0.300/24           | "10.7.0.300"
            echo --device loopback --ip 224.0.0.1/24            | 224.0.0.1
            echo --device loopback --ip 10.7.0.0/24             | 10.7.0.0
            echo --device loopback --ip 10.7.0.255/24           | 10.7.0.255
            echo --device loopback --ip 10.7.0.2/24 --gateway x | "x"
            echo --device loopback --ip 10.7.0.2/24 --gateway 10.8.0.1 | 10.8.0.1
            echo --device loopback --ip 10.7.0.2/24 --wait much | much
            echo --device loopback --ip 10.7.0.2/24 --udp-port 0 | "0"
            echo --device loopback --ip 10.7.0.2/24 --duration -1 | "-1"
            echo --device tun:nd0 --ip 10.7.0.2/24              | tun
            echo --device tap: --ip 10.7.0.2/24                 | tap
            echo --device tap:a-name-that-is-too-long --ip 10.7.0.2/24 | a-name-that-is-too-long
            echo --device loopback,speed=9 --ip 10.7.0.2/24     | speed
            echo --device loopback,mtu=big --ip 10.7.0.2/24     | big
            echo --device loopback,mac=1:2 --ip 10.7.0.2/24     | 1:2
            info --device ''                                    | device
            pktgen --device loopback                            | '--mode=MODE'
            pktgen --device loopback --mode fly                 | 'fly'
            pktgen --device loopback --mode tx --size 59        | --size 59
            pktgen --device loopback --mode tx --size 1515      | --size 1515
            pktgen --device loopback --mode tx --burst 0        | --burst 0
            pktgen --device loopback --mode tx --queues 0       | --queues 0
            pktgen --device loopback --mode tx --rate fast      | "fast"
            info --device nothing                               | nothing
            ping --device loopback --ip 10.7.0.2/24             | 'HOST'
            ping --device loopback --ip 10.7.0.2/24 example.org | "example.org"
            ping --device loopback --ip 10.7.0.2/24 10.8.0.1    | 10.8.0.1
            ping --device loopback --ip 10.7.0.2/24 10.7.0.1 -c 0 | -c 0
            ping --device loopback --ip 10.7.0.2/24 10.7.0.1 -s -1 | -s -1
            ping --device loopback --ip 10.7.0.2/24 10.7.0.1 -s 1473 | 1473
            ping --device loopback --ip 10.7.0.2/24 10.7.0.1 -i 0 | -i
            ping --device loopback --ip 10.7.0.2/24 10.7.0.1 -i x | "x"
            switch --port tap:a,vlan=4095                       | "vlan=4095"
            switch --port tun:nd0                               | "tun:nd0"
            switch --port pcap:                                 | "pcap:"
            switch --port pcap:a,pace=slow                      | "pace=slow"
            switch --port pcap:a,rounds=0                       | "rounds=0"
            switch --port pcap:a,rounds=9999999999              | "rounds=9999999999"
            switch --port pcap:a                                | two ports
            """)
    void wrongUsageIsOneLineThatNamesIt(String args, String named) {
        Result result = run(args).assertExit(2);
        assertEquals("", result.out(), result::toString);
        assertTrue(Pattern.matches("netdev4j[^\n]*" + Pattern.quote(named) + "[^\n]*\n", result.err()),
                result::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "echo", "ping", "info", "pktgen"})
    void everyCommandThatOpensADeviceTakesWhatGoesAroundIt(String command) {
        String help = run(command + " --help").out();
        for (String option : List.of("--pcap", "--trace", "--drop", "--duplicate", "--corrupt", "--reorder", "--delay",
                "--shape", "--seed")) {
            assertTrue(help.contains(" " + option), help);
        }
    }

    @Test
    void aRandomSeedIsPrintedAndAGivenOneIsNot() {
        Result random = run("info --device loopback --drop 10").assertExit(0);
        assertTrue(random.err().matches("netdev4j info: --seed [0-9]+ repeats these faults\n"), random::toString);
        run("info --device loopback --drop 10 --seed 5").assertExit(0).assertSilentOnStderr();
    }

    @Test
    void verboseShowsTheStackTrace() {
        Result result = run("info --device nothing --verbose").assertExit(2);
        assertTrue(result.err().contains("DeviceStringException"), result::toString);
        assertTrue(result.err().contains("\tat org.netdev4j."), result::toString);
    }

    @Test
    void infoShowsTheDevice() {
        String out = run("info --device loopback,mac=52:54:00:00:00:01,mtu=1280").assertExit(0).assertSilentOnStderr()
                .out();
        assertTrue(out.contains("virtio-net"), out);
        assertTrue(out.contains("52:54:00:00:00:01"), out);
        assertTrue(out.contains("1280"), out);
        assertTrue(out.contains("VERSION_1"), out);
    }

    @Test
    void pingWithoutAnyReplyFailsAsPingDoes() {
        String out = run("ping --device hub:nobody-there --ip 10.7.0.2/24 10.7.0.9 -c 1 -W 0.05").assertExit(1)
                .assertSilentOnStderr().out();
        assertTrue(out.contains("1 packets transmitted, 0 received, 100% packet loss"), out);
    }

    private static Result run(String args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = args.isEmpty() ? new String[0] : args.replace("''", "").split(" ", -1);
        int exitCode = Main.run(new PrintWriter(out), new PrintWriter(err), words);
        return new Result("netdev4j " + args, exitCode, out.toString(), err.toString());
    }
}
