package org.netdev4j.stack;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.NetDevInfo;
import org.netdev4j.netdev.NetDevState;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;
import org.netdev4j.stack.wire.EthernetHeader;
import org.netdev4j.stack.wire.Ipv4Header;
import org.netdev4j.stack.wire.UdpHeader;

/** A running device with one queue pair, and the memory of the packets on it: what a stack takes and gives back. */
record Attachment(NetDev device, MemoryRegion memory, NetBufPool pool, RxQueue rx, TxQueue tx, boolean txInterrupts,
        long mac, int mtu) {
    /** Buffers beyond what the queues hold: one burst, a full backlog, what waits for neighbours, and the application's. */
    private static final int SPARE_BUFFERS = NetStack.BURST + Transmitter.BACKLOG + Arp.MAX_PENDING + 256;
    private static final int HEADERS = EthernetHeader.LENGTH + Ipv4Header.LENGTH + UdpHeader.LENGTH;

    /**
     * Configures and starts a device.
     *
     * @param wait woken by the queues' interrupts, or null for polling
     */
    static Attachment start(NetDev device, int queueSize, InterruptWait wait) {
        NetDevInfo info = device.info();
        if (wait != null && !info.has(Capability.RX_INTERRUPT)) {
            throw new NetDevException("cannot wait for interrupts of " + device.name()
                    + ": the device has none for received packets; poll it instead");
        }
        device.configure(NetDevConfig.ONE_PAIR);
        int rxSize = device.rxQueueInfo(0).check(queueSize);
        int txSize = device.txQueueInfo(0).check(queueSize);
        int mtu = device.mtu();
        NetBufPool.Builder builder = NetBufPool.builder().name("stack " + device.name())
                .buffers(rxSize + txSize + SPARE_BUFFERS)
                .headroom(Math.max(info.rxHeadroom(), info.txHeadroom() + HEADERS))
                .dataSize(EthernetHeader.LENGTH + Ethernet.VLAN_TAG_LENGTH + mtu);
        MemoryRegion memory = device.allocateMemory("stack " + device.name(), builder.memoryBytes());
        NetBufPool pool = null;
        try {
            pool = builder.region(memory).build();
            RxQueueConfig rxConfig = RxQueueConfig.polled(pool).withSize(rxSize);
            TxQueueConfig txConfig = TxQueueConfig.POLLED.withSize(txSize);
            boolean txInterrupts = wait != null && info.has(Capability.TX_INTERRUPT);
            if (wait != null) {
                rxConfig = rxConfig.withInterrupt(device.name(), queue -> wait.wakeUp());
            }
            if (txInterrupts) {
                txConfig = txConfig.withInterrupt(device.name(), queue -> wait.wakeUp());
            }
            RxQueue rx = device.configureRxQueue(0, rxConfig);
            TxQueue tx = device.configureTxQueue(0, txConfig);
            device.start();
            return new Attachment(device, memory, pool, rx, tx, txInterrupts, device.macAddress().value(), mtu);
        } catch (RuntimeException e) {
            if (pool != null) {
                pool.close();
            }
            memory.close();
            throw e;
        }
    }

    /** Stops the device, which gives back the buffers in its queues. */
    void stop() {
        if (device.state() == NetDevState.RUNNING) {
            device.stop();
        }
    }

    /** Gives up the memory; it goes when the last buffer is freed. */
    void close() {
        pool.close();
        memory.close();
    }
}
