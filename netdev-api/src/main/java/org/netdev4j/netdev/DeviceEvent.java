package org.netdev4j.netdev;

/** What can happen to a device that its user did not do. */
public enum DeviceEvent {
    /** {@link NetDev#linkState()} changed. */
    LINK_CHANGED,
    /** The device changed something else about itself: ask {@link NetDev#info()} and {@link NetDev#details()} again. */
    CONFIG_CHANGED,
    /**
     * A receive queue has no buffer left for the device and its pool none to give: nothing arrives until some come back. Told
     * once each time that happens.
     */
    QUEUE_STALLED,
    /** A queue is broken and moves nothing ({@link NetQueue#brokenReason()}); stop and start cure it. */
    QUEUE_BROKEN,
    /** The network may not know any more where the device is: whoever has addresses there should say so (RFC 5227 §3). */
    ANNOUNCE,
    /** The device asked to be reset and moves nothing; stop and start cure it. */
    NEEDS_RESET
}
