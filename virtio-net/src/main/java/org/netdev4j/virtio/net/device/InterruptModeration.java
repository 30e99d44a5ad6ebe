package org.netdev4j.virtio.net.device;

import java.util.function.LongSupplier;

/**
 * Holds used-buffer notifications of one queue back until there are so many packets or so much time passed since the first
 * (virtio 1.4 §5.1.9.5.10). What the driver does not want to be told of is not held back: it is never told.
 */
final class InterruptModeration {
    private static final long NS_PER_US = 1_000;

    private final LongSupplier nanoTime;
    private int commonPackets;
    private int commonMicros;
    private int maxPackets;
    private int maxMicros;
    private int waiting;
    private boolean wanted;
    private long since;

    /** @param nanoTime as {@link System#nanoTime()}; not asked while nothing is to be held back */
    InterruptModeration(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Nothing waits, and every packet is notified. */
    void reset() {
        setCommon(0, 0);
        forget();
    }

    /** The queue is enabled anew: nothing waits, and it has the setting of all queues again. */
    void restart() {
        set(commonPackets, commonMicros);
        forget();
    }

    /** As {@link #set}, for all queues: also for those that are enabled later. */
    void setCommon(int packets, int micros) {
        commonPackets = packets;
        commonMicros = micros;
        set(packets, micros);
    }

    /** Either 0: every packet is notified. */
    void set(int packets, int micros) {
        maxPackets = packets;
        maxMicros = micros;
    }

    int maxPackets() {
        return maxPackets;
    }

    int maxMicros() {
        return maxMicros;
    }

    /**
     * Packets were returned to the driver.
     *
     * @param isWanted the driver wants to be told of them
     * @return true if it is to be told now
     */
    boolean add(int packets, boolean isWanted) {
        if (!isModerated()) {
            boolean due = isWanted || wanted;
            forget();
            return due;
        }
        if (waiting == 0) {
            since = nanoTime.getAsLong();
        }
        waiting += packets;
        wanted |= isWanted;
        return isDue();
    }

    private boolean isModerated() {
        return maxPackets != 0 && maxMicros != 0;
    }

    /** True if what waits is to be told now, since time passed or the limits changed. */
    boolean isDue() {
        if (waiting == 0) {
            return false;
        }
        boolean due = !isModerated() || Integer.compareUnsigned(waiting, maxPackets) >= 0
                || nanoTime.getAsLong() - since >= Integer.toUnsignedLong(maxMicros) * NS_PER_US;
        return due && flush();
    }

    /** Before the loop sleeps, which nothing but a packet would end in time: what waits is told early. */
    boolean flush() {
        boolean told = wanted;
        forget();
        return told;
    }

    private void forget() {
        waiting = 0;
        wanted = false;
    }
}
