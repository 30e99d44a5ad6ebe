package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests of QEMU on {@code netdev4j switch}, with Linux at a TAP of it. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class QemuGuestIT {
    private static final String TAP = "nd0";
    private static final String HOST = "10.9.0.1";
    private static final String FIRST_MAC = "52:54:00:00:00:02";
    private static final String SECOND_MAC = "52:54:00:00:00:03";
    private static final int DOWNLOAD_BYTES = 200_000_000;
    private static final Pattern READY = Pattern.compile("switch: .*");
    private static final Pattern BITRATE = Pattern.compile("([0-9.]+) Mbits/sec +receiver");

    @TempDir
    Path directory;

    @BeforeAll
    static void needsPeers() {
        Peers.requireTapAnd("ping", "iperf3");
        QemuGuest.requireBuilt();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",packed=on", ",mrg_rxbuf=off", ",event_idx=off,indirect_desc=off"})
    void aGuestAndTheHostPingEachOther(String properties) {
        Path socket = directory.resolve("s");
        try (NetNamespace namespace = new NetNamespace();
                RunningProgram _ = startSwitch(namespace, "vhost-user:" + socket);
                QemuGuest guest = new QemuGuest(directory, QemuGuest.Nic.client(socket, FIRST_MAC)
                        .withProperties(properties), "10.9.0.2/24")) {
            guest.run("ping -c 5 -i 0.2 -W 5 " + HOST);
            guest.run("ping -c 3 -i 0.2 -s 1400 -W 5 " + HOST);
            namespace.exec("ping", "-c", "5", "-i", "0.2", "10.9.0.2").assertExit(0);
        }
    }

    @Test
    void tcpWithSegmentationAndChecksumOffloadCrosses() {
        Path socket = directory.resolve("s");
        try (NetNamespace namespace = new NetNamespace();
                RunningProgram _ = startSwitch(namespace, "vhost-user:" + socket);
                QemuGuest guest = new QemuGuest(directory, QemuGuest.Nic.client(socket, FIRST_MAC), "10.9.0.2/24");
                RunningProgram _ = namespace.start("iperf3", "-s")) {
            String offloads = guest.run("ethtool -k eth0");
            assertTrue(offloads.contains("tcp-segmentation-offload: on"), offloads);
            assertTrue(offloads.contains("tx-checksumming: on"), offloads);
            guest.run("ping -c 1 -W 5 " + HOST);
            assertReceives(guest.run("iperf3 -f m -t 3 -c " + HOST));
            assertReceives(guest.run("iperf3 -f m -t 3 -R -c " + HOST));
            String errors = namespace.exec("grep", "^Tcp:", "/proc/net/snmp").assertExit(0).out();
            assertTrue(errors.lines().toList().get(1).endsWith(" 0"), "checksum errors: " + errors);
        }
    }

    private static void assertReceives(String report) {
        Matcher rate = BITRATE.matcher(report);
        assertTrue(rate.find(), report);
        assertTrue(Double.parseDouble(rate.group(1)) > 10, report);
    }

    @Test
    void twoGuestsPingEachOther() {
        Path first = directory.resolve("a");
        Path second = directory.resolve("b");
        try (NetNamespace namespace = new NetNamespace();
                RunningProgram _ = startSwitch(namespace, "vhost-user:" + first, "vhost-user:" + second);
                QemuGuest one = new QemuGuest(directory, QemuGuest.Nic.client(first, FIRST_MAC), "10.9.0.2/24");
                QemuGuest two = new QemuGuest(directory, QemuGuest.Nic.client(second, SECOND_MAC), "10.9.0.3/24")) {
            one.run("ping -c 5 -i 0.2 -W 5 10.9.0.3");
            two.run("ping -c 5 -i 0.2 -W 5 10.9.0.2");
        }
    }

    /** Each side in turn listens at the socket and stays where the other finds it again. */
    @ParameterizedTest
    @ValueSource(strings = {"the switch listens", "QEMU listens"})
    void theNetworkOfAGuestComesBackByItselfWhenTheSwitchWasKilled(String who) {
        Path socket = directory.resolve("s");
        boolean qemuListens = who.startsWith("QEMU");
        String port = "vhost-user:" + socket + (qemuListens ? ",client" : "");
        QemuGuest.Nic nic = qemuListens
                ? QemuGuest.Nic.server(socket, FIRST_MAC)
                : QemuGuest.Nic.client(socket, FIRST_MAC);
        try (NetNamespace namespace = new NetNamespace()) {
            RunningProgram first = startSwitch(namespace, port);
            try (QemuGuest guest = new QemuGuest(directory, nic, "10.9.0.2/24")) {
                guest.run("ping -c 3 -i 0.2 -W 5 " + HOST);
                first.close();
                first.await();
                try (RunningProgram _ = startSwitch(namespace, port)) {
                    guest.run("for i in 1 2 3 4 5 6 7 8 9 10; do ping -c 1 -W 1 " + HOST + " && exit 0; done; exit 1");
                    guest.run("ping -c 5 -i 0.2 -W 2 " + HOST);
                }
            } finally {
                first.close();
            }
        }
    }

    /**
     * It downloads meanwhile, without checking checksums: a page that was written and not logged would be an old page on the other
     * machine.
     */
    @ParameterizedTest
    @ValueSource(strings = {",packed=on", ",mrg_rxbuf=off"})
    void aGuestMovesToAnotherMachineWhileItDownloads(String properties) throws IOException {
        Path first = directory.resolve("a");
        Path second = directory.resolve("b");
        Path migration = directory.resolve("migration");
        byte[] content = new byte[DOWNLOAD_BYTES];
        new Random(1).nextBytes(content);
        Path file = Files.write(directory.resolve("file"), content);
        String sum = RunningProgram.run("md5sum", file.toString()).assertExit(0).out().split(" ", 2)[0];
        QemuGuest.Nic nic = QemuGuest.Nic.client(first, FIRST_MAC).withProperties(properties);
        try (NetNamespace namespace = new NetNamespace();
                RunningProgram _ = startSwitch(namespace, "vhost-user:" + first, "vhost-user:" + second);
                RunningProgram _ = namespace.start("busybox", "httpd", "-f", "-p", "80", "-h", directory.toString());
                QemuGuest here = new QemuGuest(directory, nic, "10.9.0.2/24");
                QemuGuest there = QemuGuest.empty(directory, nic.at(second), "10.9.0.2/24", migration)) {
            here.run("ping -c 1 -W 5 " + HOST);
            here.start("wget -q -O - http://" + HOST + "/file | md5sum");
            here.migrateTo(there, migration);
            assertFalse(here.console().contains(sum), "the download was over before the guest had moved");
            assertEquals("0", there.exitOfStarted());
            assertTrue(there.console().contains(sum), there.console());
            there.run("ping -c 5 -i 0.2 -W 5 " + HOST);
        }
    }

    /** A switch between Linux's {@value #HOST} and the ports, ready for both. */
    private static RunningProgram startSwitch(NetNamespace namespace, String... ports) {
        String[] args = new String[3 + 2 * ports.length];
        args[0] = "switch";
        args[1] = "--port";
        args[2] = "tap:" + TAP;
        for (int i = 0; i < ports.length; i++) {
            args[3 + 2 * i] = "--port";
            args[4 + 2 * i] = ports[i];
        }
        RunningProgram program = namespace.start(RunningProgram.netdev4jCommand(args));
        try {
            program.awaitLine(READY);
            // A TAP that is created anew would get another address than the guest remembers.
            namespace.exec("ip", "link", "set", TAP, "address", "02:00:00:00:00:01").assertExit(0);
            namespace.bringUp(TAP, HOST + "/24");
        } catch (AssertionError e) {
            program.close();
            throw e;
        }
        return program;
    }
}
