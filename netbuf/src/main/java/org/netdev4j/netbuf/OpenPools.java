package org.netdev4j.netbuf;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/** The pools of this process that are open, for whoever looks from outside. One that was forgotten is no longer here. */
final class OpenPools {
    private static final Set<NetBufPool> POOLS = Collections.newSetFromMap(new WeakHashMap<>());

    private OpenPools() {}

    static synchronized void add(NetBufPool pool) {
        POOLS.add(pool);
    }

    static synchronized void remove(NetBufPool pool) {
        POOLS.remove(pool);
    }

    static synchronized List<NetBufPool> all() {
        return POOLS.stream().sorted(Comparator.comparing(NetBufPool::name).thenComparingInt(NetBufPool::number))
                .toList();
    }
}
