package org.netdev4j.netdev;

/**
 * Where a device is in its life, and which calls are legal there: the one table that {@link NetDev} checks every call
 * against.
 *
 * <pre>
 *  UNPROBED -probe-&gt; UNCONFIGURED -configure-&gt; CONFIGURED -start-&gt; RUNNING
 *                        CONFIGURED &lt;-configure- STOPPED &lt;-stop- | -start-&gt;
 *  any -close-&gt; CLOSED
 * </pre>
 */
public enum NetDevState {
    UNPROBED,
    UNCONFIGURED,
    CONFIGURED,
    RUNNING,
    STOPPED,
    CLOSED
}
