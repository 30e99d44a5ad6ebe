package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.netdev4j.netbuf.NetBuf;

/**
 * What every driver must do. A driver's tests extend this class and supply a device whose link is a loop: what is transmitted
 * on a queue is received, unchanged and in order, on the receive queue of the same number.
 * <p>
 * After each test the device is closed, and every buffer must be back in its pool.
 */
public abstract class NetDevContract {
    private static final String DISPATCHER = "contract-irq";
    private static final int LIMIT_SECONDS = 10;

    private LoopedDevice device;
    private NetDev dev;

    protected NetDevContract() {}

    /** A new device that is not probed yet. Called once or more in a test, each time after the last one was closed. */
    protected abstract NetDevOps open();

    /** Lets the device opened last work until it has nothing to do, or no receive buffer to do it with. */
    protected abstract void settle();

    @BeforeEach
    void probeDevice() {
        reopen();
    }

    private void reopen() {
        device = new LoopedDevice(open(), this::settle);
        dev = device.dev;
    }

    @AfterEach
    void closeDevice() {
        device.close();
    }

    // what the device says of itself

    @Test
    void infoIsPlausibleBeforeConfigure() {
        NetDevInfo info = dev.info();
        assertTrue(info.maxRxQueues() >= 1 && info.maxTxQueues() >= 1, info.toString());
        assertTrue(info.maxMtu() >= NetDevInfo.MIN_MTU, info.toString());
        assertTrue(info.rxHeadroom() >= 0 && info.txHeadroom() >= 0, info.toString());
        assertEquals(1, Integer.bitCount(info.bufferAlignment()), info.toString());
        assertTrue(info.maxTxSegments() >= 1, info.toString());
        assertEquals(dev.rxQueueInfo(0).defaultSize(), dev.rxQueueInfo(0).check(0));
        assertEquals(dev.txQueueInfo(0).defaultSize(), dev.txQueueInfo(0).check(0));
    }

    @Test
    @DisplayName("regression 2: MAC address and MTU are plausible")
    void macAddressAndMtuArePlausible() {
        assertFalse(dev.macAddress().isMulticast(), dev.macAddress().toString());
        assertTrue(dev.mtu() >= NetDevInfo.MIN_MTU && dev.mtu() <= dev.info().maxMtu(), dev.mtu() + " bytes");
        assertNotNull(dev.linkState());
    }

    @Test
    void whatCanBeSetIsSetAndTheRestIsRefused() {
        device.configure(1).start();
        MacAddress mac = MacAddress.parse("02:00:00:00:12:34");
        if (dev.info().has(Capability.MAC_SET)) {
            dev.macAddress(mac);
            assertEquals(mac, dev.macAddress());
        } else {
            assertThrows(NetDevException.class, () -> dev.macAddress(mac));
        }
        if (dev.info().has(Capability.MTU_SET)) {
            dev.mtu(1400);
            assertEquals(1400, dev.mtu());
        } else {
            assertThrows(NetDevException.class, () -> dev.mtu(1400));
        }
        if (dev.info().has(Capability.PROMISCUOUS)) {
            dev.promiscuous(true);
            assertTrue(dev.promiscuous());
        } else {
            assertThrows(NetDevException.class, () -> dev.promiscuous(true));
        }
        device.assertTrafficFlows();
    }

    // bursts

    @Test
    @DisplayName("regression 1: the length received is the length of the frame")
    void framesOfEveryLengthComeBackUnchanged() {
        device.configure(1).start();
        int largest = Math.min(dev.mtu(), 1500) + 14;
        for (int length : new int[]{60, 61, 64, 127, 1024, largest - 1, largest}) {
            byte[] bytes = device.frameBytes(length, length);
            device.send(device.packet(bytes, length));
            device.assertReceives(device.rx(), bytes);
        }
    }

    @Test
    void burstsKeepTheOrderOverManyTimesTheRing() {
        device.configure(1).start();
        int next = 0;
        for (int round = 0; round < 20; round++) {
            NetBuf[] burst = new NetBuf[5];
            byte[][] bytes = new byte[burst.length][];
            for (int i = 0; i < burst.length; i++) {
                bytes[i] = device.frameBytes(60, next++);
                burst[i] = device.packet(bytes[i], 60);
            }
            assertEquals(burst.length, device.tx().transmit(burst, 0, burst.length));
            device.assertReceives(device.rx(), bytes);
        }
    }

