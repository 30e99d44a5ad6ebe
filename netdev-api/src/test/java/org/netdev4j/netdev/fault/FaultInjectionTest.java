package org.netdev4j.netdev.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.InternetChecksum;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.netdev.ForwardingNetDevOps;
import org.netdev4j.netdev.InMemoryDriver;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.NetDevInfo;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.netdev.QueueListener;
import org.netdev4j.netdev.QueueStats;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueueConfig;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Faults of a device on a looped link. Frames are numbered: their first byte. */
class FaultInjectionTest {
    private static final int LENGTH = 100;
    private static final long MILLI = 1_000_000;
    private static final long PATIENCE_SECONDS = 10;

    private final NetBufPool pool = NetBufPool.builder().name("packets").buffers(2048).dataSize(256).build();
    private final InMemoryDriver driver = new InMemoryDriver();
    private long now = 1_000_000_000;
    private NetDev device;

    @AfterEach
    void everyBufferIsBack() {
        if (device != null) {
            device.close();
        }
        assertEquals(pool.capacity(), pool.available());
        pool.close();
    }

    /** On a clock that stands still until the test moves it: nothing happens but in calls of the test. */
    private void start(Faults rx, Faults tx) {
        start(new FaultyNetDevOps(driver, "memory:0", rx, tx, 42, () -> now), null);
    }

    private void start(NetDevOps ops, QueueListener listener) {
        device = new NetDev("memory:0", ops);
        device.probe();
        device.configure(NetDevConfig.ONE_PAIR);
        RxQueueConfig polled = RxQueueConfig.polled(pool).withSize(128);
        device.configureRxQueue(0, listener == null ? polled : polled.withInterrupt("faults", listener));
        device.configureTxQueue(0, TxQueueConfig.POLLED.withSize(128));
        device.start();
    }

    private NetBuf frame(int number) {
        NetBuf frame = pool.allocate();
        frame.append(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            frame.setByte(i, i == 0 ? number : 0);
        }
        return frame;
    }

    private void send(int... numbers) {
        NetBuf[] burst = IntStream.of(numbers).mapToObj(this::frame).toArray(NetBuf[]::new);
        assertEquals(numbers.length, device.txQueue(0).transmit(burst, 0, numbers.length));
        driver.settle();
        device.txQueue(0).reclaim();
        driver.settle();
    }

    private void sendUpTo(int count) {
        for (int from = 0; from < count; from += 64) {
            send(IntStream.range(from, Math.min(count, from + 64)).toArray());
        }
    }

    private List<NetBuf> receivePackets() {
        List<NetBuf> packets = new ArrayList<>();
        NetBuf[] burst = new NetBuf[32];
        for (int n; (n = device.rxQueue(0).receive(burst)) > 0;) {
            packets.addAll(Arrays.asList(burst).subList(0, n));
        }
        return packets;
    }

    private List<Integer> receive() {
        return receivePackets().stream().map(packet -> {
            int number = packet.getUnsignedByte(0);
            packet.free();
            return number;
        }).toList();
    }

    private long fault(String name) {
        return device.counters().get(name);
    }

    @Test
    void withoutFaultsEverythingPasses() {
        start(Faults.NONE, Faults.NONE);
        send(1, 2, 3);
        assertEquals(List.of(1, 2, 3), receive());
    }

    @Test
    void droppedPacketsAreCountedWhereTheyWere() {
        start(Faults.NONE.withDrop(0.5), Faults.NONE.withDrop(1));
        send(1, 2, 3);
        assertEquals(List.of(), receive());
        assertEquals(Map.of(DropReason.INJECTED, 3L), device.stats().tx().drops());
        assertEquals(0, device.stats().tx().packets());
        assertEquals(3, fault("tx faults: dropped"));
    }

    @Test
    void aProbabilityOfDropsIsMet() {
        start(Faults.NONE.withDrop(0.3), Faults.NONE);
        for (int i = 0; i < 10; i++) {
            sendUpTo(100);
            receive();
        }
        long dropped = device.stats().rx().drops().get(DropReason.INJECTED);
        assertTrue(dropped > 240 && dropped < 360, dropped + " of 1000");
        assertEquals(1000, dropped + device.stats().rx().packets());
        assertEquals(dropped, fault("rx faults: dropped"));
    }

    @Test
    void theSameSeedBringsTheSameFaults() {
        start(Faults.NONE.withDrop(0.5), Faults.NONE);
        sendUpTo(100);
        List<Integer> first = receive();
        device.close();
        start(Faults.NONE.withDrop(0.5), Faults.NONE);
        sendUpTo(100);
        assertEquals(first, receive());
    }

    @Test
    void duplicatesFollowTheirPacket() {
        start(Faults.NONE.withDuplicate(1), Faults.NONE);
        send(1, 2);
        assertEquals(List.of(1, 1, 2, 2), receive());
        assertEquals(4, device.stats().rx().packets());
        assertEquals(2, fault("rx faults: duplicated"));
    }

