package org.netdev4j.virtio.net.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.testing.Rule;

/** A device with several queue pairs. */
class QueuePairsTest {
    private static final DeviceSettings TWO_PAIRS = DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01"))
            .withMaxPairs(2);
    private static final Features MULTI_QUEUE = DriverEnd.RESETTABLE.with(NetFeature.CTRL_VQ).with(NetFeature.MQ);
    private static final int BUFFER = NetHeader.LENGTH + 1514;

    private final PairsBackend backend = new PairsBackend();
    private final DeviceLoop loop = new DeviceLoop("test");
    private VirtioNetDevice device;
    private DriverEnd driver;

    /** Notes how many pairs are in use. */
    private static final class PairsBackend extends FakeBackend {
        final List<Integer> inUse = new ArrayList<>();

        @Override
        public void pairsInUse(int pairs) {
            inUse.add(pairs);
        }
    }

    private void start(DeviceSettings settings) {
        device = new VirtioNetDevice(settings, backend);
        driver = new DriverEnd(device, loop, MULTI_QUEUE, 2);
    }

    @AfterEach
    void close() {
        if (driver != null) {
            driver.close();
        }
        loop.close();
    }

    private Verdict arrives(byte[] frame, int pair) {
        Verdict verdict = backend.receiver.receive(Frames.of(frame), pair);
        driver.run();
        return verdict;
    }

    @Test
    @Rule("NC1")
    void aDeviceHasBetweenOneAndAsManyPairsAsAreAllowed() {
        DeviceSettings one = DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01"));
        assertThrows(IllegalArgumentException.class, () -> one.withMaxPairs(0));
        assertThrows(IllegalArgumentException.class, () -> one.withMaxPairs(DeviceSettings.MAX_PAIRS + 1));
        assertFalse(one.offered().has(NetFeature.MQ));
        for (int pairs : new int[]{1, 2, DeviceSettings.MAX_PAIRS}) {
            VirtioNetDevice several = new VirtioNetDevice(one.withMaxPairs(pairs), new FakeBackend());
            assertEquals(pairs, (several.config()[8] & 0xff) | (several.config()[9] << 8));
            several.close();
        }
    }

    @Test
    void framesOfEveryPairReachTheBackEndWhichLearnsThePair() {
        start(TWO_PAIRS.withoutControlQueue());
        byte[] first = Frames.numbered(60);
        byte[] second = Frames.numbered(61);
        driver.sendOn(1, second);
        driver.sendOn(0, first);
        driver.run();
        assertEquals(List.of(0, 1), backend.pairs);
        assertArrayEquals(first, backend.transmitted.get(0));
        assertArrayEquals(second, backend.transmitted.get(1));
        assertEquals(1L, device.counters().get("device tx0 frames"));
        assertEquals(1L, device.counters().get("device tx1 frames"));
    }

    /** Other pairs have room of their own. */
    @Test
    void aPairWithoutBuffersDoesNotStopTheOther() {
        start(TWO_PAIRS.withoutControlQueue());
        driver.postOn(0, BUFFER);
        assertEquals(Verdict.BUSY, arrives(Frames.numbered(60), 1));
        assertEquals(Verdict.CONSUMED, arrives(Frames.numbered(61), 0));
        assertNotNull(driver.receivedOn(0));
        driver.postOn(1, BUFFER);
        driver.run();
        assertEquals("resume", backend.events.getLast());
        assertEquals(Verdict.CONSUMED, arrives(Frames.numbered(60), 1));
        assertNotNull(driver.receivedOn(1));
    }

    @Test
    @Rule({"CQ12.1", "CQ12.2"})
    void afterAResetOnlyTheFirstReceiveQueueIsUsed() {
        start(TWO_PAIRS);
        driver.postOn(0, BUFFER);
        driver.postOn(1, BUFFER);
        assertEquals(List.of(1), backend.inUse);
        assertEquals(Verdict.CONSUMED, arrives(Frames.numbered(60), 1));
        assertNotNull(driver.receivedOn(0));
        assertNull(driver.receivedOn(1));
    }

