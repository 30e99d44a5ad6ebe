package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.VirtioException;

/** The peer of a vhost-user connection broke the protocol, refused a request or did not answer: says which request and how. */
public class VhostUserException extends VirtioException {
    private static final long serialVersionUID = 1L;

    public VhostUserException(String message) {
        super(message);
    }

    public VhostUserException(String message, Throwable cause) {
        super(message, cause);
    }
}
