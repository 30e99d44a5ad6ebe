package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.DeviceStatus.DEVICE_NEEDS_RESET;
import static org.netdev4j.virtio.DeviceStatus.DRIVER_OK;
import static org.netdev4j.virtio.transport.vhostuser.FrontEndBench.AGREED;

import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.netdev4j.virtio.queue.QueuePlacement;

/** Two queue pairs, and a queue that no back-end serves: what the driver sends there says how many of the others are in use. */
@Timeout(30)
class LocalQueueTest {
    private static final int CONTROL = 4;

    @TempDir
    Path directory;

    private FrontEndBench bench;

    @BeforeEach
    void startWithTwoPairs() {
        bench = new FrontEndBench(directory);
        bench.backEnd.pairs = 2;
        bench.open();
        bench.start();
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private List<String> requests(String name) {
        return bench.backEnd.requests.stream().filter(request -> request.startsWith(name)).toList();
    }

    @Test
    void theBackEndIsToldOfEveryQueueButThatServedHere() {
        assertEquals(List.of("SET_VRING_CALL 0x0", "SET_VRING_CALL 0x1", "SET_VRING_CALL 0x2", "SET_VRING_CALL 0x3"),
                requests("SET_VRING_CALL"));
        assertEquals(4, requests("SET_VRING_KICK").size());
    }

    @Test
    void onlyTheFirstPairIsEnabledAtFirst() {
        assertEquals(List.of("SET_VRING_ENABLE 0:1", "SET_VRING_ENABLE 1:1"), requests("SET_VRING_ENABLE"));
    }

    @Test
    void aCommandIsDoneBeforeItsKickReturns() {
        bench.backEnd.requests.clear();
        assertEquals(1, bench.useQueues(4, CONTROL));
        assertEquals(List.of("SET_VRING_ENABLE 0:1", "SET_VRING_ENABLE 1:1", "SET_VRING_ENABLE 2:1",
                "SET_VRING_ENABLE 3:1"), bench.backEnd.requests);
        bench.backEnd.requests.clear();
        assertEquals(1, bench.useQueues(2, CONTROL));
        assertEquals(List.of("SET_VRING_ENABLE 0:1", "SET_VRING_ENABLE 1:1", "SET_VRING_ENABLE 2:0",
                "SET_VRING_ENABLE 3:0"), bench.backEnd.requests);
    }

    @Test
    void theDriverIsInterruptedIfItAsks() {
        bench.device.queueInterrupt(CONTROL).drain();
        bench.useQueues(2, CONTROL);
        assertEquals(0, bench.device.queueInterrupt(CONTROL).drain());
        assertTrue(bench.control.armInterrupt());
        bench.useQueues(2, CONTROL);
        assertEquals(1, bench.device.queueInterrupt(CONTROL).drain());
    }

    @Test
    void aRefusalIsNotDoneAndTheNextBackEndIsSetAsBefore() throws InterruptedException {
        bench.backEnd.refuse = FrontEndRequest.SET_VRING_ENABLE;
        assertEquals(0, bench.useQueues(4, CONTROL));
        bench.awaitChange(false);
        bench.backEnd.refuse = null;
        bench.backEnd.requests.clear();
        bench.awaitChange(true);
        assertFalse(bench.backEnd.requests.contains("SET_VRING_ENABLE 2:1"), bench.backEnd.requests::toString);
        assertEquals(1, bench.useQueues(4, CONTROL), "the queue served here did not go with the back-end");
    }

    @Test
    void theNextBackEndIsToldWhatIsInUse() throws InterruptedException {
        bench.useQueues(4, CONTROL);
        bench.backEnd.requests.clear();
        bench.backEnd.hangUp();
        bench.awaitChange(false);
        bench.awaitChange(true);
        assertEquals(List.of("SET_VRING_ENABLE 0:1", "SET_VRING_ENABLE 1:1", "SET_VRING_ENABLE 2:1",
                "SET_VRING_ENABLE 3:1"), requests("SET_VRING_ENABLE"));
        assertEquals(List.of("replaced"), bench.standIn.told);
    }

    @Test
    void aBackEndWithFewerQueuesIsNotTaken() throws InterruptedException {
        bench.backEnd.pairs = 1;
        bench.backEnd.requests.clear();
        bench.backEnd.hangUp();
        bench.awaitChange(false);
        FrontEndBench.await(() -> requests("GET_QUEUE_NUM").size() >= 2);
        assertTrue(bench.changes.isEmpty());
        bench.backEnd.pairs = 2;
        bench.awaitChange(true);
    }

    @Test
    void aResetForgetsWhatWasInUse() {
        bench.useQueues(4, CONTROL);
        bench.device.reset();
        assertEquals(List.of("reset"), bench.standIn.told);
        bench.backEnd.requests.clear();
        bench.unmap();
        bench.start();
        assertEquals(List.of("SET_VRING_ENABLE 0:1", "SET_VRING_ENABLE 1:1"), requests("SET_VRING_ENABLE"));
    }

    @Test
    void aQueueServedHereIsResetAndEnabledAlone() {
        bench.device.resetQueue(CONTROL);
        bench.control.reset(new int[8]);
        bench.device.enableQueue(CONTROL, bench.control.placement());
        assertEquals(1, bench.useQueues(4, CONTROL));
    }

    @Test
    void aDriverThatBreaksTheQueueIsAskedToReset() {
        bench.device.configInterrupt().drain();
        QueuePlacement at = bench.control.placement();
        long index = at.driverAddress() + 2 - bench.memory.deviceAddress();
        bench.memory.segment().set(ValueLayout.JAVA_SHORT, index, (short) 99);
        bench.device.kick(CONTROL).kick(CONTROL);
        assertEquals(AGREED | DRIVER_OK | DEVICE_NEEDS_RESET, bench.device.status());
        assertEquals(1, bench.device.configInterrupt().drain());
    }
}
