package org.netdev4j.netbuf;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Watches how many buffers of a pool are free, for those who want to know. Asked whenever buffers came to or left the depot.
 * While the pool is low, or someone waits for buffers, thread caches are out of use: every buffer that comes back passes the
 * depot, and none that matters is missed. Before that, a thread may take what its cache has unnoticed.
 */
final class WaterLevel {
    private record Waiter(int buffers, Runnable action) {}

    private static final int NONE = Integer.MAX_VALUE;

    private final NetBufPool pool;
    private final ThreadCaches caches;
    /** Null if nobody wants to know. */
    private final NetBufPool.LowWater marks;

    /** Guarded by this. */
    private final List<Waiter> waiters = new ArrayList<>();
    private final AtomicInteger toTell = new AtomicInteger();
    private volatile boolean watching;
    private volatile int fewestAwaited = NONE;
    private volatile boolean low;
    private volatile long lowEvents;
    /** Of the thread that tells. */
    private boolean toldLow;

    WaterLevel(NetBufPool pool, ThreadCaches caches, NetBufPool.LowWater marks) {
        this.pool = pool;
        this.caches = caches;
        this.marks = marks;
        watching = marks != null;
    }

    long lowEvents() {
        return lowEvents;
    }

    void check() {
        if (watching) {
            look();
        }
    }

    private void look() {
        if (marks != null) {
            while (passed(pool.available()) && turn()) {
                tell();
            }
        }
        if (pool.available() >= fewestAwaited) {
            due().forEach(WaterLevel::run);
        }
    }

    /** What to run now, waiting no longer. */
    private synchronized List<Runnable> due() {
        int available = pool.available();
        List<Runnable> due = new ArrayList<>();
        for (Iterator<Waiter> each = waiters.iterator(); each.hasNext();) {
            Waiter waiter = each.next();
            if (waiter.buffers <= available) {
                each.remove();
                due.add(waiter.action);
            }
        }
        setWatch();
        return due;
    }

    private boolean passed(int available) {
        return low ? available >= marks.high() : available <= marks.low();
    }

    /** False if another thread was here first. */
    private synchronized boolean turn() {
        if (!passed(pool.available())) {
            return false;
        }
        low = !low;
        if (low) {
            lowEvents++;
        }
        setWatch();
        return true;
    }

    /** One thread tells for all that come meanwhile: the turns alternate, so their number is all there is to know. */
    private void tell() {
        if (toTell.getAndIncrement() > 0) {
            return;
        }
        do {
            toldLow = !toldLow;
            run(toldLow ? () -> marks.listener().low(pool) : () -> marks.listener().recovered(pool));
        } while (toTell.decrementAndGet() > 0);
    }

    void await(int buffers, Runnable action) {
        synchronized (this) {
            waiters.add(new Waiter(buffers, action));
            setWatch();
        }
        look();
    }

    /** With the monitor only. */
    private void setWatch() {
        fewestAwaited = waiters.stream().mapToInt(Waiter::buffers).min().orElse(NONE);
        boolean waiting = fewestAwaited != NONE;
        watching = marks != null || waiting;
        caches.bypass(low || waiting);
    }

    /** Forgets who waits: nothing will come any more. */
    synchronized void close() {
        waiters.clear();
        setWatch();
    }

    private static void run(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            Misuse.uncaught(e);
        }
    }
}
