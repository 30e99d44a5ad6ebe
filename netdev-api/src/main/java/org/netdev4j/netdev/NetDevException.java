package org.netdev4j.netdev;

/** A control operation failed: the message says what was asked, what was allowed and, where it can, what to do. */
public class NetDevException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NetDevException(String message) {
        super(message);
    }

    public NetDevException(String message, Throwable cause) {
        super(message, cause);
    }

    /** For an operation that the driver or the device does not have. */
    public static NetDevException unsupported(String what, String driver) {
        return new NetDevException("cannot " + what + ": the " + driver + " driver does not support it");
    }
}
