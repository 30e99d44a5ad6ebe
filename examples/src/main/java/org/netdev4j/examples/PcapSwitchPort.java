package org.netdev4j.examples;

import java.nio.file.Path;

import org.netdev4j.netdev.capture.PcapReader;
import org.netdev4j.virtio.net.backend.Fabric;
import org.netdev4j.virtio.net.backend.Replay;
import org.netdev4j.virtio.net.device.Patch;

import picocli.CommandLine.TypeConversionException;

/**
 * A port where the frames of a capture file come in.
 *
 * @param rounds how often the file is replayed, 1 to 999,999,999
 */
record PcapSwitchPort(Path file, Replay.Pace pace, int rounds) implements SwitchPort {
    static final String KIND = "pcap:";
    static final String USAGE = "pcap:FILE[,pace=fast][,rounds=N]";

    /** @throws TypeConversionException if {@code text} names no such port */
    static PcapSwitchPort parse(String text) {
        String[] parts = text.substring(KIND.length()).split(",", -1);
        if (parts[0].isEmpty()) {
            throw new TypeConversionException("\"" + text + "\" has no file, expected " + USAGE);
        }
        PcapSwitchPort port = new PcapSwitchPort(Path.of(parts[0]), Replay.Pace.RECORDED, 1);
        for (int i = 1; i < parts.length; i++) {
            port = port.with(parts[i]);
        }
        return port;
    }

    private PcapSwitchPort with(String option) {
        if (option.equals("pace=recorded")) {
            return new PcapSwitchPort(file, Replay.Pace.RECORDED, rounds);
        }
        if (option.equals("pace=fast")) {
            return new PcapSwitchPort(file, Replay.Pace.FAST, rounds);
        }
        if (option.matches("rounds=[1-9][0-9]{0,8}")) {
            return new PcapSwitchPort(file, pace, Integer.parseInt(option.substring("rounds=".length())));
        }
        throw new TypeConversionException("\"" + option + "\" is no option of a port, expected " + USAGE
                + " with pace=recorded, the default, or pace=fast, and 1 round or more");
    }

    @Override
    public JoinedPort join(Fabric fabric, int mtu) {
        Replay replay = new Replay(file.toString(), PcapReader.open(file), pace, rounds, fabric.loop(),
                System::nanoTime);
        Patch patch = Patch.join(replay, fabric.newPort(), fabric.loop());
        return new JoinedPort(toString(), patch::counters, patch::close);
    }

    @Override
    public String toString() {
        return KIND + file;
    }
}
