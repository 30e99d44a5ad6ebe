package org.netdev4j.virtio.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The anonymous and TUN descriptors this process has open, from /proc/self/fd: the JVM's own jars come and go. */
public final class OpenFds {
    private final List<String> before = list();

    private OpenFds() {}

    public static OpenFds now() {
        return new OpenFds();
    }

    public void assertNoneLeaked() {
        assertEquals(before, list());
    }

    private static List<String> list() {
        List<String> targets = new ArrayList<>();
        try (var fds = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path fd : fds) {
                String target = target(fd);
                if (target.startsWith("anon_inode:") || target.startsWith("socket:") || target.endsWith("/tun")
                        || target.startsWith("/memfd:")) {
                    targets.add(fd.getFileName() + " " + target);
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        targets.sort(String::compareTo);
        return targets;
    }

    private static String target(Path fd) {
        try {
            return Files.readSymbolicLink(fd).toString();
        } catch (IOException gone) {
            return "";
        }
    }
}
