package org.netdev4j.virtio.net.device;

/**
 * Where a back-end delivers the frames that arrive: a device, with its driver behind it. There are two ways to deliver:
 * {@link #receive} copies a frame that is in memory already; a back-end that can fill memory itself borrows the driver's next
 * buffer, fills it and commits it.
 * <p>
 * Delivered frames become visible to the driver in batches, once a round of the device's loop. Nothing here calls back into
 * the back-end.
 */
public interface FrameReceiver {
    /**
     * Takes a copy of a frame.
     *
     * @return BUSY: no buffer is free; keep the frame and wait for {@link NetBackend#resume()}
     */
    Verdict receive(Frame frame);

    /**
     * As {@link #receive(Frame)}, for a back-end that has steered the frame itself (a TAP with several queues has): to queue
     * pair {@code pair}, unless the driver configured the steering.
     */
    default Verdict receive(Frame frame, int pair) {
        return receive(frame);
    }

    /**
     * Takes copies of frames in order, as {@link #receive(Frame, int)} takes one.
     *
     * @param pair 0 or more
     * @return frames taken, dropped ones too; fewer than there are: BUSY
     */
    default int receive(FrameBurst frames, int pair) {
        for (int i = 0; i < frames.size(); i++) {
            if (receive(frames.frame(i), pair) == Verdict.BUSY) {
                return i;
            }
        }
        return frames.size();
    }

    /**
     * True if {@link #borrow()} can be had: no frame is larger than a buffer, and all go to one queue. Settled from start to
     * start, but for the number of queues in use.
     */
    default boolean lends() {
        return true;
    }

    /**
     * Lends the room behind the header of the driver's next receive buffer. Followed by {@link #commit} or {@link #giveBack}
     * before the back-end returns to its caller.
     *
     * @return null if there is none: wait for {@link NetBackend#resume()}
     */
    FrameMemory borrow();

    /**
     * Delivers the frame that was written to the borrowed room, which may still be read until the next call.
     *
     * @param length bytes of the frame; more than was lent if it did not fit
     * @param offload what came with it, unchecked; not changed
     * @return CONSUMED or DROPPED
     */
    Verdict commit(int length, OffloadRequest offload);

    /** Gives the borrowed room back: nothing was written that matters. */
    void giveBack();

    /**
     * What the driver takes over in frames that it receives. A frame may ask for more: then the device does that first. The
     * driver may change it while it runs, which calls {@link NetBackend#offloadsChanged()}.
     */
    Offloads accepts();

    /** After {@link NetBackend#transmit} was BUSY: offer frames again. */
    void resume();

    /** {@link NetBackend#linkUp()} changed. */
    void linkChanged();
}
