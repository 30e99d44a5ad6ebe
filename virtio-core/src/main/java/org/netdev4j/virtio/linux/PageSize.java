package org.netdev4j.virtio.linux;

/** The pages that memory is made of. */
public enum PageSize {
    /** 4 KiB, or what the machine has. */
    NORMAL(4096, 0),
    /**
     * 2 MiB: far fewer entries of the processor's address cache. Root reserves them, {@code sysctl vm.nr_hugepages=N}.
     */
    HUGE_2M(2 << 20, MemoryCalls.MFD_HUGETLB | MemoryCalls.MFD_HUGE_2MB);

    final long bytes;
    final int memfdFlags;

    PageSize(long bytes, int memfdFlags) {
        this.bytes = bytes;
        this.memfdFlags = memfdFlags;
    }
}
