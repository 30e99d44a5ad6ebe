package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Arming, calling and disarming: part of {@link NetDevContract}. */
interface InterruptContract {
    String DISPATCHER = "contract-irq";
    int LIMIT_SECONDS = 10;

    LoopedDevice device();

    @Test
    default void armedReceiveInterruptCallsTheListenerOnceOnItsDispatcher() throws InterruptedException {
        BlockingQueue<String> calls = startWithRxInterrupt();
        for (int round = 1; round <= 5; round++) {
            assertTrue(device().rx().armInterrupt(), "nothing waits: armed");
            sendAndSettle(2);
            assertCalled(calls);
            sendAndSettle(1);
            assertEquals(3, device().receiveBytes(device().rx(), 3).size());
            device().tx().reclaim();
            assertEquals(round, device().rx().stats().interrupts());
        }
        assertNoMoreCalls(calls);
    }

    @Test
    default void armTellsThatPacketsWait() throws InterruptedException {
        BlockingQueue<String> calls = startWithRxInterrupt();
        sendAndSettle(1);
        assertFalse(device().rx().armInterrupt(), "a packet waits: not armed");
        sendAndSettle(1);
        assertEquals(2, device().receiveBytes(device().rx(), 2).size());
        assertTrue(device().rx().armInterrupt(), "nothing waits: armed");
        sendAndSettle(1);
        assertCalled(calls);
        assertNoMoreCalls(calls);
    }

    @Test
    default void disarmedInterruptDoesNotCall() throws InterruptedException {
        BlockingQueue<String> calls = startWithRxInterrupt();
        assertTrue(device().rx().armInterrupt());
        device().rx().disarmInterrupt();
        sendAndSettle(1);
        assertEquals(1, device().receiveBytes(device().rx(), 1).size());
        assertTrue(device().rx().armInterrupt());
        sendAndSettle(1);
        assertCalled(calls);
        assertNoMoreCalls(calls);
    }

    @Test
    @DisplayName("regression 8: the transmit interrupt tells that space came back")
    default void armedTransmitInterruptCallsWhenPacketsAreSent() throws InterruptedException {
        assumeTrue(device().dev.info().has(Capability.TX_INTERRUPT), "the device has no transmit interrupt");
        BlockingQueue<String> calls = new LinkedBlockingQueue<>();
        device().configure(1, DISPATCHER, null, recordingListener(calls)).start();
        device().sendWhatCanReturn(60);
        if (device().tx().armInterrupt()) {
            device().settle();
            assertCalled(calls);
        }
        assertFalse(device().tx().armInterrupt(), "sent packets wait: not armed");
        device().receiveBytes(device().rx(), LoopedDevice.BUFFERS);
        assertTrue(device().tx().reclaim() > 0);
        assertTrue(device().tx().armInterrupt(), "nothing waits: armed");
        sendAndSettle(1);
        assertCalled(calls);
        assertNoMoreCalls(calls);
    }

    @Test
    default void stopDisarmsAndARestartedDeviceCallsAgain() throws InterruptedException {
        BlockingQueue<String> calls = startWithRxInterrupt();
        assertTrue(device().rx().armInterrupt());
        device().dev.stop();
        device().dev.start();
        sendAndSettle(1);
        assertEquals(1, device().receiveBytes(device().rx(), 1).size());
        assertTrue(device().rx().armInterrupt());
        sendAndSettle(1);
        assertCalled(calls);
        assertNoMoreCalls(calls);
    }

    @Test
    default void aRaisedInterruptCallsOnceIfArmed() throws InterruptedException {
        BlockingQueue<String> calls = startWithRxInterrupt();
        device().rx().raise();
        assertTrue(device().rx().armInterrupt());
        device().rx().raise();
        assertCalled(calls);
        device().rx().raise();
        assertTrue(device().rx().armInterrupt());
        sendAndSettle(1);
        assertCalled(calls);
        assertNoMoreCalls(calls);
    }

    /** An interrupt that was on its way when the queue was armed may call the listener before anything arrives. */
    @Test
    @DisplayName("a queue moves between polling and interrupts while it runs, and no packet waits unnoticed")
    default void pollingAndInterruptsTakeTurns() throws InterruptedException {
        BlockingQueue<String> calls = startWithRxInterrupt();
        Random random = new Random(7);
        int waiting = 0;
        int armed = 0;
        int called = 0;
        boolean callIsDue = false;
        for (int step = 0; step < 500; step++) {
            switch (random.nextInt(4)) {
                case 0 -> {
                    sendAndSettle(1);
                    waiting++;
                }
                case 1 -> {
                    callIsDue = device().rx().armInterrupt();
                    armed += callIsDue ? 1 : 0;
                    assertTrue(callIsDue || waiting > 0, "step " + step + ": not armed, though nothing waits");
                }
                case 2 -> {
                    device().rx().disarmInterrupt();
                    callIsDue = false;
                }
                default -> {
                    assertEquals(waiting, device().receiveBytes(device().rx(), waiting).size(), "step " + step);
                    waiting = 0;
                    device().tx().reclaim();
                }
            }
            if (callIsDue && waiting > 0) {
                assertCalled(calls);
                called++;
                callIsDue = false;
            }
            if (waiting == LoopedDevice.RING_SIZE / 2) {
                device().receiveBytes(device().rx(), waiting);
                waiting = 0;
                device().tx().reclaim();
            }
        }
        device().dev.close();
        called += calls.size();
        assertTrue(called <= armed, called + " calls, armed " + armed + " times");
    }

    @Test
    @DisplayName("queues that name the same dispatcher share its thread")
    default void oneDispatcherCallsForManyQueues() throws InterruptedException {
        assumeTrue(device().dev.info().has(Capability.RX_INTERRUPT), "the device has no receive interrupt");
        assumeTrue(device().dev.info().has(Capability.TX_INTERRUPT), "the device has no transmit interrupt");
        BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        QueueListener listener = queue -> threads.add(Thread.currentThread());
        device().configure(1, DISPATCHER, listener, listener).start();
        assertTrue(device().rx().armInterrupt());
        assertTrue(device().tx().armInterrupt());
        sendAndSettle(1);
        Thread first = threads.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        Thread second = threads.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertNotNull(first, "the call for one queue");
        assertSame(first, second, "the call for the other");
    }

    private void sendAndSettle(int frames) {
        for (int i = 0; i < frames; i++) {
            device().send(device().frame(60, i));
        }
        device().settle();
    }

    private static void assertCalled(BlockingQueue<String> calls) throws InterruptedException {
        assertEquals(DISPATCHER + " 0", calls.poll(LIMIT_SECONDS, TimeUnit.SECONDS), "the call of the listener");
    }

    /** A closed device has no call under way. */
    private void assertNoMoreCalls(BlockingQueue<String> calls) {
        device().dev.close();
        assertTrue(calls.isEmpty(), "more calls than interrupts armed");
    }

    private BlockingQueue<String> startWithRxInterrupt() {
        assumeTrue(device().dev.info().has(Capability.RX_INTERRUPT), "the device has no receive interrupt");
        BlockingQueue<String> calls = new LinkedBlockingQueue<>();
        device().configure(1, DISPATCHER, recordingListener(calls), null).start();
        return calls;
    }

    private static QueueListener recordingListener(BlockingQueue<String> calls) {
        return queue -> calls.add(Thread.currentThread().getName() + " " + queue);
    }
}