    @Test
    void duplicatesLeftOverKeepTheInterruptFromBeingArmed() {
        start(new FaultyNetDevOps(driver, "memory:0", Faults.NONE.withDuplicate(1), Faults.NONE, 42, () -> now),
                _ -> {});
        send(1);
        NetBuf[] one = new NetBuf[1];
        assertEquals(1, device.rxQueue(0).receive(one));
        assertFalse(device.rxQueue(0).armInterrupt());
        one[0].free();
        assertEquals(List.of(1), receive());
        assertTrue(device.rxQueue(0).armInterrupt());
    }

    @Test
    void transmittedDuplicatesArriveToo() {
        start(Faults.NONE, Faults.NONE.withDuplicate(1));
        send(1, 2);
        assertEquals(List.of(1, 1, 2, 2), receive());
        assertEquals(4, device.stats().tx().packets(), "handed to the device");
    }

    @Test
    void corruptPacketsDifferInOneBit() {
        start(Faults.NONE.withCorrupt(1), Faults.NONE);
        send(0, 0, 0);
        for (NetBuf packet : receivePackets()) {
            int bits = 0;
            for (int i = 0; i < LENGTH; i++) {
                bits += Integer.bitCount(packet.getUnsignedByte(i));
            }
            packet.free();
            assertEquals(1, bits);
        }
    }

    @Test
    void corruptingASharedPacketLeavesItsOtherHolderAlone() {
        start(Faults.NONE, Faults.NONE.withCorrupt(1));
        NetBuf frame = frame(0);
        frame.retain();
        assertTrue(device.txQueue(0).transmit(frame));
        for (int i = 0; i < LENGTH; i++) {
            assertEquals(0, frame.getUnsignedByte(i));
        }
        frame.free();
        driver.settle();
        receive();
    }

    @Test
    void aPartialChecksumIsCompletedBeforeTheDamageSoThatItShows() {
        start(Faults.NONE, Faults.NONE.withCorrupt(1));
        NetBuf frame = frame(0);
        frame.partialChecksum(14, 16);
        assertTrue(device.txQueue(0).transmit(frame));
        driver.settle();
        NetBuf received = receivePackets().getFirst();
        assertEquals(0, received.flags());
        int sum = InternetChecksum.fold(InternetChecksum.add(0, received, 14, LENGTH - 14));
        boolean headerHit = IntStream.range(0, 14).anyMatch(i -> received.getUnsignedByte(i) != 0);
        assertTrue(headerHit || sum != 0xffff, "the checksum finds the damage");
        received.free();
    }

    @Test
    void aDeviceThatDamagesWhatItSendsOffersNoChecksum() {
        NetDevOps offloading = new ForwardingNetDevOps(driver) {
            @Override
            public NetDevInfo info() {
                return inner.info().with(Capability.TX_CHECKSUM, Capability.RX_CHECKSUM, Capability.TX_TSO4);
            }
        };
        Faults damage = Faults.NONE.withCorrupt(0.1);
        NetDevOps faulty = new FaultyNetDevOps(offloading, "memory:0", damage, damage, 1, () -> now);
        assertTrue(faulty.info().has(Capability.RX_CHECKSUM));
        assertFalse(faulty.info().has(Capability.TX_CHECKSUM));
        assertFalse(faulty.info().has(Capability.TX_TSO4));
    }

    @Test
    void aReorderedPacketIsOvertakenByTheNext() {
        start(Faults.NONE.withReorder(1), Faults.NONE);
        send(1, 2, 3, 4, 5);
        assertEquals(List.of(2, 1, 4, 3), receive());
        assertEquals(List.of(), receive(), "the last waits for another");
        now += FaultLine.REORDER_NANOS;
        assertEquals(List.of(5), receive(), "but not for ever");
        assertEquals(3, fault("rx faults: reordered"));
    }

    @Test
    void delayedPacketsAreReceivedWhenTheyAreDue() {
        start(Faults.NONE.withDelayNanos(5 * MILLI), Faults.NONE);
        send(1);
        assertEquals(List.of(), receive());
        now += 3 * MILLI;
        send(2);
        assertEquals(List.of(), receive());
        now += 2 * MILLI;
        assertEquals(List.of(1), receive());
        now += 3 * MILLI;
        assertEquals(List.of(2), receive());
        assertEquals(2, fault("rx faults: delayed"));
        assertEquals(2, device.stats().rx().packets());
    }

    @Test
    void aRateSpacesPacketsAndLosesNone() {
        RateLimit thousand = new RateLimit(1000, RateLimit.Unit.PACKETS);
        start(Faults.NONE.withRate(thousand), Faults.NONE);
        sendUpTo(50);
        List<Integer> received = new ArrayList<>(receive());
        assertEquals(2, received.size(), "one, and what passes at once");
        for (int i = 0; i < 48; i++) {
            now += MILLI;
            List<Integer> next = receive();
            assertEquals(1, next.size(), "one a millisecond");
            received.addAll(next);
        }
        assertEquals(IntStream.range(0, 50).boxed().toList(), received);
    }

