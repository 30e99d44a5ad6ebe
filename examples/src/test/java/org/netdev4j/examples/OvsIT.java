package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A device of ours is a port of an Open vSwitch; Linux is at another port of it. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class OvsIT {
    private static final String LINUX = "10.8.0.1";
    private static final String OURS = "10.8.0.2";

    @TempDir
    Path directory;

    private NetNamespace namespace;
    private OvsDpdk ovs;

    @BeforeAll
    static void needsPeers() {
        OvsDpdk.requireInstalled();
    }

    @BeforeEach
    void start() {
        namespace = new NetNamespace();
        ovs = new OvsDpdk(namespace, directory);
        ovs.bringUp(LINUX + "/24");
    }

    @AfterEach
    void stop() {
        if (ovs != null) {
            ovs.close();
        }
        namespace.close();
    }

    @Test
    void linuxReachesADeviceThatConnectsToTheSwitch() {
        Path socket = ovs.addServerPort("vhu0");
        try (RunningProgram echo = echo("vhost-user:" + socket)) {
            assertLinuxGetsAnswers();
            echo.terminate().await().assertExit(0).assertSilentOnStderr();
        }
    }

    @Test
    void weReachLinuxThroughTheSwitch() {
        Path socket = ovs.addServerPort("vhu0");
        Result result = RunningProgram.run(RunningProgram.netdev4jCommand("ping", "--device", "vhost-user:" + socket,
                "--ip", OURS + "/24", LINUX, "-c", "60", "-i", "0.1")).assertExit(0);
        // Open vSwitch takes its time to look at a new port, seconds where the machine is busy; then nothing is lost.
        Matcher summary = Pattern.compile("60 packets transmitted, (\\d+) received").matcher(result.out());
        assertTrue(summary.find() && Integer.parseInt(summary.group(1)) >= 20, result::toString);
    }

    @Test
    void theSwitchConnectsToADeviceThatListensAndAgainAfterACrash() {
        Path socket = directory.resolve("ours.sock");
        ovs.addClientPort("vhc0", socket);
        try (RunningProgram echo = echo("vhost-user:" + socket + ",server")) {
            assertLinuxGetsAnswers();
            ovs.restart();
            echo.awaitErrorLine(Pattern.compile(".*: the back-end is back"));
            assertLinuxGetsAnswers();
            echo.terminate().await().assertExit(0);
        }
    }

    private static RunningProgram echo(String device) {
        return RunningProgram.start(RunningProgram.netdev4jCommand("echo", "--device", device, "--ip", OURS + "/24"));
    }

    private void assertLinuxGetsAnswers() {
        try (RunningProgram ping = namespace.start("ping", "-n", "-i", "0.1", OURS)) {
            ping.awaitLine(Pattern.compile("64 bytes from " + OURS + ": .*"));
        }
        namespace.exec("ping", "-n", "-q", "-c", "20", "-i", "0.01", OURS).assertExit(0);
    }
}
