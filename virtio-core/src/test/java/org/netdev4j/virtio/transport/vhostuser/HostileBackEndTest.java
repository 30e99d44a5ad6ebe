package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioTransport.Kick;
import org.netdev4j.virtio.testing.Rule;

/** Back-ends that answer what no back-end should, or hang up: each is given up with an error, and nothing is left open. */
@Timeout(60)
class HostileBackEndTest {
    private static final int REPLY = MessageHeader.VERSION | MessageHeader.REPLY;
    private static final int GET_FEATURES = 1;

    /** Answers to GET_FEATURES. */
    enum Answer {
        ANOTHER_CODE("the back-end sent message 2 as a reply", message(2, REPLY, 8, 8)),
        NO_REPLY("the back-end sent message 1", message(GET_FEATURES, MessageHeader.VERSION, 8, 8)),
        A_QUESTION("the back-end sent message 1 as a reply, which needs a reply",
                message(GET_FEATURES, REPLY | MessageHeader.NEED_REPLY, 8, 8)),
        ANOTHER_VERSION("has flags 0x6", message(GET_FEATURES, 2 | MessageHeader.REPLY, 8, 8)),
        UNKNOWN_FLAGS("has flags 0x85", message(GET_FEATURES, REPLY | 0x80, 8, 8)),
        TOO_SHORT("payload of 4 bytes, 8 are allowed", message(GET_FEATURES, REPLY, 4, 4)),
        TOO_LONG("payload of 16 bytes, 8 are allowed", message(GET_FEATURES, REPLY, 16, 16)),
        EMPTY("payload of 0 bytes, 8 are allowed", message(GET_FEATURES, REPLY, 0, 0)),
        ENDLESS("announces a payload of 4294967295 bytes", message(GET_FEATURES, REPLY, -1, 8)),
        HALF_A_HEADER("the peer does not answer, waited 100 ms", new byte[]{1, 0, 0, 0, 5, 0}),
        HALF_A_PAYLOAD("the peer does not answer, waited 100 ms", message(GET_FEATURES, REPLY, 8, 3)),
        NOTHING("the peer does not answer, waited 100 ms", new byte[]{});

        private final String error;
        @SuppressWarnings("ImmutableEnumChecker")
        private final byte[] bytes;

        Answer(String error, byte[] bytes) {
            this.error = error;
            this.bytes = bytes;
        }
    }

    @TempDir
    Path directory;

    private FrontEndBench bench;

    @BeforeEach
    void listen() {
        bench = new FrontEndBench(directory);
    }

    @AfterEach
    void nothingStaysOpen() {
        bench.close();
    }

    private static byte[] message(int request, int flags, int size, int payloadBytes) {
        return ByteBuffer.allocate(MessageHeader.BYTES + payloadBytes).order(ByteOrder.nativeOrder()).putInt(request)
                .putInt(flags).putInt(size).array();
    }

    @ParameterizedTest
    @EnumSource
    @Rule({"VU49", "VU50"})
    void anAnswerIsCheckedBeforeItIsBelieved(Answer answer) {
        bench.answerTimeout(Duration.ofMillis(100));
        bench.backEnd.garble = FrontEndRequest.GET_FEATURES;
        bench.backEnd.garbage = answer.bytes;
        if (answer == Answer.NOTHING) {
            bench.backEnd.garble = null;
            bench.backEnd.ignore = FrontEndRequest.GET_FEATURES;
        }
        String error = assertThrows(VhostUserException.class, bench::open).getMessage();
        assertTrue(error.startsWith("no answer to GET_FEATURES: ") && error.contains(answer.error), error);
    }

    @Test
    @Rule("VU34")
    void aDescriptorInAReplyIsClosed() {
        bench.backEnd.garble = FrontEndRequest.GET_FEATURES;
        bench.backEnd.garbage = message(GET_FEATURES, REPLY, 8, 8);
        bench.backEnd.withDescriptor = true;
        assertEquals("no answer to GET_FEATURES: 1 file descriptors, 0 belong to the message",
                assertThrows(VhostUserException.class, bench::open).getMessage());
    }

