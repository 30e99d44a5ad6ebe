package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

import org.netdev4j.netbuf.MemoryBacking;
import org.netdev4j.netbuf.MemoryRegion;

/** Memory that several processes map: made here and sent to a peer, or received from one. */
public final class SharedMemory {
    private SharedMemory() {}

    /** As {@link #allocate(String, long, PageSize)}, of normal pages. */
    public static MemoryRegion allocate(String name, long bytes) {
        return allocate(name, bytes, PageSize.NORMAL);
    }

    /**
     * Zeroed memory with a memfd behind it, which is sealed: no process can change its size, so that none can pull the memory
     * from under another. Its device address is its host address.
     *
     * @param name for messages and {@code /proc/PID/maps}
     * @param bytes size, rounded up to whole pages
     * @throws ErrnoException ENOMEM if there is not so much, or are not so many huge pages
     */
    public static MemoryRegion allocate(String name, long bytes, PageSize pages) {
        Objects.requireNonNull(name, "name");
        if (bytes <= 0 || bytes > Long.MAX_VALUE - pages.bytes) {
            throw new IllegalArgumentException("region " + name + ": " + bytes + " bytes asked, at least 1 needed");
        }
        Libc.requireLinux("shared memory");
        long size = (bytes + pages.bytes - 1) & -pages.bytes;
        int fd = ErrnoException.check("memfd_create " + name, MemoryCalls.memfdCreate(name,
                MemoryCalls.MFD_CLOEXEC | MemoryCalls.MFD_ALLOW_SEALING | pages.memfdFlags));
        try {
            ErrnoException.check("size of " + name, MemoryCalls.ftruncate(fd, size));
            ErrnoException.check("seal " + name, SocketCalls.fcntl(fd, MemoryCalls.F_ADD_SEALS,
                    MemoryCalls.F_SEAL_SEAL | MemoryCalls.F_SEAL_SHRINK | MemoryCalls.F_SEAL_GROW));
            long address = map(name, fd, size, pages);
            Arena arena = Arena.ofShared();
            MemorySegment memory = segment(address, size, size, arena);
            return MemoryRegion.of(name, memory, memory.address(), new MemoryBacking(fd, 0), () -> {
                arena.close();
                FileCalls.close(fd);
            });
        } catch (RuntimeException e) {
            FileCalls.close(fd);
            throw e;
        }
    }

    private static long map(String name, int fd, long size, PageSize pages) {
        long address = MemoryCalls.map(fd, 0, size);
        if (address == -Errno.ENOMEM && pages == PageSize.HUGE_2M) {
            throw new ErrnoException("map " + name, Errno.ENOMEM,
                    "it needs " + size / pages.bytes + " free huge pages of 2 MiB; reserve them with"
                            + " \"sysctl vm.nr_hugepages=N\" (/proc/meminfo shows how many are free)");
        }
        check("map " + name, address);
        return address;
    }

    /**
     * Maps a part of a file that a peer sent. The file is not kept open. Should the peer shrink it later, reading behind its
     * end is an {@link InternalError}, which ends that peer's device and nothing else.
     *
     * @param fd stays the caller's
     * @param offset of the part in the file, bytes, any
     * @param bytes of the part, at least 1
     * @param deviceAddress by which the peer's descriptors name its first byte
     * @throws IllegalArgumentException if the part is not wholly inside the file
     * @throws ErrnoException if the file cannot be mapped
     */
    public static MemoryRegion map(String name, int fd, long offset, long bytes, long deviceAddress) {
        Libc.requireLinux("shared memory");
        long fileBytes;
        long pageBytes;
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment stat = scratch.allocate(MemoryCalls.STAT_BYTES, Long.BYTES);
            ErrnoException.check("look at the file of " + name, MemoryCalls.fstat(fd, stat));
            fileBytes = stat.get(JAVA_LONG, MemoryCalls.STAT_SIZE_OFFSET);
            pageBytes = Math.max(PageSize.NORMAL.bytes, stat.get(JAVA_INT, MemoryCalls.STAT_BLOCK_SIZE_OFFSET));
        }
        if (bytes <= 0 || offset < 0 || bytes > fileBytes - offset) {
            throw new IllegalArgumentException(name + ": " + bytes + " bytes at offset " + offset
                    + " are not wholly inside a file of " + fileBytes);
        }
        // A file of huge pages is mapped and unmapped in whole ones, from its start: the offset may be anything.
        long size = (offset + bytes + pageBytes - 1) & -pageBytes;
        long address = MemoryCalls.map(fd, 0, size);
        check("map " + name, address);
        Arena arena = Arena.ofShared();
        MemorySegment file = segment(address, size, offset + bytes, arena);
        return MemoryRegion.of(name, file.asSlice(offset, bytes), deviceAddress, null, arena::close);
    }

    /** mmap(2) returns addresses that look like nothing above the last page. */
    private static void check(String what, long address) {
        if (address < 0) {
            throw new ErrnoException(what, (int) -address);
        }
    }

    /** The first {@code bytes} of a mapping, which ends with the arena. */
    @SuppressWarnings("restricted")
    private static MemorySegment segment(long address, long mapped, long bytes, Arena arena) {
        return MemorySegment.ofAddress(address).reinterpret(bytes, arena,
                gone -> MemoryCalls.unmap(address, mapped));
    }
}
