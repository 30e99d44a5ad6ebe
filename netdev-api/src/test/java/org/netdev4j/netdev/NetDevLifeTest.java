package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;

/** Lives of a device at random, against a model of a few lines. */
class NetDevLifeTest {
    enum Step {
        PROBE("probe"),
        CONFIGURE("configure"),
        PREPARE_RX("configureRxQueue 0"),
        PREPARE_TX("configureTxQueue 0"),
        START("start"),
        STOP("stop");

        private final String call;

        Step(String call) {
            this.call = call;
        }
    }

    record Move(Step step, boolean driverFails) {}

    /** What a device should be: its state, and which of its two queues are prepared. */
    private static final class Model {
        NetDevState state = NetDevState.UNPROBED;
        boolean rx;
        boolean tx;

        boolean allows(Step step) {
            boolean configured = state == NetDevState.CONFIGURED;
            boolean stopped = state == NetDevState.STOPPED;
            return switch (step) {
                case PROBE -> state == NetDevState.UNPROBED;
                case CONFIGURE -> state == NetDevState.UNCONFIGURED || configured || stopped;
                case PREPARE_RX -> configured && !rx;
                case PREPARE_TX -> configured && !tx;
                case START -> (configured && rx && tx) || stopped;
                case STOP -> state == NetDevState.RUNNING;
            };
        }

        void take(Step step) {
            switch (step) {
                case PROBE -> state = NetDevState.UNCONFIGURED;
                case CONFIGURE -> {
                    state = NetDevState.CONFIGURED;
                    rx = false;
                    tx = false;
                }
                case PREPARE_RX -> rx = true;
                case PREPARE_TX -> tx = true;
                case START -> state = NetDevState.RUNNING;
                case STOP -> state = NetDevState.STOPPED;
            }
        }
    }

    @Property
    @StatisticsReport(onFailureOnly = true)
    void everyStepIsTakenWholeOrNotAtAll(@ForAll @Size(min = 50, max = 150) List<@From("moves") Move> moves) {
        InMemoryDriver driver = new InMemoryDriver();
        Model model = new Model();
        boolean ran = false;
        try (NetBufPool pool = NetBufPool.builder().buffers(8).build()) {
            try (NetDev dev = new NetDev("memory", driver)) {
                for (Move move : moves) {
                    make(move, model, driver, dev, pool);
                    ran |= model.state == NetDevState.RUNNING;
                }
            }
            assertEquals(pool.capacity(), pool.available());
        }
        Statistics.collect(ran);
        Statistics.coverage(coverage -> coverage.check(true).percentage(percent -> percent > 50));
    }

    private static void make(Move move, Model model, InMemoryDriver driver, NetDev dev, NetBufPool pool) {
        int calls = driver.calls().size();
        if (!model.allows(move.step)) {
            assertThrows(IllegalStateException.class, () -> take(move.step, dev, pool));
            assertEquals(calls, driver.calls().size(), "the driver is not called");
        } else if (move.driverFails) {
            driver.failNext(move.step.call);
            assertThrows(NetDevException.class, () -> take(move.step, dev, pool));
        } else {
            take(move.step, dev, pool);
            model.take(move.step);
        }
        assertEquals(model.state, dev.state());
        assertQueuesWorkOnlyWhileRunning(model, dev);
    }

    private static void take(Step step, NetDev dev, NetBufPool pool) {
        switch (step) {
            case PROBE -> dev.probe();
            case CONFIGURE -> dev.configure(NetDevConfig.ONE_PAIR);
            case PREPARE_RX -> dev.configureRxQueue(0, RxQueueConfig.polled(pool).withSize(4));
            case PREPARE_TX -> dev.configureTxQueue(0, TxQueueConfig.POLLED.withSize(4));
            case START -> dev.start();
            case STOP -> dev.stop();
        }
    }

    private static void assertQueuesWorkOnlyWhileRunning(Model model, NetDev dev) {
        if (model.state == NetDevState.RUNNING) {
            assertEquals(0, dev.rxQueue(0).receive(new NetBuf[1]));
            assertEquals(4, dev.txQueue(0).space());
        } else if (model.rx && model.tx) {
            assertThrows(IllegalStateException.class, () -> dev.rxQueue(0).receive(new NetBuf[1]));
            assertThrows(IllegalStateException.class, () -> dev.txQueue(0).space());
        }
    }

    /** One move in four meets a driver that fails. */
    @Provide
    Arbitrary<Move> moves() {
        return Combinators.combine(Arbitraries.of(Step.values()), Arbitraries.integers().between(0, 3))
                .as((step, luck) -> new Move(step, luck == 0));
    }
}
