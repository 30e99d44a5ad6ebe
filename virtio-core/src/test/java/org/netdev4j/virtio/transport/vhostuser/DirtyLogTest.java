package org.netdev4j.virtio.transport.vhostuser;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.netdev4j.virtio.transport.vhostuser.GuestBench.FIRST_PAGE;
import static org.netdev4j.virtio.transport.vhostuser.GuestBench.USED_PAGE;
import static org.netdev4j.virtio.transport.vhostuser.GuestBench.guestAddress;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
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
import org.netdev4j.virtio.linux.SharedMemory;
import org.netdev4j.virtio.testing.RawSplitRing;
import org.netdev4j.virtio.testing.Rule;

/** What a front-end finds in its dirty log: bit n stands for the page at guest address n * 4096. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class DirtyLogTest {
    private static final long LOG_ALL = 1L << Session.LOG_ALL;
    private static final long NO_LOG = 0;
    /** Bits for the pages up to the guest's last, in whole words. */
    private static final long LOG_BYTES = (FIRST_PAGE + 32) / 8;

    @TempDir
    Path directory;

    private GuestBench guest;
    private MemoryRegion file;

    @BeforeEach
    void start() {
        guest = new GuestBench(directory);
        file = SharedMemory.allocate("log", 1 << 13);
    }

    @AfterEach
    void close() {
        file.close();
        guest.close();
    }

    private void startRing(long vhostFeatures, long ringLog) {
        guest.features(Features.NONE, vhostFeatures);
        guest.shareMemory();
        guest.ring(0);
        guest.address(ringLog);
        guest.startRing();
    }

    private void logTo(MemoryRegion where, long size, long offset) {
        assertEquals(Payload.EMPTY, ask(where, size, offset));
    }

    /** SET_LOG_BASE has a reply and a descriptor. */
    private Payload ask(MemoryRegion where, long size, long offset) {
        return guest.frontEnd.ask(FrontEndRequest.SET_LOG_BASE, new Payload.Log(size, offset), where.backing().fd());
    }

    /** Pages of the guest that are marked, the first of its memory being 0; and takes the marks out. */
    private List<Integer> takeMarked(MemorySegment log) {
        TreeSet<Integer> pages = new TreeSet<>();
        for (int bit = 0; bit < log.byteSize() * 8; bit++) {
            if ((log.get(JAVA_BYTE, bit / 8) >> bit % 8 & 1) != 0) {
                pages.add(bit - FIRST_PAGE);
            }
        }
        log.fill((byte) 0);
        return List.copyOf(pages);
    }

    @Test
    @Rule("VU23")
    void thePagesOfABufferAndOfTheUsedRingAreMarkedWhileTheRingRuns() {
        startRing(0, NO_LOG);
        guest.roundTrip(0, guestAddress(5), 100);
        logTo(file, LOG_BYTES, 0);
        guest.roundTrip(1, guestAddress(5), 100);
        assertEquals(List.of(), takeMarked(file.segment()), "a log, but nobody asked that it be used");

        guest.features(Features.NONE, LOG_ALL);
        guest.address(guestAddress(USED_PAGE));
        assertEquals(List.of(USED_PAGE), takeMarked(file.segment()), "all that was written before to the ring");
        guest.roundTrip(2, guestAddress(6) + 4000, 97);
        assertEquals(List.of(USED_PAGE, 6, 7), takeMarked(file.segment()));
        guest.roundTrip(3, guestAddress(6) + 4000, 96);
        assertEquals(List.of(USED_PAGE, 6), takeMarked(file.segment()));

        guest.features(Features.NONE, 0);
        guest.address(NO_LOG);
        guest.roundTrip(4, guestAddress(5), 100);
        assertEquals(List.of(), takeMarked(file.segment()));
    }

    @Test
    @Rule("VU23")
    void theUsedRingIsMarkedWhereTheFrontEndSaysAndOnlyIfItSays() {
        logTo(file, LOG_BYTES, 0);
        startRing(LOG_ALL, NO_LOG);
        guest.roundTrip(0, guestAddress(5), 100);
        assertEquals(List.of(5), takeMarked(file.segment()));
        guest.address(guestAddress(14));
        guest.roundTrip(1, guestAddress(5), 100);
        assertEquals(List.of(5, 14), takeMarked(file.segment()));
    }

    @Test
    @Rule("VU23")
    void whatTheDeviceOnlyReadIsNotMarked() {
        logTo(file, LOG_BYTES, 0);
        startRing(LOG_ALL, NO_LOG);
        guest.split.descriptor(0, guestAddress(5), 100, RawSplitRing.NEXT, 1);
        guest.split.descriptor(1, guestAddress(6), 100, RawSplitRing.WRITE, 0);
        guest.split.makeAvailable(0);
        guest.kick();
        FrontEndBench.await(() -> guest.split.usedIndex() == 1);
        assertEquals(List.of(6), takeMarked(file.segment()));
    }

    @Test
    @Rule("VU23")
    void theNextLogReplacesTheOneBefore() {
        logTo(file, LOG_BYTES, 0);
        startRing(LOG_ALL, NO_LOG);
        try (MemoryRegion next = SharedMemory.allocate("next log", 1 << 13)) {
            logTo(next, LOG_BYTES, 4096);
            guest.roundTrip(0, guestAddress(5), 100);
            assertEquals(List.of(), takeMarked(file.segment()));
            assertEquals(List.of(5), takeMarked(next.segment().asSlice(4096, LOG_BYTES)));
        }
    }

    /** A page is marked after it was written, and again though it is marked: who takes marks out misses none. */
    @Test
    @Rule("VU23")
    void marksThatAreTakenOutMeanwhileComeAgain() {
        logTo(file, LOG_BYTES, 0);
        startRing(LOG_ALL, NO_LOG);
        for (int i = 0; i < 200; i++) {
            int page = 4 + i % 8;
            guest.roundTrip(i % 8, guestAddress(page), 100);
            assertEquals(List.of(page), takeMarked(file.segment()));
        }
    }

    @ParameterizedTest(name = "{2}")
    @CsvSource({
        "34, 0, not for every page of the memory: whole words are 32 bytes",
        "32, 0, one page short of the last 16",
        "0, 0, empty",
        "-4, 0, of a negative size",
        "36, -4, in front of its file",
        "36, 8160, behind the end of its file",
        "9223372036854775804, 8, so large that its end overflows",
        "36, 2, not aligned",
    })
    @Rule("VU41")
    void aLogEndsTheConnectionThatIs(long size, long offset, String what) {
        startRing(LOG_ALL, NO_LOG);
        assertThrows(VhostUserException.class, () -> ask(file, size, offset), what);
        guest.frontEnd.close();
        guest.connect();
        logTo(file, LOG_BYTES, 0);
        startRing(LOG_ALL, NO_LOG);
        guest.split.availableIndex(0);
        guest.split.usedIndex(0);
        guest.roundTrip(0, guestAddress(5), 100);
        assertEquals(List.of(5), takeMarked(file.segment()), "the next front-end is served");
    }

    @Test
    @Rule("VU41")
    void memoryThatTheLogHasNoBitsForEndsTheConnection() {
        logTo(file, LOG_BYTES, 0);
        startRing(LOG_ALL, NO_LOG);
        assertThrows(VhostUserException.class, () -> guest.frontEnd.tell(FrontEndRequest.ADD_MEM_REG,
                new Payload.SingleRegion(new Payload.Region(guestAddress(32), 4096, 4096, 0)), file.backing().fd()));
    }

    /** The front-end's own mistake, which must not reach behind the map. */
    @Test
    @Rule("VU41")
    void aRingThatIsToBeLoggedBehindTheMapIsNotLogged() {
        logTo(file, LOG_BYTES, 0);
        startRing(LOG_ALL, -4096);
        guest.roundTrip(0, guestAddress(5), 100);
        guest.address(guestAddress(40));
        guest.roundTrip(1, guestAddress(5), 100);
        assertEquals(List.of(5), takeMarked(file.segment()));
    }
}
