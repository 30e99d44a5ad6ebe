package org.netdev4j.virtio.net.device;

import java.util.Map;

/**
 * Stands in front of another back-end, which it owns, and passes everything on. What becomes of the frames that the driver
 * transmits is left to subclasses: every frame goes through {@link #transmit(Frame)}, those of a burst too. To see what arrives, override {@link #attach} and give the other back-end a {@link ForwardingReceiver}.
 */
public abstract class ForwardingBackend implements NetBackend {
    private final NetBackend backend;

    /** In front of {@code backend}. */
    protected ForwardingBackend(NetBackend backend) {
        this.backend = backend;
    }

    /** The back-end behind. */
    protected final NetBackend backend() {
        return backend;
    }

    @Override
    public String name() {
        return backend.name();
    }

    @Override
    public void attach(FrameReceiver receiver) {
        backend.attach(receiver);
    }

    @Override
    public void start() {
        backend.start();
    }

    @Override
    public void stop() {
        backend.stop();
    }

    @Override
    public int poll() {
        return backend.poll();
    }

    @Override
    public void resume() {
        backend.resume();
    }

    @Override
    public boolean armWakeUps() {
        return backend.armWakeUps();
    }

    @Override
    public Offloads accepts() {
        return backend.accepts();
    }

    @Override
    public void pairsInUse(int pairs) {
        backend.pairsInUse(pairs);
    }

    @Override
    public void offloadsChanged() {
        backend.offloadsChanged();
    }

    @Override
    public boolean linkUp() {
        return backend.linkUp();
    }

    @Override
    public Map<String, Long> counters() {
        return backend.counters();
    }

    @Override
    public void close() {
        backend.close();
    }
}
