package org.netdev4j.virtio.transport.vhostuser;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.netdev4j.virtio.transport.vhostuser.FrontEndRequest.GET_INFLIGHT_FD;
import static org.netdev4j.virtio.transport.vhostuser.FrontEndRequest.SET_INFLIGHT_FD;
import static org.netdev4j.virtio.transport.vhostuser.GuestBench.RING_SIZE;
import static org.netdev4j.virtio.transport.vhostuser.GuestBench.guestAddress;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.linux.SharedMemory;
import org.netdev4j.virtio.testing.RawPackedRing;
import org.netdev4j.virtio.testing.RawSplitRing;
import org.netdev4j.virtio.testing.Rule;

/** A back-end that is replaced under a running guest. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class InflightAreaTest {
    private static final Features SPLIT = Features.NONE;
    private static final Features PACKED = Features.of(VirtioFeature.RING_PACKED);
    private static final int SPLIT_BYTES = 192;

    @TempDir
    Path directory;

    private GuestBench guest;
    private MemoryRegion area;

    @BeforeEach
    void start() {
        guest = new GuestBench(directory);
        area = SharedMemory.allocate("in flight", 1 << 13);
    }

    @AfterEach
    void close() {
        area.close();
        guest.close();
    }

    private void tell(long size, long offset, int queues, int queueSize) {
        guest.frontEnd.tell(SET_INFLIGHT_FD, new Payload.Inflight(size, offset, queues, queueSize),
                area.backing().fd());
    }

    /** @param base of the ring, which a front-end whose back-end was killed cannot know */
    private void startRing(Features features, int base) {
        guest.features(features, 0);
        tell(area.size(), 0, 1, RING_SIZE);
        guest.shareMemory();
        guest.ring(base);
        guest.address(0);
        guest.startRing();
    }

    @Test
    @Rule({"VU26", "VU27"})
    void theNextBackEndReturnsWhatTheLastHadTakenFromASplitRing() {
        guest.model.keeps = 2;
        startRing(SPLIT, 0);
        for (int head = 0; head < 4; head++) {
            guest.split.descriptor(head, guestAddress(4 + head), 100, RawSplitRing.WRITE, 0);
            guest.split.makeAvailable(head);
        }
        guest.kick();
        FrontEndBench.await(() -> guest.split.usedIndex() == 2);
        assertEquals(2, guest.split.usedId(0), "completed out of order");

        guest.model.keeps = 0;
        guest.replaceBackEnd();
        startRing(SPLIT, 0);
        FrontEndBench.await(() -> guest.split.usedIndex() == 4);
        assertEquals(0, guest.split.usedId(2));
        assertEquals(1, guest.split.usedId(3));
        guest.roundTrip(5, guestAddress(5), 100);
    }

    @Test
    @Rule({"VU26", "VU28"})
    void theNextBackEndReturnsWhatTheLastHadTakenFromAPackedRing() {
        int start = 1 << 15;
        guest.model.keeps = 2;
        startRing(PACKED, start | start << 16);
        for (int slot = 0; slot < 4; slot++) {
            guest.packed.descriptor(slot, guestAddress(4 + slot), 100, 10 + slot,
                    RawPackedRing.WRITE | RawPackedRing.available(1));
        }
        guest.kick();
        awaitUsed(0, 12);
        awaitUsed(1, 13);

        guest.model.keeps = 0;
        guest.replaceBackEnd();
        startRing(PACKED, start | start << 16);
        awaitUsed(2, 10);
        awaitUsed(3, 11);
    }

    private void awaitUsed(int slot, int id) {
        int used = RawPackedRing.WRITE | RawPackedRing.used(1);
        FrontEndBench.await(() -> guest.packed.descriptor(slot).flags() == used);
        assertEquals(id, guest.packed.descriptor(slot).id());
    }

    /** A driver that reset its device has taken back what was in flight. */
    @Test
    void whatWasInFlightBeforeAResetIsForgotten() {
        guest.model.keeps = 1;
        startRing(SPLIT, 0);
        guest.split.descriptor(0, guestAddress(4), 100, RawSplitRing.WRITE, 0);
        guest.split.makeAvailable(0);
        guest.kick();
        FrontEndBench.await(() -> area.segment().get(JAVA_BYTE, 16) == 1);
        guest.frontEnd.tell(FrontEndRequest.RESET_DEVICE, Payload.EMPTY);
        guest.model.keeps = 0;
        guest.split.availableIndex(0);
        guest.features(SPLIT, 0);
        guest.ring(0);
        guest.address(0);
        guest.startRing();
        guest.roundTrip(3, guestAddress(5), 100);
        assertEquals(1, guest.split.usedIndex());
    }

    @Test
    @Rule({"VU27", "VU28"})
    void theAreaIsAsLargeAsTheRingsOfTheAgreedFormatTake() {
        guest.features(SPLIT, 0);
        assertEquals(4096, granted(1, RING_SIZE).size(), "192 bytes, in whole pages");
        guest.features(PACKED, 0);
        assertEquals(12288, granted(1, 256).size(), "32 + 256 * 32 bytes, in whole pages");
    }

    private Payload.Inflight granted(int queues, int queueSize) {
        return guest.askForInflightArea(new Payload.Inflight(0, 0, queues, queueSize));
    }

    @ParameterizedTest(name = "{0} rings of {1} descriptors")
    @CsvSource({"0, 8", "2, 8", "65535, 8", "1, 0", "1, 32769", "1, 65535"})
    @Rule("VU42")
    void anAreaForRingsThatAreNotThereIsNotGiven(int queues, int queueSize) {
        guest.features(SPLIT, 0);
        assertThrows(VhostUserException.class,
                () -> guest.frontEnd.ask(GET_INFLIGHT_FD, new Payload.Inflight(0, 0, queues, queueSize)));
    }

    @ParameterizedTest(name = "{4}")
    @CsvSource({
        "191, 0, 1, 8, too small",
        "0, 0, 1, 8, empty",
        "-64, 0, 1, 8, of a negative size",
        "8192, 8, 1, 8, behind the end of its file",
        "192, 4, 1, 8, not aligned",
        "192, -8, 1, 8, in front of its file",
        "8192, 0, 0, 8, for no ring",
        "8192, 0, 2, 8, for rings that are not there",
        "8192, 0, 1, 0, for empty rings",
        "8192, 0, 1, 32769, for rings too large",
    })
    @Rule("VU42")
    void anAreaEndsTheConnectionThatIs(long size, long offset, int queues, int queueSize, String what) {
        guest.features(SPLIT, 0);
        assertThrows(VhostUserException.class, () -> tell(size, offset, queues, queueSize), what);
        guest.frontEnd.close();
        guest.connect();
        startRing(SPLIT, 0);
        guest.roundTrip(0, guestAddress(5), 100);
    }

    @Test
    @Rule("VU42")
    void aRingLargerThanItsRecordDoesNotStart() {
        guest.features(SPLIT, 0);
        tell(SPLIT_BYTES, 0, 1, RING_SIZE / 2);
        guest.shareMemory();
        guest.ring(0);
        guest.address(0);
        assertThrows(VhostUserException.class, guest::startRing);
    }

    @Test
    @Rule("VU42")
    void anAreaMayNotChangeWhileRingsRun() {
        startRing(SPLIT, 0);
        assertThrows(VhostUserException.class, () -> tell(SPLIT_BYTES, 0, 1, RING_SIZE));
    }

    @Test
    @Rule("VU42")
    void withoutTheProtocolFeatureThereIsNoArea() {
        guest.frontEnd.close();
        guest.connect(BackEnd.PROTOCOL.minus(Features.of(ProtocolFeature.INFLIGHT_SHMFD)));
        MessageChannel channel = guest.channel;
        channel.send(SET_INFLIGHT_FD.code, MessageHeader.NEED_REPLY, new Payload.Inflight(SPLIT_BYTES, 0, 1, RING_SIZE),
                area.backing().fd());
        try (Message reply = channel.await()) {
            assertEquals(1, ((Payload.U64) PayloadKind.U64.read(reply.body())).value());
        }
        assertThrows(VhostUserException.class, channel::await);
    }
}