    @Test
    void aRateInBitsCountsFrameBytes() {
        start(Faults.NONE.withRate(new RateLimit(8L * LENGTH * 100, RateLimit.Unit.BITS)), Faults.NONE);
        send(1, 2, 3);
        assertEquals(List.of(1), receive());
        now += 10 * MILLI;
        assertEquals(List.of(2), receive());
        now += 10 * MILLI;
        assertEquals(List.of(3), receive());
    }

    @Test
    void theInterruptComesWhenADelayedPacketIsDue() throws InterruptedException {
        CountDownLatch called = new CountDownLatch(1);
        Faults late = Faults.NONE.withDelayNanos(20 * MILLI);
        start(new FaultInjection(late, Faults.NONE, 42, System::nanoTime).decorate(driver, "late"),
                _ -> called.countDown());
        send(7);
        long sent = System.nanoTime();
        assertEquals(List.of(), receive());
        assertTrue(device.rxQueue(0).armInterrupt());
        assertTrue(called.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "the listener was called");
        assertTrue(System.nanoTime() - sent >= 19 * MILLI, "when it was due");
        assertEquals(List.of(7), receive());
    }

    @Test
    void delayedTransmitsGoOutWithoutAnotherCall() throws InterruptedException {
        Faults late = Faults.NONE.withDelayNanos(5 * MILLI);
        start(new FaultInjection(Faults.NONE, late, 42, System::nanoTime).decorate(driver, "late"), null);
        assertTrue(device.txQueue(0).transmit(frame(9)));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (device.txQueue(0).stats().packets() == 0) {
            assertTrue(System.nanoTime() < deadline, "the packet was sent");
            Thread.onSpinWait();
        }
    }

    @Test
    void stopFreesWhatIsHeldBackAndTheDeviceGoesOn() {
        start(Faults.NONE.withDelayNanos(5 * MILLI).withReorder(0.5), Faults.NONE.withDelayNanos(5 * MILLI));
        for (int i = 0; i < 3; i++) {
            send(1, 2, 3);
            now += 5 * MILLI;
            send(4, 5);
            receive();
            device.stop();
            assertEquals(pool.capacity(), pool.available(), "every buffer is back after stop");
            device.start();
        }
        assertEquals(15, device.stats().rx().drops().get(DropReason.RESET)
                + device.stats().tx().drops().get(DropReason.RESET));
    }

    @Test
    void aFullLineIsBackPressureNotLoss() {
        start(Faults.NONE, Faults.NONE.withDelayNanos(1000 * MILLI));
        int taken = 0;
        while (taken < FaultLine.CAPACITY) {
            NetBuf frame = frame(taken);
            if (!device.txQueue(0).transmit(frame)) {
                frame.free();
                break;
            }
            taken++;
        }
        assertTrue(taken > 300 && taken < FaultLine.CAPACITY, "took " + taken);
        assertEquals(0, device.stats().tx().dropped());
        assertEquals(1, device.stats().tx().empty());
    }

    @Test
    void impossibleFaultsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Faults.NONE.withDrop(1.1));
        assertThrows(IllegalArgumentException.class, () -> Faults.NONE.withCorrupt(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> Faults.NONE.withDelayNanos(-1));
        assertThrows(IllegalArgumentException.class, () -> new RateLimit(0, RateLimit.Unit.BITS));
    }

    /** Whatever happens, each packet is received, dropped and counted, or held, and none is in two places. */
    @Property(tries = 100)
    void everyPacketIsAccountedFor(@ForAll @Size(min = 1, max = 40) List<@IntRange(min = 0, max = 8) Integer> steps,
            @ForAll @IntRange(min = 0, max = 5) int tenths, @ForAll @IntRange(min = 0, max = 3) int delayMillis) {
        double p = tenths / 10.0;
        Faults faults = new Faults(p, p, p, p, delayMillis * MILLI, new RateLimit(5000, RateLimit.Unit.PACKETS));
        start(faults, faults);
        long sent = 0;
        for (int step : steps) {
            if (step < 5) {
                send(IntStream.range(0, step).toArray());
                sent += step;
            } else if (step < 8) {
                now += (step - 4) * MILLI;
            } else {
                device.stop();
                assertEquals(pool.capacity(), pool.available(), "every buffer is back after stop");
                device.start();
            }
            receive();
        }
        device.stop();
        assertEquals(sent + fault("tx faults: duplicated"), all(device.stats().tx()), "sent");
        assertEquals(device.stats().tx().packets() + fault("rx faults: duplicated"), all(device.stats().rx()),
                "received");
        device.close();
        assertEquals(pool.capacity(), pool.available());
    }

    private static long all(QueueStats stats) {
        return stats.packets() + stats.dropped();
    }
}
