package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

import org.junit.jupiter.api.function.Executable;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * Regression 21: calls in any order, any of them failing in the driver, against the table: an illegal one changes nothing and
 * never gets to the driver, one that fails leaves the device where it was, and what is legal can be tried again.
 */
class LifeCyclePropertyTest {
    record Step(Operation operation, boolean fails) {}

    private static final Set<Operation> CHANGING = EnumSet.of(Operation.PROBE, Operation.CONFIGURE, Operation.START,
            Operation.STOP, Operation.CLOSE, Operation.CONFIGURE_RX_QUEUE, Operation.CONFIGURE_TX_QUEUE,
            Operation.SET_MAC_ADDRESS, Operation.SET_MTU, Operation.SET_PROMISCUOUS, Operation.SET_ALL_MULTICAST,
            Operation.SET_RECEIVE_MODES, Operation.SET_MULTICAST_LIST, Operation.ADD_VLAN, Operation.REMOVE_VLAN,
            Operation.STEERING,
            Operation.FLOW_HASH, Operation.COALESCING, Operation.SET_RX_OFFLOADS);

    @Property(tries = 400)
    void everySequenceFollowsTheTable(@ForAll("steps") List<Step> steps) throws Throwable {
        try (Run run = new Run()) {
            for (Step step : steps) {
                run.take(step);
            }
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Operation> operations = Arbitraries.frequencyOf(
                Tuple.of(1, Arbitraries.of(Operation.class)),
                Tuple.of(3, Arbitraries.of(Operation.PROBE, Operation.CONFIGURE, Operation.START,
                        Operation.STOP, Operation.CONFIGURE_RX_QUEUE, Operation.CONFIGURE_TX_QUEUE)));
        return Combinators.combine(operations, Arbitraries.integers().between(0, 3).map(n -> n == 0)).as(Step::new)
                .list().ofMaxSize(60);
    }

    /** A device beside what is expected of it. */
    private static final class Run implements AutoCloseable {
        private final InMemoryDriver driver = new InMemoryDriver();
        private final NetDev dev = new NetDev("memory:0", driver);
        private final NetBufPool pool = NetBufPool.builder().buffers(64).dataSize(256).cacheSize(0).build();
        private final List<RxQueue> voidQueues = new ArrayList<>();

        private NetDevState state = NetDevState.UNPROBED;
        private RxQueue rx;
        private TxQueue tx;

        void take(Step step) throws Throwable {
            Operation operation = step.operation();
            List<String> before = List.copyOf(driver.calls());
            driver.failNextCall(step.fails());
            if (!isLegal(operation)) {
                assertThrows(IllegalStateException.class, call(operation), operation.name());
                assertEquals(before, driver.calls());
            } else if (step.fails() && CHANGING.contains(operation) && state != NetDevState.CLOSED) {
                assertThrows(NetDevException.class, call(operation), operation.name());
                failed(operation);
            } else {
                call(operation).execute();
                succeeded(operation);
            }
            driver.failNextCall(false);
            check();
        }

        private boolean isLegal(Operation operation) {
            boolean prepared = switch (operation) {
                case START -> rx != null && tx != null;
                case CONFIGURE_RX_QUEUE -> rx == null;
                case CONFIGURE_TX_QUEUE -> tx == null;
                case RX_QUEUE -> rx != null;
                case TX_QUEUE -> tx != null;
                default -> true;
            };
            return operation.isLegalIn(state) && prepared;
        }

        private void failed(Operation operation) {
            if (operation == Operation.CLOSE) {
                if (state == NetDevState.RUNNING) {
                    driver.stop();
                }
                state = NetDevState.CLOSED;
            }
        }

        private void succeeded(Operation operation) {
            if (operation == Operation.CONFIGURE) {
                if (rx != null) {
                    voidQueues.add(rx);
                }
                rx = null;
                tx = null;
            }
            state = operation.after(state);
        }

        private Executable call(Operation operation) {
            return switch (operation) {
                case PROBE -> dev::probe;
                case CONFIGURE -> () -> dev.configure(NetDevConfig.ONE_PAIR);
                case START -> dev::start;
                case STOP -> dev::stop;
                case CLOSE -> dev::close;
                case CONFIGURE_RX_QUEUE ->
                    () -> rx = dev.configureRxQueue(0, RxQueueConfig.polled(pool).withSize(16));
                case CONFIGURE_TX_QUEUE -> () -> tx = dev.configureTxQueue(0, TxQueueConfig.POLLED.withSize(16));
                case RX_QUEUE -> () -> assertEquals(rx, dev.rxQueue(0));
                case TX_QUEUE -> () -> assertEquals(tx, dev.txQueue(0));
                case INFO -> dev::info;
                case RX_QUEUE_INFO -> () -> dev.rxQueueInfo(0);
                case TX_QUEUE_INFO -> () -> dev.txQueueInfo(0);
                case MAC_ADDRESS -> () -> dev.macAddress();
                case MTU -> () -> dev.mtu();
                case PROMISCUOUS -> () -> dev.promiscuous();
                case ALL_MULTICAST -> () -> dev.allMulticast();
                case RECEIVE_MODES -> () -> dev.receiveModes();
                case MULTICAST_LIST -> () -> dev.multicastList();
                case VLANS -> dev::vlans;
                case LINK_STATE -> dev::linkState;
                case EXTENDED_INFO -> () -> dev.extendedInfo(ExtendedInfo.IPV4_CIDR);
                case DETAILS -> dev::details;
                case COUNTERS -> dev::counters;
                case ALLOCATE_MEMORY -> () -> dev.allocateMemory("test", 4096).close();
                case ATTACH_MEMORY -> () -> withRegion(dev::attachMemory);
                case DETACH_MEMORY -> () -> withRegion(dev::detachMemory);
                case SET_MAC_ADDRESS -> () -> dev.macAddress(MacAddress.parse("02:00:00:00:00:02"));
                case SET_MTU -> () -> dev.mtu(1400);
                case SET_PROMISCUOUS -> () -> dev.promiscuous(true);
                case SET_ALL_MULTICAST -> () -> dev.allMulticast(true);
                case SET_RECEIVE_MODES -> () -> dev.receiveModes(Set.of());
                case SET_MULTICAST_LIST -> () -> dev.multicastList(Set.of());
                case ADD_VLAN -> () -> dev.addVlan(7);
                case REMOVE_VLAN -> () -> dev.removeVlan(7);
                case STEERING -> () -> dev.steering(null);
                case FLOW_HASH -> () -> dev.flowHash(Set.of(FlowHashType.IPV4), new byte[40]);
                case COALESCING -> () -> dev.coalescing(Coalescing.NONE, Coalescing.NONE);
                case SET_RX_OFFLOADS -> () -> dev.rxOffloads(Set.of());
            };
        }

        private static void withRegion(Consumer<MemoryRegion> call) {
            try (MemoryRegion region = MemoryRegion.allocate("test", 4096)) {
                call.accept(region);
            }
        }

        private void check() {
            assertEquals(state, dev.state());
            assertEquals(state != NetDevState.CLOSED, NetDev.all().contains(dev));
            for (RxQueue old : voidQueues) {
                assertThrows(IllegalStateException.class, () -> old.receive(new NetBuf[1]));
            }
            if (state == NetDevState.RUNNING) {
                NetBuf frame = pool.allocate();
                frame.append(60);
                assertTrue(tx.transmit(frame));
                driver.settle();
                NetBuf[] received = new NetBuf[1];
                assertEquals(1, rx.receive(received));
                received[0].free();
                tx.reclaim();
                return;
            }
            if (rx != null) {
                assertThrows(IllegalStateException.class, () -> rx.receive(new NetBuf[1]));
            }
            if (tx != null) {
                assertThrows(IllegalStateException.class, tx::reclaim);
            }
            assertEquals(pool.capacity(), pool.available(), "buffers back while the device does not run");
        }

        @Override
        public void close() {
            dev.close();
            assertEquals(pool.capacity(), pool.available());
            pool.close();
        }
    }
}
