package org.netdev4j.netbuf;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * The free buffers that one platform thread keeps for itself: two magazines, so that a thread on the border between full
 * and empty does not go to the depot for each burst.
 * <p>
 * Its thread locks it once a burst; the lock is free unless the pool ran dry and another thread steals, or the pool is
 * closed, which locks it for good. Nobody waits for it but the one who closes.
 */
final class ThreadCache extends Padding {
    private static final VarHandle LOCKED;

    static {
        try {
            LOCKED = MethodHandles.lookup().findVarHandle(ThreadCache.class, "locked", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Thread owner;
    private final int magazineSize;
    private Depot depot;
    private NetBuf[] buffers;
    private int[] loaded;
    private int loadedCount;
    private int[] spare;
    private int spareCount;
    /** Buffers moved between here and the depot since the lock was taken. */
    private boolean depotChanged;
    private volatile boolean locked;

    ThreadCache(Thread owner, Depot depot, NetBuf[] buffers, int magazineSize) {
        this.owner = owner;
        this.magazineSize = magazineSize;
        this.depot = depot;
        this.buffers = buffers;
        loaded = depot.takeEmpty();
        spare = depot.takeEmpty();
    }

    boolean tryLock() {
        return !locked && LOCKED.compareAndSet(this, false, true);
    }

    void lock() {
        while (!tryLock()) {
            LockSupport.parkNanos(1_000);
        }
    }

    /** @return true if buffers moved between here and the depot since the lock was taken */
    boolean unlock() {
        boolean changed = depotChanged;
        if (changed) {
            depotChanged = false;
        }
        LOCKED.setRelease(this, false);
        return changed;
    }

    boolean ownerIsAlive() {
        return owner.isAlive();
    }

    /** Buffers in here; exact with the lock or at rest. */
    int size() {
        return loadedCount + spareCount;
    }

    // With the lock only.

    /** Takes one buffer, from the depot if need be; null when that is empty too. */
    NetBuf take() {
        if (loadedCount == 0 && !reload()) {
            return null;
        }
        return buffers[loaded[--loadedCount]].handOut();
    }

    /** Takes up to {@code count} buffers, from the depot if need be. */
    int take(NetBuf[] into, int from, int count) {
        int taken = 0;
        while (taken < count && (loadedCount > 0 || reload())) {
            taken += takeLoaded(into, from + taken, count - taken);
        }
        return taken;
    }

    /** Takes one of the buffers that are in here, or null. */
    NetBuf takeKept() {
        return size() == 0 ? null : take();
    }

    private int takeLoaded(NetBuf[] into, int from, int count) {
        NetBuf[] buffers = this.buffers;
        int[] magazine = loaded;
        int n = Math.min(count, loadedCount);
        int top = loadedCount - n;
        for (int i = 0; i < n; i++) {
            into[from + i] = buffers[magazine[top + n - 1 - i]].handOut();
        }
        loadedCount = top;
        return n;
    }

    void give(int index) {
        if (loadedCount == magazineSize) {
            unload();
        }
        loaded[loadedCount++] = index;
    }

    private boolean reload() {
        if (spareCount > 0) {
            swap();
            return true;
        }
        depotChanged = true;
        int[] full = depot.takeFull();
        if (full != null) {
            depot.giveEmpty(loaded);
            loaded = full;
            loadedCount = magazineSize;
            return true;
        }
        NetBuf buf;
        while (loadedCount < magazineSize && (buf = depot.takeLoose()) != null) {
            loaded[loadedCount++] = buf.index();
        }
        return loadedCount > 0;
    }

    private void unload() {
        swap();
        if (loadedCount == magazineSize) {
            depotChanged = true;
            depot.giveFull(loaded);
            loaded = depot.takeEmpty();
            loadedCount = 0;
        }
    }

    private void swap() {
        int[] magazine = loaded;
        int count = loadedCount;
        loaded = spare;
        loadedCount = spareCount;
        spare = magazine;
        spareCount = count;
    }

    /** Gives all it has to the depot. */
    void drain() {
        drain(loaded, loadedCount);
        drain(spare, spareCount);
        loadedCount = 0;
        spareCount = 0;
    }

    private void drain(int[] magazine, int count) {
        for (int i = 0; i < count; i++) {
            depot.giveLoose(buffers[magazine[i]]);
        }
    }

    /** Gives all it has to the depot and lets go of the pool; to be left locked. */
    void retire() {
        drain();
        depot = null;
        buffers = null;
    }
}
