package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.NetBuf;

class NetDevDecoratorTest {
    private final InMemoryDriver driver = new InMemoryDriver();

    @Test
    void theFirstIsNearestToTheDevice() {
        try (NetDev dev = new NetDev("memory:0", driver, calling("first"), calling("second"))) {
            assertEquals("second(first(in-memory))", dev.driverName());
        }
    }

    @Test
    void everyDecoratorIsToldTheNameOfTheDevice() {
        try (NetDev dev = new NetDev("memory:0", driver, (device, name) -> calling(name).decorate(device, name))) {
            assertEquals("memory:0(in-memory)", dev.driverName());
        }
    }

    @Test
    void aDecoratorThatThrowsLeavesNothingOpen() {
        NetDevException failure = new NetDevException("cannot create capture file");
        NetDevDecorator failing = (_, _) -> {
            throw failure;
        };
        int devices = NetDev.all().size();
        assertSame(failure,
                assertThrows(NetDevException.class, () -> new NetDev("memory:0", driver, calling("first"), failing)));
        assertEquals(List.of("close"), driver.calls());
        assertEquals(devices, NetDev.all().size());
    }

    @Test
    void countersShowWhatADecoratorDropsAndWhatTheDeviceBehindDoes() {
        try (LoopedDevice device = new LoopedDevice(new DropsEveryOther(driver), driver::settle)) {
            device.configure(1).start();
            for (int i = 0; i < 8; i++) {
                device.send(device.frame(60 + i, i));
            }
            device.send(device.packet(new byte[13], 13));
            assertEquals(List.of(63, 67), device.receiveBytes(device.rx(), 8).stream().map(b -> b.length).toList());
            QueueStats tx = device.tx().stats();
            assertEquals(4, tx.packets(), "handed to the device");
            assertEquals(61 + 63 + 65 + 67, tx.bytes());
            assertEquals(Map.of(DropReason.INJECTED, 5L), tx.drops());
            QueueStats rx = device.rx().stats();
            assertEquals(2, rx.packets(), "handed to the application");
            assertEquals(63 + 67, rx.bytes());
            assertEquals(Map.of(DropReason.INJECTED, 2L), rx.drops());
            assertEquals(new NetDevStats(rx, tx), device.dev.stats());
        }
    }

    private static NetDevDecorator calling(String name) {
        return (device, _) -> new ForwardingNetDevOps(device) {
            @Override
            public String driverName() {
                return name + "(" + inner.driverName() + ")";
            }
        };
    }

    /** Drops the first, third, fifth packet in each direction. */
    private static final class DropsEveryOther extends ForwardingNetDevOps {
        DropsEveryOther(NetDevOps inner) {
            super(inner);
        }

        @Override
        public RxQueue configureRxQueue(int index, RxQueueConfig config) {
            return new ForwardingRxQueue(super.configureRxQueue(index, config)) {
                private int seen;

                @Override
                protected int receiveBurst(NetBuf[] bufs, int from, int count) {
                    int received = super.receiveBurst(bufs, from, count);
                    int kept = 0;
                    for (int i = 0; i < received; i++) {
                        NetBuf packet = bufs[from + i];
                        if (seen++ % 2 == 0) {
                            packet.free();
                            counters.drop(DropReason.INJECTED, 1);
                        } else {
                            bufs[from + kept++] = packet;
                            counters.add(1, packet.totalLength());
                        }
                    }
                    return kept;
                }

                @Override
                public QueueStats stats() {
                    return statsInFront();
                }
            };
        }

        @Override
        public TxQueue configureTxQueue(int index, TxQueueConfig config) {
            return new ForwardingTxQueue(super.configureTxQueue(index, config)) {
                private int seen;

                @Override
                protected int transmitBurst(NetBuf[] bufs, int from, int count) {
                    if (count == 0 || seen++ % 2 != 0) {
                        return super.transmitBurst(bufs, from, count);
                    }
                    bufs[from].free();
                    bufs[from] = null;
                    counters.drop(DropReason.INJECTED, 1);
                    return 1;
                }
            };
        }
    }
}
