package org.netdev4j.examples;

import java.util.Locale;

import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.netdev4j.stack.NetStack;

/** What a stack's thread does while there is nothing to do. */
enum WaitMode {
    /** Polls: the shortest reaction for a whole CPU. */
    BUSY,
    /** Polls less and less often, once a millisecond in the end. */
    BACKOFF,
    /** Sleeps until the device interrupts or a timer is due. */
    INTERRUPT;

    IdleStrategy idleStrategy(NetStack stack) {
        return switch (this) {
            case BUSY -> BusySpinIdleStrategy.INSTANCE;
            case BACKOFF -> new BackoffIdleStrategy();
            case INTERRUPT -> stack.interruptIdleStrategy();
        };
    }

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
