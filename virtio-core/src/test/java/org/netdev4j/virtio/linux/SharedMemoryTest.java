package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;

class SharedMemoryTest {
    private final OpenFds before = OpenFds.now();

    @AfterEach
    void nothingStaysOpenOrMapped() {
        before.assertNoneLeaked();
        assertFalse(mappings().contains("memfd:shared-test"), mappings());
    }

    @Test
    void whatOneMappingWritesTheOtherReads() {
        try (MemoryRegion here = SharedMemory.allocate("shared-test", 10_000);
                MemoryRegion there = SharedMemory.map("received", here.backing().fd(), 0, 10_000, 0x1000)) {
            assertEquals(12_288, here.size(), "whole pages");
            assertEquals(here.segment().address(), here.deviceAddress());
            assertEquals(10_000, there.size());
            assertEquals(0x1000, there.deviceAddress());
            assertNull(there.backing());
            here.segment().set(JAVA_INT, 9996, 42);
            assertEquals(42, there.segment().get(JAVA_INT, 9996));
        }
    }

    @Test
    void aPartNeedNotBeginOnAPage() {
        try (MemoryRegion here = SharedMemory.allocate("shared-test", 8192);
                MemoryRegion part = SharedMemory.map("part", here.backing().fd(), 5000, 100, 0)) {
            here.segment().set(JAVA_BYTE, 5099, (byte) 7);
            assertEquals(7, part.segment().get(JAVA_BYTE, 99));
            assertThrows(IndexOutOfBoundsException.class, () -> part.segment().get(JAVA_BYTE, 100));
        }
    }

    @Test
    void aPartThatIsNotInTheFileIsRefused() {
        try (MemoryRegion here = SharedMemory.allocate("shared-test", 8192)) {
            int fd = here.backing().fd();
            for (long[] part : new long[][]{{0, 8193}, {8192, 1}, {1, 8192}, {-1, 10}, {0, 0}, {0, -1},
                {Long.MAX_VALUE, 1}, {1, Long.MAX_VALUE}}) {
                assertThrows(IllegalArgumentException.class, () -> SharedMemory.map("part", fd, part[0], part[1], 0),
                        part[0] + " " + part[1]);
            }
        }
    }

    @Test
    void aFileThatCannotBeMappedIsRefused() {
        try (EventFd event = EventFd.create()) {
            RuntimeException refused = assertThrows(RuntimeException.class,
                    () -> SharedMemory.map("part", event.fd(), 0, 4096, 0));
            assertEquals("part: 4096 bytes at offset 0 are not wholly inside a file of 0", refused.getMessage());
        }
        assertEquals(Errno.EBADF, assertThrows(ErrnoException.class,
                () -> SharedMemory.map("part", 1_000_000, 0, 4096, 0)).errno());
    }

    @Test
    void itsSizeIsSealed() {
        try (MemoryRegion region = SharedMemory.allocate("shared-test", 4096)) {
            assertEquals(-Errno.EPERM, MemoryCalls.ftruncate(region.backing().fd(), 0));
            assertEquals(-Errno.EPERM, MemoryCalls.ftruncate(region.backing().fd(), 8192));
        }
    }

    @Test
    void aPeerThatShrinksItsFileCausesAnErrorAndNotTheEndOfTheProcess() {
        int fd = MemoryCalls.memfdCreate("shared-test-shrinking", 0);
        try {
            assertEquals(0, MemoryCalls.ftruncate(fd, 8192));
            try (MemoryRegion region = SharedMemory.map("shrinking", fd, 0, 8192, 0)) {
                assertEquals(0, MemoryCalls.ftruncate(fd, 4096));
                assertEquals(0, region.segment().get(JAVA_BYTE, 0));
                assertThrows(InternalError.class, () -> readEverywhere(region.segment()));
            }
        } finally {
            FileCalls.close(fd);
        }
    }

    /** The JVM tells of the fault some instructions later, so there must be some. */
    private static long readEverywhere(MemorySegment memory) {
        long sum = 0;
        for (int i = 0; i < 100; i++) {
            sum += memory.get(JAVA_BYTE, 4096 + i);
        }
        return sum;
    }

    @Test
    void hugePagesAreMappedWhereTheyAreReservedAndAskedForWhereNot() throws IOException {
        long free = freeHugePages();
        try (MemoryRegion region = SharedMemory.allocate("shared-test", 1, PageSize.HUGE_2M)) {
            assertTrue(free > 0, "mapped without a free huge page");
            assertEquals(2 << 20, region.size());
            try (MemoryRegion part = SharedMemory.map("part", region.backing().fd(), 4096, 4096, 0)) {
                region.segment().set(JAVA_INT, 8188, 42);
                assertEquals(42, part.segment().get(JAVA_INT, 4092));
            }
        } catch (ErrnoException e) {
            assumeTrue(e.errno() == Errno.ENOMEM, e.getMessage());
            assertEquals(0, free, e.getMessage());
            assertEquals(
                    "map shared-test: ENOMEM (out of memory): it needs 1 free huge pages of 2 MiB; reserve them with"
                            + " \"sysctl vm.nr_hugepages=N\" (/proc/meminfo shows how many are free)",
                    e.getMessage());
        }
    }

    private static long freeHugePages() throws IOException {
        return Files.readAllLines(Path.of("/proc/meminfo")).stream().filter(line -> line.startsWith("HugePages_Free"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElse(0);
    }

    private static String mappings() {
        try {
            return Files.readString(Path.of("/proc/self/maps"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
