package org.netdev4j.netdev;

/** A device string is wrong: unknown kind, bad address, unknown key or bad value. */
public class DeviceStringException extends NetDevException {
    private static final long serialVersionUID = 1L;

    public DeviceStringException(String message) {
        super(message);
    }
}
