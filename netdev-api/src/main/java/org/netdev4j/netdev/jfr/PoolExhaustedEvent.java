package org.netdev4j.netdev.jfr;

import java.util.Map;
import java.util.WeakHashMap;

import org.netdev4j.netbuf.NetBufPool;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

@Name("org.netdev4j.PoolExhausted")
@Label("Buffer Pool Exhausted")
@Category("netdev4j")
@Description("A pool had fewer buffers than it was asked for, and how often since the event before.")
@StackTrace(false)
@Period("1 s")
final class PoolExhaustedEvent extends Event {
    private static final Map<NetBufPool, Long> TOLD = new WeakHashMap<>();

    @Label("Pool")
    String pool;

    @Label("Buffers")
    int buffers;

    @Label("Times")
    long times;

    static {
        FlightRecorder.addPeriodicEvent(PoolExhaustedEvent.class, PoolExhaustedEvent::commitNew);
    }

    /** Has exhaustion told of from now on. */
    static void start() {}

    private static synchronized void commitNew() {
        for (NetBufPool pool : NetBufPool.all()) {
            long exhausted = pool.exhausted();
            Long before = TOLD.put(pool, exhausted);
            long times = exhausted - (before == null ? 0 : before);
            if (times > 0) {
                PoolExhaustedEvent event = new PoolExhaustedEvent();
                event.pool = pool.name();
                event.buffers = pool.capacity();
                event.times = times;
                event.commit();
            }
        }
    }
}
