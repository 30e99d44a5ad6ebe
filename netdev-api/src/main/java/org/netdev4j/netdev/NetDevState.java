package org.netdev4j.netdev;

/**
 * Where a device is in its life. {@link NetDev} checks every call against one table; a call that is illegal in the present
 * state is an IllegalStateException and changes nothing, a call that fails leaves the state as it was.
 *
 * <pre>
 *  UNPROBED -probe-&gt; UNCONFIGURED -configure-&gt; CONFIGURED -start-&gt; RUNNING -stop-&gt; STOPPED
 *                                              CONFIGURED &lt;-----configure------ STOPPED
 *                                                                RUNNING &lt;-start- STOPPED
 *  any -close-&gt; CLOSED
 * </pre>
 */
public enum NetDevState {
    /** Opened; nothing is known of the device yet. */
    UNPROBED,
    /** Its info can be asked, the number of queues is not fixed. */
    UNCONFIGURED,
    /** The number of queues is fixed; queues are being prepared, in any order. */
    CONFIGURED,
    /** Packets flow. */
    RUNNING,
    /** As configured, queues kept, no packet in them. */
    STOPPED,
    /** Gone for good. */
    CLOSED
}
