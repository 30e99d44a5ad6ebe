package org.netdev4j.netdev;

/** Puts something around a device: a capture, a trace, faults. May be used for any number of devices. */
@FunctionalInterface
public interface NetDevDecorator {
    /**
     * The device with something around it, usually a {@link ForwardingNetDevOps}. Called before the device is probed.
     *
     * @param device owned by what is returned, which closes it; still the caller's if this throws
     * @param name of the device, for messages and captures
     */
    NetDevOps decorate(NetDevOps device, String name);

    /** Puts each decorator around what the one before it returned: the first is nearest to the device. */
    static NetDevOps decorate(NetDevOps device, String name, NetDevDecorator... decorators) {
        NetDevOps outermost = device;
        try {
            for (NetDevDecorator decorator : decorators) {
                outermost = decorator.decorate(outermost, name);
            }
            return outermost;
        } catch (RuntimeException | Error e) {
            try {
                outermost.close();
            } catch (RuntimeException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }
}
