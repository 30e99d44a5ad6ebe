package org.netdev4j.virtio.net.device;

/** What became of a frame that was offered. */
public enum Verdict {
    /** Taken. */
    CONSUMED,
    /** Cannot take it now; offer it again when told. The frame stays with whoever offered it. */
    BUSY,
    /** Given up and counted by whoever says so; do not offer it again. */
    DROPPED
}