    @Test
    void emptyQueueGivesNothingAndLeavesTheArrayAlone() {
        device.configure(1).start();
        NetBuf mine = device.frame(60, 0);
        NetBuf[] bufs = {mine, mine, mine};
        assertEquals(0, device.rx().receive(bufs));
        assertArrayEquals(new NetBuf[]{mine, mine, mine}, bufs);
        assertEquals(1, device.rx().stats().empty());
        mine.free();
    }

    @Test
    void receiveFillsOnlyTheRangeAskedFor() {
        device.configure(1).start();
        for (int i = 0; i < 4; i++) {
            device.send(device.frame(60, i));
        }
        device.settle();
        NetBuf[] bufs = new NetBuf[6];
        assertEquals(3, device.rx().receive(bufs, 2, 3));
        assertNull(bufs[1]);
        assertNull(bufs[5]);
        NetBuf.free(bufs, 2, 3);
        device.assertReceives(device.rx(), device.frameBytes(60, 3));
    }

    @Test
    void emptyBurstsAreFine() {
        device.configure(1).start();
        assertEquals(0, device.tx().transmit(new NetBuf[0], 0, 0));
        assertEquals(0, device.rx().receive(new NetBuf[0], 0, 0));
    }

    @Test
    void slotsTakenAreNulledAndTheRestIsUntouched() {
        device.configure(1).start();
        int count = LoopedDevice.BUFFERS / 2;
        NetBuf[] bufs = new NetBuf[count];
        for (int i = 0; i < count; i++) {
            bufs[i] = device.frame(60, i);
        }
        NetBuf[] before = bufs.clone();
        long[] offsets = Arrays.stream(bufs).mapToLong(NetBuf::dataOffset).toArray();
        int taken = device.tx().transmit(bufs, 0, count);
        assumeTrue(taken < count, "the device never runs full");
        assertTrue(taken > 0, "taken " + taken);
        for (int i = 0; i < count; i++) {
            if (i < taken) {
                assertNull(bufs[i], "slot " + i);
            } else {
                assertSame(before[i], bufs[i], "slot " + i);
                assertEquals(offsets[i], bufs[i].dataOffset(), "data of slot " + i);
                assertEquals(60, bufs[i].length(), "length of slot " + i);
                assertEquals(0, bufs[i].flags(), "flags of slot " + i);
            }
        }
        NetBuf.free(bufs, taken, count - taken);
        assertEquals(taken, device.receiveBytes(device.rx(), count).size());
    }

    @Test
    @DisplayName("regression 27: the second holder of a sent packet sees it unchanged")
    void sharedPacketStaysAsItWas() {
        device.configure(1).start();
        byte[] bytes = device.frameBytes(200, 1);
        NetBuf packet = device.packet(bytes, 200);
        long offset = packet.dataOffset();
        device.send(packet.retain());
        for (int phase = 0; phase < 2; phase++) {
            assertEquals(offset, packet.dataOffset());
            assertEquals(200, packet.length());
            assertArrayEquals(bytes, read(packet));
            device.assertReceives(device.rx(), phase == 0 ? new byte[][]{bytes} : new byte[0][]);
            device.tx().reclaim();
        }
        assertEquals(1, packet.refCount());
        packet.free();
    }

    private static byte[] read(NetBuf packet) {
        return LoopedDevice.takeBytes(packet.retain());
    }

    @Test
    void packetWithoutHeadroomIsSent() {
        device.configure(1).start();
        byte[] bytes = device.frameBytes(100, 1);
        NetBuf packet = device.packet(bytes, 100);
        packet.place(0, 100);
        packet.copyFrom(0, MemorySegment.ofArray(bytes), 0, 100);
        device.send(packet);
        device.assertReceives(device.rx(), bytes);
    }

    // chains

