package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;

/**
 * What every driver must do. A driver's tests extend this class and supply a device whose link is a loop: what is transmitted
 * on a queue is received, unchanged and in order, on the receive queue of the same number.
 * <p>
 * After each test the device is closed, and every buffer must be back in its pool.
 */
public abstract class NetDevContract
        implements
            LifeCycleContract,
            SettingsContract,
            TrafficContract,
            OffloadContract,
            InterruptContract,
            MemoryContract,
            StatisticsContract {
    private LoopedDevice device;

    protected NetDevContract() {}

    /** A new device that is not probed yet. Called once or more in a test, each time after the last one was closed. */
    protected abstract NetDevOps open();

    /** True if the device also works between the calls of {@link #settle}: when it is full cannot be told then. */
    @Override
    public boolean worksByItself() {
        return false;
    }

    /** Memory that was mapped by someone else, of a kind that the device can be attached to. */
    @Override
    public MemoryRegion memoryOfOthers(String name, long bytes) {
        return MemoryRegion.allocate(name, bytes);
    }

    /** Lets the device opened last work until it has nothing to do, or no receive buffer to do it with. */
    protected abstract void settle();

    @Override
    public final LoopedDevice device() {
        return device;
    }

    @BeforeEach
    void probeDevice() {
        device = new LoopedDevice(open(), this::settle);
    }

    @AfterEach
    void closeDevice() {
        device.close();
    }

    @Test
    void closeWithoutProbe() {
        device.close();
        try (NetDev unprobed = new NetDev("unprobed", open())) {
            assertEquals(NetDevState.UNPROBED, unprobed.state());
        }
        probeDevice();
    }
}
