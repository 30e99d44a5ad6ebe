package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;

class NetDevTest {
    private static final MacAddress MULTICAST = MacAddress.parse("01:00:5e:00:00:fb");

    private final InMemoryDriver driver = new InMemoryDriver();
    private final NetDev dev = new NetDev("memory:0", driver);
    private final NetBufPool pool = NetBufPool.builder().name("test").buffers(64).build();

    @AfterEach
    void close() {
        dev.close();
        assertEquals(pool.capacity(), pool.available(), "every buffer is back");
        pool.close();
    }

    // the table is applied to every call

    private Map<Operation, Executable> calls() {
        return Map.ofEntries(
                Map.entry(Operation.PROBE, dev::probe),
                Map.entry(Operation.CONFIGURE, () -> dev.configure(NetDevConfig.ONE_PAIR)),
                Map.entry(Operation.START, dev::start),
                Map.entry(Operation.STOP, dev::stop),
                Map.entry(Operation.CLOSE, dev::close),
                Map.entry(Operation.CONFIGURE_RX_QUEUE, () -> dev.configureRxQueue(0, RxQueueConfig.polled(pool))),
                Map.entry(Operation.CONFIGURE_TX_QUEUE, () -> dev.configureTxQueue(0, TxQueueConfig.POLLED)),
                Map.entry(Operation.RX_QUEUE, () -> dev.rxQueue(0)),
                Map.entry(Operation.TX_QUEUE, () -> dev.txQueue(0)),
                Map.entry(Operation.INFO, dev::info),
                Map.entry(Operation.RX_QUEUE_INFO, () -> dev.rxQueueInfo(0)),
                Map.entry(Operation.TX_QUEUE_INFO, () -> dev.txQueueInfo(0)),
                Map.entry(Operation.MAC_ADDRESS, () -> dev.macAddress()),
                Map.entry(Operation.MTU, () -> dev.mtu()),
                Map.entry(Operation.PROMISCUOUS, () -> dev.promiscuous()),
                Map.entry(Operation.LINK_STATE, dev::linkState),
                Map.entry(Operation.EXTENDED_INFO, () -> dev.extendedInfo(ExtendedInfo.IPV4_CIDR)),
                Map.entry(Operation.DETAILS, dev::details),
                Map.entry(Operation.COUNTERS, dev::counters),
                Map.entry(Operation.ALLOCATE_MEMORY, () -> dev.allocateMemory("test", 4096).close()),
                Map.entry(Operation.ATTACH_MEMORY, () -> {
                    try (MemoryRegion region = MemoryRegion.allocate("test", 4096)) {
                        dev.attachMemory(region);
                    }
                }),
                Map.entry(Operation.SET_MAC_ADDRESS, () -> dev.macAddress(MacAddress.parse("02:00:00:00:00:02"))),
                Map.entry(Operation.SET_MTU, () -> dev.mtu(1400)),
                Map.entry(Operation.DETACH_MEMORY, () -> {
                    try (MemoryRegion region = MemoryRegion.allocate("test", 4096)) {
                        dev.detachMemory(region);
                    }
                }),
                Map.entry(Operation.ALL_MULTICAST, () -> dev.allMulticast()),
                Map.entry(Operation.RECEIVE_MODES, () -> dev.receiveModes()),
                Map.entry(Operation.MULTICAST_LIST, () -> dev.multicastList()),
                Map.entry(Operation.VLANS, dev::vlans),
                Map.entry(Operation.SET_PROMISCUOUS, () -> dev.promiscuous(true)),
                Map.entry(Operation.SET_ALL_MULTICAST, () -> dev.allMulticast(true)),
                Map.entry(Operation.SET_RECEIVE_MODES, () -> dev.receiveModes(Set.of(ReceiveMode.NO_BROADCAST))),
                Map.entry(Operation.SET_MULTICAST_LIST, () -> dev.multicastList(Set.of(MULTICAST))),
                Map.entry(Operation.ADD_VLAN, () -> dev.addVlan(7)),
                Map.entry(Operation.REMOVE_VLAN, () -> dev.removeVlan(7)),
                Map.entry(Operation.STEERING, () -> dev.steering(null)),
                Map.entry(Operation.FLOW_HASH, () -> dev.flowHash(Set.of(FlowHashType.IPV4), new byte[40])),
                Map.entry(Operation.COALESCING, () -> dev.coalescing(Coalescing.NONE, Coalescing.NONE)),
                Map.entry(Operation.SET_RX_OFFLOADS, () -> dev.rxOffloads(Set.of())));
    }

