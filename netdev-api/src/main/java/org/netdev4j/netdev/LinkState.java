package org.netdev4j.netdev;

/** Whether frames can reach the other end of the link. */
public enum LinkState {
    UP,
    DOWN,
    /** The device does not say; treated as up. */
    UNKNOWN
}
