package org.netdev4j.virtio.net;

import java.util.Map;

import org.netdev4j.netdev.ForwardingNetDevOps;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.NetDevOps;

/** The driver of an {@link InProcessDevice}, with the device's counters too, that closes both ends. */
final class InProcessNetDev extends ForwardingNetDevOps {
    private final InProcessDevice device;

    InProcessNetDev(NetDevOps driver, InProcessDevice device) {
        super(driver);
        this.device = device;
    }

    @Override
    public Map<String, Long> counters() {
        return device.countersBehind(inner);
    }

    @Override
    public void close() {
        try {
            device.close();
        } catch (NetDevException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new NetDevException("closed, but not cleanly: " + e.getMessage(), e);
        }
    }
}
