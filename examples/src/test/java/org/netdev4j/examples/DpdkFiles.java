package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** The run-time files of a process that uses DPDK: two must not share theirs, and one that was killed leaves them behind. */
final class DpdkFiles {
    private static final AtomicInteger INSTANCES = new AtomicInteger();

    private final String prefix = "netdev4j-" + ProcessHandle.current().pid() + "-" + INSTANCES.incrementAndGet();

    /** For {@code --file-prefix}. */
    String prefix() {
        return prefix;
    }

    /** After the process has ended. */
    void delete() {
        File directory = Path.of("/var/run/dpdk", prefix).toFile();
        File[] left = directory.listFiles();
        if (left != null) {
            for (File file : left) {
                assertTrue(file.delete(), file::toString);
            }
            assertTrue(directory.delete(), directory::toString);
        }
    }
}
