package org.netdev4j.virtio.net.device;

/** Takes frames from a back-end: a device, with its driver behind it. */
public interface FrameReceiver {
    /** Takes a frame; its bytes are valid during the call only. BUSY: keep it and wait for {@link NetBackend#resume()}. */
    Verdict receive(Frame frame);

    /** The back-end's link went up or down. */
    void linkChanged(boolean up);

    /** True if {@link #receive} would take a frame now: a back-end that must copy asks first. */
    boolean canReceive();

    /** True if the driver takes frames whose checksum is only partial. */
    boolean acceptsPartialChecksum();
}