    @Test
    void chainOfAsManyPiecesAsTheDeviceTakesComesBackWhole() {
        device.configure(1).start();
        int pieces = Math.min(dev.info().maxTxSegments(), 20);
        byte[] bytes = device.frameBytes(pieces * 50, 1);
        device.send(device.packet(bytes, equalPieces(pieces, 50)));
        device.assertReceives(device.rx(), bytes);
    }

    @Test
    @DisplayName("regression 9: a chain beyond the device's limit is sent or counted, never lost")
    void longChainIsSentOrCounted() {
        device.configure(1).start();
        int pieces = LoopedDevice.BUFFERS - 1;
        byte[] bytes = device.frameBytes(pieces * 20, 1);
        device.send(device.packet(bytes, equalPieces(pieces, 20)));
        List<byte[]> received = device.receiveBytes(device.rx(), 1);
        QueueStats sent = device.tx().stats();
        assertEquals(1, sent.packets() + sent.dropped(), sent.toString());
        assertEquals(sent.packets(), received.size());
        device.tx().reclaim();
        device.assertTrafficFlows();
    }

    private static int[] equalPieces(int pieces, int bytes) {
        int[] lengths = new int[pieces];
        Arrays.fill(lengths, bytes);
        return lengths;
    }

    @Test
    @DisplayName("regression 6: a runt is dropped or delivered, and the queue goes on")
    void runtDoesNoHarm() {
        device.configure(1).start();
        for (int i = 0; i < 2 * LoopedDevice.RING_SIZE; i++) {
            device.send(device.packet(new byte[i % 14], i % 14));
            device.receiveBytes(device.rx(), 1);
            device.tx().reclaim();
        }
        device.assertTrafficFlows();
    }

    // statistics

    @Test
    @DisplayName("regression 16: packets and bytes are counted once per packet, chains too")
    void statistics() {
        device.configure(1).start();
        byte[] chain = device.frameBytes(600, 1);
        device.send(device.packet(chain, 100, 200, 300));
        device.send(device.frame(60, 2));
        device.receiveBytes(device.rx(), 2);
        for (QueueStats stats : List.of(device.tx().stats(), device.rx().stats(), dev.stats().tx(), dev.stats().rx())) {
            assertEquals(2, stats.packets(), stats.toString());
            assertEquals(660, stats.bytes(), stats.toString());
            assertEquals(0, stats.dropped(), stats.toString());
        }
    }

    // room

    @Test
    @DisplayName("regression 7: sent buffers come back without sending more")
    void reclaimWithoutTransmit() {
        device.configure(1).start();
        device.send(device.frame(60, 1));
        device.receiveBytes(device.rx(), 1);
        device.tx().reclaim();
        assertEquals(device.txPool.capacity(), device.txPool.available());
        assertEquals(0, device.tx().reclaim(), "nothing is left to reclaim");
    }

    @Test
    @DisplayName("regression 8: a full queue has space again when the device has sent")
    void fullThenSpace() {
        device.configure(1).start();
        int sent = device.fill(60);
        assumeTrue(sent < LoopedDevice.BUFFERS, "the device never runs full");
        assertEquals(0, device.tx().space());
        assertTrue(device.tx().stats().empty() > 0, "the refusal is counted");
        assertEquals(sent, device.receiveBytes(device.rx(), sent).size());
        device.tx().reclaim();
        assertTrue(device.tx().space() >= sent, "space for " + device.tx().space());
        assertEquals(sent, device.fill(60));
    }

    @Test
    @DisplayName("regression 5: a receive queue whose pool ran dry recovers")
    void receiverRecoversFromAnEmptyPool() {
        device.configure(1).start();
        List<NetBuf> hoard = new ArrayList<>();
        for (int i = 0; i < 2 * LoopedDevice.BUFFERS; i++) {
            NetBuf frame = device.frame(60, i);
            if (!device.tx().transmit(frame)) {
                frame.free();
            }
            hoard.addAll(device.receive(device.rx(), 1));
            device.tx().reclaim();
        }
        assertEquals(0, device.rxPool.available(), "the pool is dry");
        assertEquals(device.rxPool.capacity(), hoard.stream().mapToInt(NetBuf::segmentCount).sum(), "so is the queue");

        hoard.forEach(NetBuf::free);
        device.receiveBytes(device.rx(), LoopedDevice.BUFFERS);
        device.tx().reclaim();
        device.assertTrafficFlows();
    }

