package org.netdev4j.virtio.net.device;

/** What the commands of a control queue do. */
interface ControlHandler {
    /**
     * Does what a command says, at once and as a whole.
     *
     * @param data what the driver said, read once
     * @param result what the driver is told apart from the acknowledgement; empty at first
     * @return false: not done, and nothing changed
     */
    boolean execute(int commandClass, int command, ControlData data, ControlData result);
}
