package org.netdev4j.virtio.killing;

/** Reached by the thread before each write to memory of classes that a {@link KillingLoader} loaded. */
public final class KillPoint {
    private static final ThreadLocal<KillPoint> CURRENT = ThreadLocal.withInitial(KillPoint::new);

    private long writesLeft = Long.MAX_VALUE;

    private KillPoint() {}

    /** The thread is killed after so many writes. */
    public static void after(long writes) {
        CURRENT.get().writesLeft = writes;
    }

    /** The thread lives on. */
    public static void never() {
        CURRENT.get().writesLeft = Long.MAX_VALUE;
    }

    /** A write is about to happen. */
    public static void reached() {
        KillPoint point = CURRENT.get();
        if (point.writesLeft-- == 0) {
            never();
            throw new Killed();
        }
    }

    /** Thrown in place of a write. */
    @SuppressWarnings("serial")
    public static final class Killed extends Error {
        Killed() {
            super("killed before a write", null, false, false);
        }
    }
}
