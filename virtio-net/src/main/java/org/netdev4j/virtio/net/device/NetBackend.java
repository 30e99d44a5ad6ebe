package org.netdev4j.virtio.net.device;

/**
 * The outside of a network device: takes the frames its driver transmits, and delivers frames to its {@link FrameReceiver}.
 * Everything happens on the thread of the device's loop.
 */
public interface NetBackend extends AutoCloseable {
    /** For messages and counters, {@code tap:nd0} for example. */
    String name();

    /** Called once, before the first frame: where to deliver frames that arrive. */
    void attach(FrameReceiver receiver);

    /** Takes a frame of the driver's; its bytes are valid during the call only. */
    Verdict transmit(Frame frame);

    /** After {@link Verdict#BUSY} from the receiver: it has room again, deliver. */
    void resume();

    /** What the back-end can do with frames that ask for work. */
    boolean acceptsPartialChecksum();

    /** Whether frames can get through. */
    boolean linkUp();

    @Override
    void close();
}
