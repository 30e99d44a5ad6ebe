package org.netdev4j.virtio;

/** Setting up a virtio device failed: says what was asked and what the device answered. */
public class VirtioException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public VirtioException(String message) {
        super(message);
    }

    public VirtioException(String message, Throwable cause) {
        super(message, cause);
    }
}
