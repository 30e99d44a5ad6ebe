package org.netdev4j.virtio.linux;

/** A memfd without seals: whoever made it may take its pages away while others have them mapped. */
public final class ShrinkableMemory implements AutoCloseable {
    private final OwnedFd fd;

    public ShrinkableMemory(long bytes) {
        fd = new OwnedFd(ErrnoException.check("memfd_create",
                MemoryCalls.memfdCreate("shrinkable", MemoryCalls.MFD_CLOEXEC)));
        size(bytes);
    }

    public int fd() {
        return fd.numberIfOpen();
    }

    public void size(long bytes) {
        ErrnoException.check("ftruncate", MemoryCalls.ftruncate(fd.number(), bytes));
    }

    @Override
    public void close() {
        fd.close();
    }
}
