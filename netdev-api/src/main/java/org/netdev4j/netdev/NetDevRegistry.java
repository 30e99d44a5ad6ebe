package org.netdev4j.netdev;

import java.util.List;

/** The devices of this JVM, by id, and the drivers that open device strings. */
public final class NetDevRegistry {
    private NetDevRegistry() {}

    /** Every device that is not closed, by id. */
    public static List<NetDev> devices() {
        throw new UnsupportedOperationException();
    }

    /** What {@link NetDev#open} understands, for a usage text. */
    public static List<NetDevDriver.Kind> kinds() {
        throw new UnsupportedOperationException();
    }
}
