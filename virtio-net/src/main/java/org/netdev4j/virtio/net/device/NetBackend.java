package org.netdev4j.virtio.net.device;

import java.util.Map;

/**
 * The outside of a network device: takes the frames its driver transmits, and delivers to its {@link FrameReceiver} the frames
 * that arrive. Every method but {@link #counters()} is called on the thread of the device's loop.
 */
public interface NetBackend extends AutoCloseable {
    /** For messages, {@code tap:nd0} for example. */
    String name();

    /** Called once, before anything else: the device this is the outside of. */
    void attach(FrameReceiver receiver);

    /** The driver is ready: frames may be delivered, and what the receiver accepts is settled. */
    void start();

    /** The device was reset: deliver nothing until the next {@link #start()}. */
    void stop();

    /**
     * Takes a frame of the driver's; its bytes are valid during the call only.
     *
     * @return BUSY: {@link FrameReceiver#resume()} is called when there is room again
     */
    Verdict transmit(Frame frame);

    /**
     * As {@link #transmit(Frame)}, for several: takes them in order, and marks those it drops ({@link FrameBurst#drop}). A back-end
     * that has work to do for each frame need not care.
     *
     * @return frames taken, dropped ones too; fewer than there are: BUSY
     */
    default int transmit(FrameBurst frames) {
        for (int i = 0; i < frames.size(); i++) {
            Verdict verdict = transmit(frames.frame(i));
            if (verdict == Verdict.BUSY) {
                return i;
            }
            if (verdict == Verdict.DROPPED) {
                frames.drop(i);
            }
        }
        return frames.size();
    }

    /**
     * Delivers frames that have arrived, a bounded number. Called in every round of the loop.
     *
     * @return work done, 0 if there was none
     */
    int poll();

    /** After {@link Verdict#BUSY} from the receiver, or null from {@link FrameReceiver#borrow}: it has room again. */
    void resume();

    /**
     * Before the loop sleeps: arrange to be woken when a frame arrives.
     *
     * @return false if there is work already
     */
    boolean armWakeUps();

    /** What {@link #transmit} takes over from the driver; the rest the device does first. The same for ever. */
    Offloads accepts();

    /**
     * The driver uses that many pairs of queues from now on, the first of those there are. Called after every start, and when
     * the driver changes its mind.
     */
    default void pairsInUse(int pairs) {}

    /** {@link FrameReceiver#accepts()} changed while the device runs. */
    default void offloadsChanged() {}

    /** Whether frames can get through. */
    boolean linkUp();

    /** Counters by name to show a person; those that never counted are absent. Any thread. */
    default Map<String, Long> counters() {
        return Map.of();
    }

    /** Releases everything; the receiver is not called any more. Idempotent. */
    @Override
    void close();
}
