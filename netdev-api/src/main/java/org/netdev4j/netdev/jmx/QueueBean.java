package org.netdev4j.netdev.jmx;

import java.util.Map;

import org.netdev4j.netdev.NetQueue;

/** Asks the queue each time. */
record QueueBean(NetQueue queue) implements NetQueueMXBean {
    @Override
    public int getIndex() {
        return queue.index();
    }

    @Override
    public long getPackets() {
        return queue.stats().packets();
    }

    @Override
    public long getBytes() {
        return queue.stats().bytes();
    }

    @Override
    public long getEmpty() {
        return queue.stats().empty();
    }

    @Override
    public long getInterrupts() {
        return queue.stats().interrupts();
    }

    @Override
    public Map<String, Long> getDrops() {
        return DeviceBean.drops(queue.stats());
    }

    @Override
    public String getBrokenReason() {
        return queue.brokenReason();
    }
}
