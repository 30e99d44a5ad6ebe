package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;

/** Memory that comes and goes, and pools that are closed too early: part of {@link NetDevContract}. */
interface MemoryContract {
    int ROUNDS_BEYOND_ANY_TABLE = 200;

    LoopedDevice device();

    MemoryRegion memoryOfOthers(String name, long bytes);

    @Test
    default void packetsInAttachedMemoryAreSent() {
        device().configure(1).start();
        try (MemoryRegion region = memoryOfOthers("mine", 1 << 16)) {
            device().dev.attachMemory(region);
            device().dev.attachMemory(region);
            try (NetBufPool pool = NetBufPool.builder().region(region).buffers(8).dataSize(512).build()) {
                device().send(frame(pool, 1));
                device().assertReceives(device().rx(), device().frameBytes(60, 1));
                device().tx().reclaim();
            }
            device().dev.detachMemory(region);
            device().dev.detachMemory(region);
        }
        device().assertTrafficFlows();
    }

    @Test
    default void packetsInDetachedMemoryAreSentOrCounted() {
        device().configure(1).start();
        try (MemoryRegion region = memoryOfOthers("mine", 1 << 16);
                NetBufPool pool = NetBufPool.builder().region(region).buffers(8).dataSize(512).build()) {
            device().dev.attachMemory(region);
            device().send(frame(pool, 1));
            device().assertReceives(device().rx(), device().frameBytes(60, 1));
            device().tx().reclaim();
            device().dev.detachMemory(region);
            device().send(frame(pool, 2));
            int received = device().receiveBytes(device().rx(), 1).size();
            device().tx().reclaim();
            assertEquals(1, received + device().tx().stats().dropped());

            device().dev.attachMemory(region);
            device().send(frame(pool, 3));
            device().assertReceives(device().rx(), device().frameBytes(60, 3));
            device().tx().reclaim();
            assertEquals(8, pool.available());
        }
    }

    @Test
    default void memoryOfAReceivePoolStaysAttached() {
        device().configure(1).start();
        assertThrows(NetDevException.class, () -> device().dev.detachMemory(device().rxPool.region()));
        device().assertTrafficFlows();
    }

    @Test
    @DisplayName("pools may come and go while the device runs, however many")
    default void transmitPoolsComeAndGo() {
        device().configure(1).start();
        for (int i = 0; i < ROUNDS_BEYOND_ANY_TABLE; i++) {
            try (MemoryRegion region = device().dev.allocateMemory("short-lived", 1 << 12);
                    NetBufPool pool = NetBufPool.builder().region(region).buffers(1).dataSize(256).build()) {
                device().send(frame(pool, i));
                device().assertReceives(device().rx(), device().frameBytes(60, i));
                device().tx().reclaim();
                device().dev.detachMemory(region);
            }
        }
        assertEquals(0, device().tx().stats().dropped());
    }

    @Test
    @DisplayName("a receive pool closed under its queue stalls the queue, and no call throws")
    default void closedReceivePoolStallsTheQueue() {
        List<DeviceEvent> events = new ArrayList<>();
        device().dev.onEvent((event, detail) -> {
            synchronized (events) {
                events.add(event);
                events.notifyAll();
            }
        });
        device().configure(1).start();
        device().rxPool.close();
        int sent = 0;
        for (int i = 0; i < 3 * LoopedDevice.RING_SIZE; i++) {
            NetBuf frame = device().frame(60, i);
            if (device().tx().transmit(frame)) {
                sent++;
            } else {
                frame.free();
            }
            device().receiveBytes(device().rx(), LoopedDevice.RING_SIZE);
        }
        long received = device().rx().stats().packets();
        assertTrue(received <= LoopedDevice.RING_SIZE && received < sent, received + " of " + sent);
        awaitStall(events);
        device().dev.stop();
    }

    private static void awaitStall(List<DeviceEvent> events) {
        synchronized (events) {
            while (!events.contains(DeviceEvent.QUEUE_STALLED)) {
                try {
                    events.wait();
                } catch (InterruptedException e) {
                    throw new AssertionError("no stall was told", e);
                }
            }
            assertEquals(1, events.stream().filter(DeviceEvent.QUEUE_STALLED::equals).count());
        }
    }

    private NetBuf frame(NetBufPool pool, int seed) {
        byte[] bytes = device().frameBytes(60, seed);
        NetBuf frame = pool.allocate();
        frame.append(bytes.length);
        frame.copyFrom(0, MemorySegment.ofArray(bytes), 0, bytes.length);
        return frame;
    }
}