    // life cycle

    @Test
    @DisplayName("regression 22: queues are prepared in any order")
    void queuesArePreparedInAnyOrder() {
        assumeTwoPairs();
        dev.configure(NetDevConfig.pairs(2));
        TxQueueConfig tx = TxQueueConfig.POLLED.withSize(LoopedDevice.ringSize(dev.txQueueInfo(0)));
        RxQueueConfig rx = RxQueueConfig.polled(device.rxPool).withSize(LoopedDevice.ringSize(dev.rxQueueInfo(0)));
        assertEquals(1, dev.configureTxQueue(1, tx).index());
        assertEquals(1, dev.configureRxQueue(1, rx).index());
        assertEquals(0, dev.configureRxQueue(0, rx).index());
        assertEquals(0, dev.configureTxQueue(0, tx).index());
        device.start();
        device.assertTrafficFlows();
    }

    @Test
    @DisplayName("regression 24: traffic on all pairs")
    void trafficOnAllPairs() {
        assumeTwoPairs();
        device.configure(2).start();
        for (int i = 0; i < 2; i++) {
            byte[] bytes = device.frameBytes(100 + i, i);
            assertTrue(dev.txQueue(i).transmit(device.packet(bytes, bytes.length)));
            device.assertReceives(dev.rxQueue(i), bytes);
        }
    }

    private void assumeTwoPairs() {
        assumeTrue(dev.info().maxRxQueues() >= 2 && dev.info().maxTxQueues() >= 2, "the device has one queue pair");
    }

    @Test
    @DisplayName("regression 26: stop returns every buffer, start resumes with the same queues")
    void stopAndRestart() {
        device.configure(1).start();
        RxQueue rx = device.rx();
        TxQueue tx = device.tx();
        for (int round = 0; round < 3; round++) {
            device.assertTrafficFlows();
            device.send(device.frame(60, 1));
            device.settle();
            device.send(device.frame(60, 2));
            dev.stop();
            device.assertEveryBufferIsBack();
            assertThrows(IllegalStateException.class, () -> rx.receive(new NetBuf[1]));
            assertThrows(IllegalStateException.class, () -> tx.reclaim());
            dev.start();
            assertSame(rx, device.rx());
            assertSame(tx, device.tx());
            assertEquals(0, device.receive(rx, 1).size(), "what was in the queues before is gone");
        }
        device.assertTrafficFlows();
    }

    @Test
    void reconfigureStartsAfresh() {
        device.configure(1).start();
        device.assertTrafficFlows();
        RxQueue old = device.rx();
        dev.stop();
        device.configure(1).start();
        assertThrows(IllegalStateException.class, () -> old.receive(new NetBuf[1]));
        assertEquals(QueueStats.ZERO, dev.stats().tx());
        device.assertTrafficFlows();
    }

    @Test
    void reconfigureBeforeTheFirstStart() {
        device.configure(1);
        device.configure(1).start();
        device.assertTrafficFlows();
    }

    @ParameterizedTest
    @EnumSource(names = {"UNCONFIGURED", "CONFIGURED", "RUNNING", "STOPPED"})
    void closeFromAnyStateReturnsEveryBuffer(NetDevState state) {
        if (state != NetDevState.UNCONFIGURED) {
            device.configure(1);
        }
        if (state == NetDevState.RUNNING || state == NetDevState.STOPPED) {
            device.start();
            device.fill(60);
            device.settle();
            device.send(device.frame(60, 1));
        }
        if (state == NetDevState.STOPPED) {
            dev.stop();
        }
        assertEquals(state, dev.state());
        dev.close();
        dev.close();
        assertEquals(NetDevState.CLOSED, dev.state());
        device.assertEveryBufferIsBack();
    }

    @Test
    void closeWithoutProbe() {
        device.close();
        try (NetDev unprobed = new NetDev("unprobed", open())) {
            assertEquals(NetDevState.UNPROBED, unprobed.state());
        }
        reopen();
    }

    // interrupts

