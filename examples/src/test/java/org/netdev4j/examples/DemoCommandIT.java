package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code netdev4j demo}: needs nothing but a JVM; tshark reads what it recorded. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DemoCommandIT {
    @Test
    void losesNothing() {
        Result result = RunningProgram.run(RunningProgram.netdev4jCommand("demo")).assertExit(0).assertSilentOnStderr();
        assertTrue(result.out().contains("\n10 packets transmitted, 10 received, 0% packet loss"), result::toString);
        assertTrue(result.out().contains("\n1472 bytes from 10.7.0.1 port 7: udp_seq=10 time="), result::toString);
    }

    @Test
    void tsharkFindsNothingWrongInTheCapture(@TempDir Path directory) {
        Peers.require("tshark");
        String capture = directory.resolve("demo.pcapng").toString();
        RunningProgram.run(RunningProgram.netdev4jCommand("demo", "--pcap", capture)).assertExit(0)
                .assertSilentOnStderr();

        assertEquals("", tshark(capture, "_ws.malformed || _ws.expert.severity >= warning || eth.len > 1514"
                + " || ip.checksum.status == Bad || icmp.checksum.status == Bad || udp.checksum.status == Bad"));
        assertEquals(10, tshark(capture, "icmp.type == 8").lines().count());
        assertEquals(10, tshark(capture, "icmp.type == 0 && icmp.checksum.status == Good").lines().count());
        assertEquals(10, tshark(capture, "udp.dstport == 7 && udp.checksum.status == Good").lines().count());
        assertEquals(10, tshark(capture, "udp.srcport == 7 && udp.checksum.status == Good").lines().count());
    }

    /** The lines that tshark prints for the frames that match a display filter. */
    private static String tshark(String capture, String filter) {
        return RunningProgram.run("tshark", "-n", "-r", capture, "-o", "ip.check_checksum:TRUE", "-o",
                "udp.check_checksum:TRUE", "-Y", filter).assertExit(0).out();
    }
}