    @Test
    @Rule("VU49")
    void theBaseOfAnotherRingIsNone() {
        bench.open();
        bench.start();
        bench.backEnd.garble = FrontEndRequest.GET_VRING_BASE;
        bench.backEnd.garbage = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder()).putInt(11).putInt(REPLY)
                .putInt(8).putInt(1).array();
        assertEquals(bench.device.name() + ": asked for the base of vring 0 the back-end sent that of 1",
                assertThrows(VirtioException.class, () -> bench.device.resetQueue(0)).getMessage());
    }

    /** The same is true of every other request that sets something up: there is one place that checks. */
    @ParameterizedTest
    @EnumSource(names = {"SET_FEATURES", "SET_MEM_TABLE", "SET_VRING_NUM", "SET_VRING_BASE", "SET_VRING_ADDR",
        "SET_VRING_KICK", "SET_VRING_CALL", "SET_VRING_ENABLE", "SET_STATUS"})
    @Rule("VU49")
    void whatTheBackEndRefusesIsNotDone(FrontEndRequest request) {
        bench.open();
        bench.backEnd.refuse = request;
        String error = assertThrows(VirtioException.class, bench::start).getMessage();
        assertTrue(error.contains("the back-end refused " + request), error);
    }

    @Test
    @Rule("VU50")
    void whileAnAnswerIsAwaitedKicksGoOut() throws InterruptedException {
        bench.open();
        bench.start();
        Kick kick = bench.device.kick(1);
        bench.backEnd.kick[1].drain();
        bench.backEnd.ignore = FrontEndRequest.GET_VRING_BASE;
        Thread control = Thread.ofPlatform().start(() -> bench.device.reset());
        FrontEndBench.await(() -> bench.backEnd.requests.contains("GET_VRING_BASE 0:0"));
        kick.kick(1);
        assertEquals(1, bench.backEnd.kick[1].drain());
        assertTrue(control.isAlive(), "the answer is still awaited");
        bench.backEnd.hangUp();
        control.join();
        assertEquals(0, bench.device.status());
    }

    @Test
    @Rule("VU30")
    void whereverTheFirstBackEndHangsUpTheNextIsTaken() {
        bench.open();
        int steps = bench.backEnd.requests.size();
        bench.device.close();
        for (int step = 1; step <= steps; step++) {
            bench.backEnd.hangUpAt = step;
            assertThrows(VhostUserException.class, bench::open, "step " + step);
            bench.backEnd.hangUpAt = 0;
            bench.open();
            bench.device.close();
        }
    }

    @Test
    @Rule({"VU29", "VU30"})
    void whereverTheNextBackEndHangsUpTheOneAfterItIsTaken() throws InterruptedException {
        bench.open();
        bench.start();
        bench.backEnd.requests.clear();
        loseAndFind();
        List<String> handshake = List.copyOf(bench.backEnd.requests);
        for (int step = 1; step <= handshake.size(); step++) {
            bench.backEnd.hangUpAt = step;
            bench.backEnd.requests.clear();
            bench.backEnd.hangUp();
            bench.awaitChange(false);
            int upTo = step;
            FrontEndBench.await(() -> bench.backEnd.requests.size() >= upTo);
            bench.backEnd.hangUpAt = 0;
            bench.awaitChange(true);
            int size = bench.backEnd.requests.size();
            assertEquals(handshake, bench.backEnd.requests.subList(size - handshake.size(), size), "step " + step);
        }
    }

    private void loseAndFind() throws InterruptedException {
        bench.backEnd.hangUp();
        bench.awaitChange(false);
        bench.awaitChange(true);
    }

    @Test
    @Rule("VU31")
    void whileTheBackEndIsAwayNothingSpins() throws InterruptedException {
        bench.open();
        bench.start();
        bench.backEnd.close();
        bench.awaitChange(false);
        Thread watch = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(bench.device.name())).findFirst().orElseThrow();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long before = threads.getThreadCpuTime(watch.threadId());
        watch.join(Duration.ofMillis(300));
        long used = threads.getThreadCpuTime(watch.threadId()) - before;
        assertTrue(used < 150_000_000, used + " ns of CPU time in 300 ms");
    }
}
