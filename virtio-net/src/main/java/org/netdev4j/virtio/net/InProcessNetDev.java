package org.netdev4j.virtio.net;

import java.util.Map;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netdev.ExtendedInfo;
import org.netdev4j.netdev.LinkState;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.NetDevInfo;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.netdev.QueueInfo;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;

/** The driver of an {@link InProcessDevice}, with the device's counters too, that closes both ends. */
final class InProcessNetDev implements NetDevOps {
    private final NetDevOps driver;
    private final InProcessDevice device;

    InProcessNetDev(NetDevOps driver, InProcessDevice device) {
        this.driver = driver;
        this.device = device;
    }

    @Override
    public Map<String, Long> counters() {
        return device.countersBehind(driver);
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

    @Override
    public String driverName() {
        return driver.driverName();
    }

    @Override
    public void probe() {
        driver.probe();
    }

    @Override
    public NetDevInfo info() {
        return driver.info();
    }

    @Override
    public QueueInfo rxQueueInfo(int index) {
        return driver.rxQueueInfo(index);
    }

    @Override
    public QueueInfo txQueueInfo(int index) {
        return driver.txQueueInfo(index);
    }

    @Override
    public void configure(NetDevConfig config) {
        driver.configure(config);
    }

    @Override
    public RxQueue configureRxQueue(int index, RxQueueConfig config) {
        return driver.configureRxQueue(index, config);
    }

    @Override
    public TxQueue configureTxQueue(int index, TxQueueConfig config) {
        return driver.configureTxQueue(index, config);
    }

    @Override
    public void start() {
        driver.start();
    }

    @Override
    public void stop() {
        driver.stop();
    }

    @Override
    public MacAddress macAddress() {
        return driver.macAddress();
    }

    @Override
    public void macAddress(MacAddress address) {
        driver.macAddress(address);
    }

    @Override
    public int mtu() {
        return driver.mtu();
    }

    @Override
    public void mtu(int bytes) {
        driver.mtu(bytes);
    }

    @Override
    public boolean promiscuous() {
        return driver.promiscuous();
    }

    @Override
    public void promiscuous(boolean on) {
        driver.promiscuous(on);
    }

    @Override
    public LinkState linkState() {
        return driver.linkState();
    }

    @Override
    public void onLinkChange(Runnable listener) {
        driver.onLinkChange(listener);
    }

    @Override
    public MemoryRegion allocateMemory(String name, long bytes) {
        return driver.allocateMemory(name, bytes);
    }

    @Override
    public void attachMemory(MemoryRegion region) {
        driver.attachMemory(region);
    }

    @Override
    public String extendedInfo(ExtendedInfo key) {
        return driver.extendedInfo(key);
    }

    @Override
    public Map<String, String> details() {
        return driver.details();
    }
}