    /** Where a front-end serves the control queue, its rings say how many pairs there are. */
    @Test
    void withoutAControlQueueEveryPairWhoseQueuesAreThereIsInUse() {
        start(TWO_PAIRS.withoutControlQueue());
        assertEquals(2, backend.inUse.getLast());
        driver.transport.resetQueue(2);
        assertEquals(1, backend.inUse.getLast());
        assertFalse(device.counters().containsKey("device broken queues"));
    }

    @Test
    @Rule("CQ12.3")
    void framesOfAReceiveQueueInResetGoToAnother() {
        start(TWO_PAIRS.withoutControlQueue());
        driver.postOn(0, BUFFER);
        driver.transport.resetQueue(2);
        assertEquals(Verdict.CONSUMED, arrives(Frames.numbered(60), 1));
        assertNotNull(driver.receivedOn(0));
    }

    /** vhost-user: a disabled ring is there, but carries nothing. */
    @Test
    void aDisabledQueueDiscardsWhatIsSentAndReceivesNothing() {
        start(TWO_PAIRS.withoutControlQueue());
        driver.postOn(0, BUFFER);
        driver.postOn(1, BUFFER);
        device.queueEnabled(2, false);
        device.queueEnabled(3, false);
        driver.sendOn(1, Frames.numbered(60));
        assertEquals(Verdict.CONSUMED, arrives(Frames.numbered(60), 1));
        assertNull(driver.receivedOn(1));
        assertNotNull(driver.receivedOn(0));
        assertEquals(List.of(), backend.transmitted);
        assertEquals(1L, device.counters().get("device tx drop disabled"));
        device.queueEnabled(2, true);
        device.queueEnabled(3, true);
        driver.sendOn(1, Frames.numbered(60));
        assertEquals(Verdict.CONSUMED, arrives(Frames.numbered(60), 1));
        assertNotNull(driver.receivedOn(1));
        assertEquals(1, backend.transmitted.size());
    }

    /** The device learns from what is sent where the answers belong. */
    @Test
    @Rule("CQ13")
    void aFlowIsReceivedOnThePairThatSendsIt() {
        start(TWO_PAIRS.withoutControlQueue());
        driver.postOn(0, BUFFER);
        driver.postOn(1, BUFFER);
        driver.postOn(1, BUFFER);
        driver.postOn(0, BUFFER);
        for (int pair : new int[]{1, 0, 1}) {
            driver.sendOn(pair, Frames.completeUdp((byte) 1));
            driver.run();
            assertEquals(Verdict.CONSUMED, backend.receiver.receive(Frames.of(answer())));
            driver.run();
            assertNotNull(driver.receivedOn(pair), "on pair " + pair);
            assertNull(driver.receivedOn(1 - pair));
        }
    }

    /** {@link Frames#completeUdp} with addresses and ports exchanged, which the checksum does not depend on. */
    private static byte[] answer() {
        byte[] frame = Frames.completeUdp((byte) 1);
        exchange(frame, 26, 30, 4);
        exchange(frame, Frames.UDP, Frames.UDP + 2, 2);
        return frame;
    }

    private static void exchange(byte[] bytes, int first, int second, int length) {
        for (int i = 0; i < length; i++) {
            byte kept = bytes[first + i];
            bytes[first + i] = bytes[second + i];
            bytes[second + i] = kept;
        }
    }

    /** Seed row 4.27: one queue that is broken is the end of the device until its reset. */
    @Test
    void aBrokenQueueOfAnyPairAsksForAReset() {
        start(TWO_PAIRS.withoutControlQueue());
        driver.breakQueue(driver.queue(3));
        driver.run();
        assertEquals(1L, device.counters().get("device broken queues"));
        driver.send(Frames.numbered(60));
        driver.run();
        assertEquals(List.of(), backend.transmitted);
    }
}
