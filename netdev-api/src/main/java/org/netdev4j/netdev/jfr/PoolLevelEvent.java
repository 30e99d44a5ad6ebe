package org.netdev4j.netdev.jfr;

import org.netdev4j.netbuf.NetBufPool;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

@Name("org.netdev4j.PoolLevel")
@Label("Buffer Pool Level")
@Category("netdev4j")
@Description("How many buffers of a pool are free, and how often it had too few.")
@StackTrace(false)
@Period("1 s")
final class PoolLevelEvent extends Event {
    @Label("Pool")
    String pool;

    @Label("Buffers")
    int buffers;

    @Label("Free")
    int free;

    @Label("Exhausted")
    long exhausted;

    static {
        FlightRecorder.addPeriodicEvent(PoolLevelEvent.class, PoolLevelEvent::commitAll);
    }

    /** Has pools told of from now on. */
    static void start() {}

    private static void commitAll() {
        for (NetBufPool pool : NetBufPool.all()) {
            PoolLevelEvent event = new PoolLevelEvent();
            event.pool = pool.name();
            event.buffers = pool.capacity();
            event.free = pool.available();
            event.exhausted = pool.exhausted();
            event.commit();
        }
    }
}
