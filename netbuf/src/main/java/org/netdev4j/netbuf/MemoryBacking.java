package org.netdev4j.netbuf;

/**
 * The file that a {@link MemoryRegion} is mapped from: what another process needs to map it too.
 *
 * @param fd its descriptor, open as long as the region is mapped; the region's, not to be closed by who reads it
 * @param offset of the first byte of the region in the file, bytes
 */
public record MemoryBacking(int fd, long offset) {
    public MemoryBacking {
        if (fd < 0 || offset < 0) {
            throw new IllegalArgumentException("file descriptor " + fd + ", offset " + offset);
        }
    }
}