    private void bringTo(NetDevState state) {
        switch (state) {
            case UNPROBED -> {
            }
            case UNCONFIGURED -> dev.probe();
            case CONFIGURED -> {
                bringTo(NetDevState.UNCONFIGURED);
                dev.configure(NetDevConfig.ONE_PAIR);
                dev.configureRxQueue(0, RxQueueConfig.polled(pool).withSize(16));
                dev.configureTxQueue(0, TxQueueConfig.POLLED.withSize(16));
            }
            case RUNNING -> {
                bringTo(NetDevState.CONFIGURED);
                dev.start();
            }
            case STOPPED -> {
                bringTo(NetDevState.RUNNING);
                dev.stop();
            }
            case CLOSED -> dev.close();
        }
        assertEquals(state, dev.state());
    }

    @Test
    void everyOperationIsTried() {
        assertEquals(Operation.values().length, calls().size());
    }

    @ParameterizedTest
    @EnumSource
    void illegalCallsThrowChangeNothingAndDoNotReachTheDriver(NetDevState state) {
        bringTo(state);
        List<String> before = List.copyOf(driver.calls());
        calls().forEach((operation, call) -> {
            if (!operation.isLegalIn(state)) {
                IllegalStateException e = assertThrows(IllegalStateException.class, call, operation.name());
                assertTrue(e.getMessage().contains("memory:0 is illegal while it is " + state), e.getMessage());
                assertEquals(state, dev.state(), operation.name());
                assertEquals(before, driver.calls(), operation.name());
            }
        });
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"CLOSED", "UNPROBED"})
    void queriesAreAnsweredInEveryStateFromUnconfiguredOn(NetDevState state) throws Throwable {
        bringTo(state);
        for (Operation query : List.of(Operation.INFO, Operation.RX_QUEUE_INFO, Operation.MAC_ADDRESS, Operation.MTU,
                Operation.PROMISCUOUS, Operation.LINK_STATE, Operation.EXTENDED_INFO, Operation.DETAILS,
                Operation.COUNTERS, Operation.ALL_MULTICAST, Operation.RECEIVE_MODES, Operation.MULTICAST_LIST,
                Operation.VLANS,
                Operation.ALLOCATE_MEMORY, Operation.ATTACH_MEMORY, Operation.DETACH_MEMORY)) {
            calls().get(query).execute();
        }
        assertEquals(state, dev.state());
    }

    // failures

    @Test
    @DisplayName("regression 21: a step that fails leaves the device where it was, and works the next time")
    void failedStepsCanBeRetried() {
        failsThenWorks("probe", dev::probe, NetDevState.UNPROBED, NetDevState.UNCONFIGURED);
        failsThenWorks("configure", () -> dev.configure(NetDevConfig.ONE_PAIR), NetDevState.UNCONFIGURED,
                NetDevState.CONFIGURED);
        failsThenWorks("configureRxQueue 0", () -> dev.configureRxQueue(0, RxQueueConfig.polled(pool).withSize(16)),
                NetDevState.CONFIGURED, NetDevState.CONFIGURED);
        failsThenWorks("configureTxQueue 0", () -> dev.configureTxQueue(0, TxQueueConfig.POLLED),
                NetDevState.CONFIGURED, NetDevState.CONFIGURED);
        failsThenWorks("start", dev::start, NetDevState.CONFIGURED, NetDevState.RUNNING);
        failsThenWorks("stop", dev::stop, NetDevState.RUNNING, NetDevState.STOPPED);
        failsThenWorks("start", dev::start, NetDevState.STOPPED, NetDevState.RUNNING);
    }

    private void failsThenWorks(String call, Executable step, NetDevState before, NetDevState after) {
        driver.failNext(call);
        NetDevException e = assertThrows(NetDevException.class, step);
        assertEquals("fault in " + call, e.getMessage());
        assertEquals(before, dev.state());
        try {
            step.execute();
        } catch (Throwable t) {
            throw new AssertionError(call + " the second time", t);
        }
        assertEquals(after, dev.state());
    }

    @Test
    void failedStopLeavesTheQueuesOpen() {
        bringTo(NetDevState.RUNNING);
        driver.failNext("stop");
        assertThrows(NetDevException.class, dev::stop);
        assertEquals(0, dev.rxQueue(0).receive(new NetBuf[1]));
    }

    @Test
    void failedReconfigureLeavesTheQueuesAsTheyWere() {
        bringTo(NetDevState.STOPPED);
        RxQueue queue = dev.rxQueue(0);
        driver.failNext("configure");
        assertThrows(NetDevException.class, () -> dev.configure(NetDevConfig.pairs(2)));
        assertEquals(NetDevState.STOPPED, dev.state());
        dev.start();
        assertSame(queue, dev.rxQueue(0));
        assertEquals(0, queue.receive(new NetBuf[1]));
    }

    @Test
    void failedCloseStillCloses() {
        bringTo(NetDevState.RUNNING);
        driver.failNext("stop");
        driver.failNext("close");
        NetDevException e = assertThrows(NetDevException.class, dev::close);
        assertEquals("fault in stop", e.getMessage());
        assertEquals("fault in close", e.getSuppressed()[0].getMessage());
        assertEquals(NetDevState.CLOSED, dev.state());
        assertFalse(NetDev.all().contains(dev));
        driver.stop();
    }

    @ParameterizedTest
    @EnumSource
    void closeStopsARunningDeviceAndIsIdempotent(NetDevState state) {
        bringTo(state);
        boolean running = state == NetDevState.RUNNING;
        int stops = (int) driver.calls().stream().filter("stop"::equals).count();
        dev.close();
        dev.close();
        assertEquals(NetDevState.CLOSED, dev.state());
        assertEquals(stops + (running ? 1 : 0), driver.calls().stream().filter("stop"::equals).count());
        assertEquals(1, driver.calls().stream().filter("close"::equals).count());
    }

    // configuration

    @Test
    void startNamesTheQueueThatIsMissing() {
        dev.probe();
        dev.configure(NetDevConfig.pairs(2));
        dev.configureTxQueue(1, TxQueueConfig.POLLED);
        dev.configureRxQueue(0, RxQueueConfig.polled(pool));
        dev.configureRxQueue(1, RxQueueConfig.polled(pool));
        IllegalStateException e = assertThrows(IllegalStateException.class, dev::start);
        assertEquals("cannot start: transmit queue 0 of 2 is not prepared; call configureTxQueue(0, ...) first",
                e.getMessage());
        assertFalse(driver.calls().contains("start"));
        dev.configureTxQueue(0, TxQueueConfig.POLLED);
        dev.start();
    }

    @Test
    void queueIsPreparedOnce() {
        bringTo(NetDevState.CONFIGURED);
        assertThrows(IllegalStateException.class, () -> dev.configureRxQueue(0, RxQueueConfig.polled(pool)));
        assertThrows(IllegalStateException.class, () -> dev.configureTxQueue(0, TxQueueConfig.POLLED));
    }

    @Test
    void queueThatIsNotPreparedIsNotThere() {
        dev.probe();
        dev.configure(NetDevConfig.ONE_PAIR);
        assertThrows(IllegalStateException.class, () -> dev.rxQueue(0));
        assertThrows(IllegalStateException.class, () -> dev.txQueue(0));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1, Integer.MAX_VALUE})
    void queueIndexesBeyondTheConfigurationAreRefused(int index) {
        dev.probe();
        dev.configure(NetDevConfig.ONE_PAIR);
        assertThrows(IllegalArgumentException.class, () -> dev.configureRxQueue(index, RxQueueConfig.polled(pool)));
        assertThrows(IllegalArgumentException.class, () -> dev.configureTxQueue(index, TxQueueConfig.POLLED));
        assertThrows(IllegalArgumentException.class, () -> dev.rxQueue(index));
        assertThrows(IllegalArgumentException.class, () -> dev.txQueue(index));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 4})
    void queueInfoIsForQueuesTheDeviceHas(int index) {
        dev.probe();
        assertThrows(IllegalArgumentException.class, () -> dev.rxQueueInfo(index));
        assertThrows(IllegalArgumentException.class, () -> dev.txQueueInfo(index));
    }

    @Test
    void queueCountsAreCheckedAgainstTheDevice() {
        dev.probe();
        assertMessage("cannot configure 5 receive and 4 transmit queues: the device has up to 4 and 4",
                () -> dev.configure(new NetDevConfig(5, 4)));
        assertMessage("cannot configure 2 receive and 1 transmit queues: the device has them in pairs, ask for the same"
                + " number of both", () -> dev.configure(new NetDevConfig(2, 1)));
        assertThrows(IllegalArgumentException.class, () -> new NetDevConfig(0, 1));
        assertEquals(NetDevState.UNCONFIGURED, dev.state());
    }

    @Test
    void queueSizeIsCheckedAndTheDefaultFilledIn() {
        dev.probe();
        dev.configure(NetDevConfig.ONE_PAIR);
        assertThrows(NetDevException.class, () -> dev.configureTxQueue(0, TxQueueConfig.POLLED.withSize(3)));
        dev.configureTxQueue(0, TxQueueConfig.POLLED);
        dev.configureRxQueue(0, RxQueueConfig.polled(pool));
        dev.start();
        assertEquals(256, dev.txQueue(0).space());
    }

    @Test
    void listenerAndDispatcherComeTogether() {
        assertThrows(IllegalArgumentException.class, () -> new TxQueueConfig(0, "irq", null));
        assertThrows(IllegalArgumentException.class, () -> new TxQueueConfig(0, null, queue -> {}));
        assertThrows(IllegalArgumentException.class, () -> new RxQueueConfig(0, pool, null, queue -> {}));
    }

    @Test
    void valuesOutOfRangeAreRefusedBeforeTheDriverSeesThem() {
        bringTo(NetDevState.CONFIGURED);
        List<String> before = List.copyOf(driver.calls());
        assertMessage("cannot set the MTU of memory:0 to 9001: allowed is from 68 to 9000 bytes", () -> dev.mtu(9001));
        assertThrows(NetDevException.class, () -> dev.mtu(67));
        assertThrows(NetDevException.class, () -> dev.macAddress(MacAddress.BROADCAST));
        assertThrows(NetDevException.class, () -> dev.macAddress(new MacAddress(0)));
        assertThrows(NetDevException.class, () -> dev.multicastList(Set.of(MULTICAST, MacAddress.BROADCAST)));
        assertThrows(NetDevException.class, () -> dev.multicastList(Set.of(dev.macAddress())));
        assertMessage("there is no VLAN 4095: allowed is from 0 to 4094 (IEEE 802.1Q)", () -> dev.addVlan(4095));
        assertThrows(NetDevException.class, () -> dev.removeVlan(-1));
        assertEquals(before, driver.calls());
    }

    private static void assertMessage(String message, Executable call) {
        assertEquals(message, assertThrows(NetDevException.class, call).getMessage());
    }

    @Test
    void filtersHoldWhatTheyWereTold() {
        bringTo(NetDevState.RUNNING);
        dev.multicastList(Set.of(MULTICAST));
        dev.allMulticast(true);
        dev.addVlan(0);
        dev.addVlan(4094);
        dev.addVlan(4094);
        dev.removeVlan(0);
        dev.stop();
        dev.start();
        assertEquals(Set.of(MULTICAST), dev.multicastList());
        assertTrue(dev.allMulticast());
        assertEquals(Set.of(4094), dev.vlans());
    }

    @Test
    void memoryThatAReceiveQueueIsFilledFromStaysAttached() {
        bringTo(NetDevState.STOPPED);
        assertMessage("cannot detach " + pool.region() + ": pool test of receive queue 0 is in it; stop the device and"
                + " configure it anew first", () -> dev.detachMemory(pool.region()));
        dev.configure(NetDevConfig.ONE_PAIR);
        dev.detachMemory(pool.region());
    }

    // queues

    @Test
    void queueCallsAreIllegalUnlessRunning() {
        bringTo(NetDevState.CONFIGURED);
        RxQueue rx = dev.rxQueue(0);
        TxQueue tx = dev.txQueue(0);
        NetBuf packet = pool.allocate();
        List<Executable> calls = List.of(() -> rx.receive(new NetBuf[1]), () -> tx.transmit(packet),
                () -> tx.transmit(new NetBuf[]{packet}, 0, 1), () -> tx.reclaim(), () -> tx.space());
        String idle = "queue 0 is illegal while its device is not RUNNING";
        assertAllRefused(calls, idle);
        dev.start();
        assertEquals(0, rx.receive(new NetBuf[1]));
        dev.stop();
        assertAllRefused(calls, idle);
        dev.configure(NetDevConfig.ONE_PAIR);
        assertAllRefused(calls, "queue 0, which is void: its device was configured anew or closed since");
        assertNotSame(rx, dev.configureRxQueue(0, RxQueueConfig.polled(pool)));
        packet.free();
    }

    private static void assertAllRefused(List<Executable> calls, String message) {
        for (Executable call : calls) {
            IllegalStateException e = assertThrows(IllegalStateException.class, call);
            assertTrue(e.getMessage().contains(message), e.getMessage());
        }
    }

    @Test
    void queuesOfAClosedDeviceAreVoid() {
        bringTo(NetDevState.RUNNING);
        RxQueue rx = dev.rxQueue(0);
        dev.close();
        assertAllRefused(List.of(() -> rx.receive(new NetBuf[1])), "void");
    }

    @Test
    void rangesBeyondTheArrayAreRefused() {
        bringTo(NetDevState.RUNNING);
        NetBuf[] bufs = new NetBuf[4];
        for (int[] range : new int[][]{{-1, 1}, {0, 5}, {4, 1}, {1, Integer.MAX_VALUE}, {0, -1}}) {
            assertThrows(IndexOutOfBoundsException.class, () -> dev.rxQueue(0).receive(bufs, range[0], range[1]));
            assertThrows(IndexOutOfBoundsException.class, () -> dev.txQueue(0).transmit(bufs, range[0], range[1]));
        }
    }

    @Test
    void burstWithAnEmptySlotIsRefusedWhole() {
        bringTo(NetDevState.RUNNING);
        NetBuf[] bufs = {pool.allocate(), null};
        assertThrows(NullPointerException.class, () -> dev.txQueue(0).transmit(bufs, 0, 2));
        assertThrows(NullPointerException.class, () -> dev.txQueue(0).transmit(null));
        bufs[0].free();
    }

    @Test
    void armingWithoutAListenerIsRefused() {
        bringTo(NetDevState.RUNNING);
        assertAllRefused(List.of(() -> dev.rxQueue(0).armInterrupt(), () -> dev.txQueue(0).armInterrupt(),
                () -> dev.rxQueue(0).disarmInterrupt(), () -> dev.txQueue(0).disarmInterrupt()), "has no listener");
    }

    @Test
    void secondThreadInAQueueIsNoticed() throws InterruptedException {
        QueueGate gate = new QueueGate("receive", 7);
        gate.open();
        gate.enter("receive");
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread other = Thread.ofPlatform().name("intruder").uncaughtExceptionHandler((t, e) -> thrown.set(e))
                .start(() -> gate.enter("receive"));
        other.join();
        assertEquals("receive on receive queue 7 by thread intruder while thread " + Thread.currentThread().getName()
                + " is in it; a queue takes one thread at a time", thrown.get().getMessage());
        gate.exit();
        gate.enter("receive");
    }

    @Test
    void statsOutliveTheDevice() {
        bringTo(NetDevState.RUNNING);
        dev.rxQueue(0).receive(new NetBuf[1]);
        dev.close();
        assertEquals(1, dev.stats().rx().empty());
    }

    @Test
    void statsBeforeConfigureAreZero() {
        assertEquals(new NetDevStats(QueueStats.ZERO, QueueStats.ZERO), dev.stats());
    }

    // names

    @Test
    void aDeviceShowsItsNameDriverAndState() {
        assertEquals("memory:0", dev.name());
        assertEquals("in-memory", dev.driverName());
        assertEquals("memory:0 (in-memory, UNPROBED)", dev.toString());
        dev.probe();
        assertNull(dev.extendedInfo(ExtendedInfo.IPV4_GATEWAY));
        assertEquals(Map.of("offloads in software", "tx-checksum tx-tso4 tx-tso6 tx-tso-ecn tx-uso"), dev.details());
    }
}
