package org.netdev4j.virtio.device;

/** Thrown on purpose by a test; logged in one line. */
public final class ExpectedFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ExpectedFailure() {
        super("expected by this test", null, false, false);
    }
}
