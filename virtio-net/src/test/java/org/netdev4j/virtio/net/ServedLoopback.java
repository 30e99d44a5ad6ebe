package org.netdev4j.virtio.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.backend.Loopback;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.transport.vhostuser.VhostUserBackEnd;

/** A device that returns what it gets, served on a socket by a thread of its own; as a program, by a process of its own. */
final class ServedLoopback implements AutoCloseable {
    private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
    private static final long QUIET_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final DeviceLoop loop = new DeviceLoop("back-end").start();
    private VirtioNetDevice device;
    private VhostUserBackEnd backEnd;

    /** Serves a new device; the one before is closed. */
    void serve(Path socket, int pairs) {
        closeBackEnd();
        loop.call(() -> device = new VirtioNetDevice(
                DeviceSettings.of(MAC).withMaxPairs(pairs).withoutControlQueue(), new Loopback()));
        backEnd = VhostUserBackEnd.listen(socket, device, pairs, loop);
    }

    /** The device has a thread of its own: it has settled when nothing more happens to it. */
    void settle() {
        Map<String, Long> before;
        Map<String, Long> after = device.counters();
        int quiet = 0;
        while (quiet < 3) {
            LockSupport.parkNanos(QUIET_NS);
            loop.call(() -> {});
            before = after;
            after = device.counters();
            quiet = before.equals(after) ? quiet + 1 : 0;
        }
    }

    private void closeBackEnd() {
        if (backEnd != null) {
            backEnd.close();
            backEnd = null;
        }
    }

    @Override
    public void close() {
        closeBackEnd();
        loop.close();
    }

    /**
     * Does what it reads and answers each line with {@code done}: {@code serve PAIRS SOCKET}, {@code settle}. Ends with its
     * input, so that it never outlives whoever started it.
     */
    public static void main(String[] args) throws IOException {
        try (ServedLoopback served = new ServedLoopback();
                BufferedReader requests = new BufferedReader(
                        new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = requests.readLine(); line != null; line = requests.readLine()) {
                String[] words = line.split(" ", 3);
                switch (words[0]) {
                    case "serve" -> served.serve(Path.of(words[2]), Integer.parseInt(words[1]));
                    case "settle" -> served.settle();
                    default -> throw new IllegalArgumentException(line);
                }
                System.out.println("done");
            }
        }
    }
}
