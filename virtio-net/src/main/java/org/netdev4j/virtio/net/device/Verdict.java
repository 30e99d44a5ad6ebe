package org.netdev4j.virtio.net.device;

/** What became of a frame that was offered. */
public enum Verdict {
    /** Taken. */
    CONSUMED,
    /** Cannot be taken now: it stays with whoever offered it, who waits for {@code resume()} and offers it again. */
    BUSY,
    /** Given up and counted by whoever says so; not to be offered again. */
    DROPPED
}
