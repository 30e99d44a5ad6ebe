package org.netdev4j.virtio.net.device;

/**
 * Stands in front of another receiver and passes everything on, but for the frames that arrive: what becomes of them is left to
 * subclasses. They override both ways of delivery or lend no buffers ({@link #lends()}).
 */
public abstract class ForwardingReceiver implements FrameReceiver {
    private final FrameReceiver receiver;

    /** In front of {@code receiver}. */
    protected ForwardingReceiver(FrameReceiver receiver) {
        this.receiver = receiver;
    }

    /** The receiver behind. */
    protected final FrameReceiver receiver() {
        return receiver;
    }

    /** Abstract again: by default the pair would be lost. */
    @Override
    public abstract Verdict receive(Frame frame, int pair);

    @Override
    public boolean lends() {
        return receiver.lends();
    }

    @Override
    public FrameMemory borrow() {
        return receiver.borrow();
    }

    @Override
    public Verdict commit(int length, OffloadRequest offload) {
        return receiver.commit(length, offload);
    }

    @Override
    public void giveBack() {
        receiver.giveBack();
    }

    @Override
    public Offloads accepts() {
        return receiver.accepts();
    }

    @Override
    public void resume() {
        receiver.resume();
    }

    @Override
    public void linkChanged() {
        receiver.linkChanged();
    }
}
