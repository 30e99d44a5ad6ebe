package org.netdev4j.virtio.transport.vhostuser;

/** Which of its queues a back-end serves: those that are enabled. */
@FunctionalInterface
public interface QueueSwitch {
    /**
     * Enables the first {@code queues} data queues and disables the others. A back-end that is away is told when it is back.
     *
     * @return false if the back-end did not do it: what was in use before counts for the next
     */
    boolean use(int queues);
}
