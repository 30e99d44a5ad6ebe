package org.netdev4j.netdev;

/**
 * What a receive and a transmit queue have in common: an interrupt, counters, and a state that is checked here, once a call.
 * One thread at a time; different queues need no lock between them.
 */
public abstract sealed class NetQueue permits RxQueue, TxQueue {
    protected final QueueCounters counters = new QueueCounters();
    final QueueGate gate;

    NetQueue(String direction, int index) {
        gate = new QueueGate(direction, index);
    }

    public final int index() {
        return gate.index;
    }

    /**
     * Asks for one call of the queue's listener: when a packet arrives, or when the device has finished packets to send. A
     * queue that breaks calls it too. Asking again while armed changes nothing.
     *
     * @return true: armed, the listener will be called once; false: something waits already, nothing is armed, receive or
     *     reclaim it first
     * @throws IllegalStateException if the device is not RUNNING or the queue has no listener
     */
    public final boolean armInterrupt() {
        gate.requireListener("armInterrupt");
        gate.enter("armInterrupt");
        try {
            return arm();
        } finally {
            gate.exit();
        }
    }

    /**
     * No call of the listener from now on, but for one that is already under way.
     *
     * @throws IllegalStateException if the device is not RUNNING or the queue has no listener
     */
    public final void disarmInterrupt() {
        gate.requireListener("disarmInterrupt");
        gate.enter("disarmInterrupt");
        try {
            disarm();
        } finally {
            gate.exit();
        }
    }

    /** From any thread, in any state: since the queue was configured. */
    public QueueStats stats() {
        return counters.snapshot();
    }

    /**
     * How the device broke the queue, for a person, or null while it is whole. A broken queue moves nothing until the device is
     * stopped and started. From any thread, in any state.
     */
    public String brokenReason() {
        return null;
    }

    /** The driver's half of {@link #armInterrupt}: the queue has a listener. */
    protected abstract boolean arm();

    /** The driver's half of {@link #disarmInterrupt}: the queue has a listener. */
    protected abstract void disarm();

    /**
     * Does what an interrupt of the device does: calls the listener on its dispatcher's thread if armed, else nothing. For a
     * class in front of this queue that has something for the user. From any thread, in any state; one that comes before the
     * interrupt is armed may still call the listener after it was.
     */
    protected abstract void raise();
}