    @Test
    void armedReceiveInterruptCallsTheListenerOnceOnItsDispatcher() throws InterruptedException {
        BlockingQueue<String> calls = startWithRxInterrupt();
        for (int round = 1; round <= 5; round++) {
            assertTrue(device.rx().armInterrupt(), "nothing waits: armed");
            device.send(device.frame(60, 1));
            device.send(device.frame(60, 2));
            device.settle();
            assertEquals(DISPATCHER + " 0", calls.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
            device.send(device.frame(60, 3));
            device.settle();
            assertEquals(3, device.receiveBytes(device.rx(), 3).size());
            device.tx().reclaim();
            assertEquals(round, device.rx().stats().interrupts());
        }
        assertTrue(calls.isEmpty(), "more calls than interrupts armed");
    }

    @Test
    void armTellsThatPacketsWait() throws InterruptedException {
        BlockingQueue<String> calls = startWithRxInterrupt();
        device.send(device.frame(60, 1));
        device.settle();
        assertFalse(device.rx().armInterrupt(), "a packet waits: not armed");
        device.send(device.frame(60, 2));
        device.settle();
        assertEquals(2, device.receiveBytes(device.rx(), 2).size());
        assertTrue(device.rx().armInterrupt(), "nothing waits: armed");
        device.send(device.frame(60, 3));
        device.settle();
        assertEquals(DISPATCHER + " 0", calls.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
        assertEquals(1, device.rx().stats().interrupts());
        device.receiveBytes(device.rx(), 1);
    }

    @Test
    void disarmedInterruptDoesNotCall() throws InterruptedException {
        BlockingQueue<String> calls = startWithRxInterrupt();
        assertTrue(device.rx().armInterrupt());
        device.rx().disarmInterrupt();
        device.send(device.frame(60, 1));
        device.settle();
        assertEquals(1, device.receiveBytes(device.rx(), 1).size());
        assertTrue(device.rx().armInterrupt());
        device.send(device.frame(60, 2));
        device.settle();
        assertEquals(DISPATCHER + " 0", calls.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
        assertEquals(1, device.rx().stats().interrupts());
        device.receiveBytes(device.rx(), 1);
    }

    @Test
    @DisplayName("regression 8: the transmit interrupt tells that space came back")
    void armedTransmitInterruptCallsWhenPacketsAreSent() throws InterruptedException {
        assumeTrue(dev.info().has(Capability.TX_INTERRUPT), "the device has no transmit interrupt");
        BlockingQueue<String> calls = new LinkedBlockingQueue<>();
        device.configure(1, DISPATCHER, null, recordingListener(calls)).start();
        device.fill(60);
        if (device.tx().armInterrupt()) {
            device.settle();
            assertEquals(DISPATCHER + " 0", calls.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
        }
        assertFalse(device.tx().armInterrupt(), "sent packets wait: not armed");
        device.receiveBytes(device.rx(), LoopedDevice.BUFFERS);
        assertTrue(device.tx().reclaim() > 0);
        assertTrue(device.tx().armInterrupt(), "nothing waits: armed");
        device.send(device.frame(60, 1));
        device.receiveBytes(device.rx(), 1);
        assertEquals(DISPATCHER + " 0", calls.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void restartedDeviceInterruptsAgain() throws InterruptedException {
        BlockingQueue<String> calls = startWithRxInterrupt();
        assertTrue(device.rx().armInterrupt());
        dev.stop();
        dev.start();
        assertTrue(device.rx().armInterrupt());
        device.send(device.frame(60, 1));
        device.settle();
        assertEquals(DISPATCHER + " 0", calls.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
        assertEquals(1, device.rx().stats().interrupts());
        device.receiveBytes(device.rx(), 1);
    }

    private BlockingQueue<String> startWithRxInterrupt() {
        assumeTrue(dev.info().has(Capability.RX_INTERRUPT), "the device has no receive interrupt");
        BlockingQueue<String> calls = new LinkedBlockingQueue<>();
        device.configure(1, DISPATCHER, recordingListener(calls), null).start();
        return calls;
    }

    private static QueueListener recordingListener(BlockingQueue<String> calls) {
        return queue -> calls.add(Thread.currentThread().getName() + " " + queue);
    }
}
