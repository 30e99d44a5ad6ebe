package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.GUEST_ADDRESS;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.MEMORY_BYTES;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.RING_SIZE;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.USER_ADDRESS;
import static org.netdev4j.virtio.transport.vhostuser.SplitRingBytes.NEXT;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.DeviceStatus;
import org.netdev4j.virtio.linux.BlockingEvent;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.linux.SharedMemory;
import org.netdev4j.virtio.testing.Rule;
import org.netdev4j.virtio.transport.vhostuser.Payload.Region;
import org.netdev4j.virtio.transport.vhostuser.Payload.U64;
import org.netdev4j.virtio.transport.vhostuser.Payload.VringState;

/**
 * What a front-end writes to its ring and the memory around it, in two regions that touch: the device reads what belongs to
 * the buffer, or nothing, and says that it needs a reset.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HostileRingTest {
    private static final long SEAM = 0x8000;
    private static final long LIMIT_SECONDS = 10;

    @TempDir
    Path directory;

    private final ReadingModel model = new ReadingModel();
    private BackEndFixture fixture;
    private EventFd call;
    private EventFd error;
    private MemoryRegion memory;
    private SplitRingBytes ring;
    private FrontEnd frontEnd;

    @BeforeEach
    void start() {
        fixture = new BackEndFixture(directory, model);
        call = EventFd.create();
        error = EventFd.create();
        memory = SharedMemory.map("ring", fixture.memory.fd(), 0, MEMORY_BYTES, GUEST_ADDRESS);
        ring = new SplitRingBytes(memory.segment());
        frontEnd = fixture.frontEnd();
        frontEnd.tell(FrontEndRequest.SET_VRING_CALL, new U64(0), call.fd());
        frontEnd.tell(FrontEndRequest.SET_VRING_ERR, new U64(0), error.fd());
        fixture.startRing(frontEnd);
        shareInTwoRegions();
        frontEnd.tell(FrontEndRequest.SET_VRING_ENABLE, new VringState(0, 1));
    }

    private void shareInTwoRegions() {
        frontEnd.tell(FrontEndRequest.SET_MEM_TABLE, BackEndFixture.table(piece(0, SEAM), piece(SEAM, SEAM)),
                fixture.memory.fd(), fixture.memory.fd());
    }

    private static Region piece(long offset, long size) {
        return new Region(GUEST_ADDRESS + offset, size, USER_ADDRESS + offset, offset);
    }

    @AfterEach
    void nothingIsHeld() {
        frontEnd.close();
        memory.close();
        fixture.assertServesTheNext();
        call.close();
        error.close();
        fixture.close();
    }

    private void offer(int head) {
        ring.offer(head);
        fixture.event.signal();
    }

    private void assertReads(String text) throws InterruptedException {
        assertEquals(text, model.texts.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 11})
    @Rule({"VU16", "VU45", "VU47"})
    void aBufferIsReadWhereverItIsCut(int cut) throws InterruptedException {
        String text = "hello world!";
        ring.text(0x3000, text.substring(0, cut));
        ring.text(0x9000, text.substring(cut));
        ring.descriptor(5, GUEST_ADDRESS + 0x3000, cut, NEXT, 2);
        ring.descriptor(2, GUEST_ADDRESS + 0x9000, text.length() - cut, 0, 0);
        offer(5);
        assertReads(text);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6, 11})
    @Rule("VU45")
    void aPieceThatReachesIntoTheNextRegionIsReadFromBoth(int before) throws InterruptedException {
        String text = "hello world!";
        ring.text(SEAM - before, text);
        ring.descriptor(0, GUEST_ADDRESS + SEAM - before, text.length(), 0, 0);
        offer(0);
        assertReads(text);
    }

    @Test
    @Rule("VU45")
    void aPieceOutsideTheMemoryBreaksTheRing() {
        assertBreaks(bytes -> bytes.descriptor(0, GUEST_ADDRESS - 1, 2, 0, 0));
    }

    @Test
    @Rule("VU45")
    void aPieceThatReachesBeyondTheMemoryBreaksTheRing() {
        assertBreaks(bytes -> bytes.descriptor(0, GUEST_ADDRESS + MEMORY_BYTES - 8, 9, 0, 0));
    }

    @Test
    @Rule({"VU16", "VU45"})
    void aUserAddressIsNoAddressOfABuffer() {
        assertBreaks(bytes -> bytes.descriptor(0, USER_ADDRESS + 0x3000, 8, 0, 0));
    }

    @Test
    @Rule("VU45")
    void aPieceThatWrapsAroundBreaksTheRing() {
        assertBreaks(bytes -> bytes.descriptor(0, -4, 8, 0, 0));
    }

    @Test
    @Rule({"VU12", "VU45"})
    void aBufferInMemoryThatWasTakenAwayBreaksTheRing() throws InterruptedException {
        ring.text(0x9000, "there");
        ring.descriptor(0, GUEST_ADDRESS + 0x9000, 5, 0, 0);
        offer(0);
        assertReads("there");
        frontEnd.tell(FrontEndRequest.REM_MEM_REG, new Payload.SingleRegion(piece(SEAM, SEAM)));
        assertBreaks(bytes -> {});
    }

    @Test
    @Rule("VU46")
    void aLoopBreaksTheRing() {
        assertBreaks(bytes -> {
            bytes.descriptor(0, GUEST_ADDRESS + 0x3000, 1, NEXT, 1);
            bytes.descriptor(1, GUEST_ADDRESS + 0x3000, 1, NEXT, 0);
        });
    }

    @Test
    @Rule("VU46")
    void aLoopOfNothingBreaksTheRing() {
        assertBreaks(bytes -> bytes.descriptor(0, GUEST_ADDRESS + 0x3000, 0, NEXT, 0));
    }

    @Test
    @Rule("VU46")
    void aNextBeyondTheRingBreaksIt() {
        assertBreaks(bytes -> bytes.descriptor(0, GUEST_ADDRESS + 0x3000, 1, NEXT, RING_SIZE));
    }

    /** The front-end is told by both ways that there are, and stays connected. */
    private void assertBreaks(Consumer<SplitRingBytes> write) {
        write.accept(ring);
        offer(0);
        while (error.drain() == 0) {
            Thread.onSpinWait();
        }
        assertEquals(DeviceStatus.DEVICE_NEEDS_RESET,
                frontEnd.number(FrontEndRequest.GET_STATUS) & DeviceStatus.DEVICE_NEEDS_RESET);
        assertNull(model.texts.poll());
    }

    @Test
    @Rule("VU50")
    void aFrontEndThatLetsItsInterruptsBlockStopsNothing() throws InterruptedException {
        BlockingEvent.fill(call);
        ring.text(0x3000, "12");
        ring.descriptor(0, GUEST_ADDRESS + 0x3000, 1, 0, 0);
        ring.descriptor(1, GUEST_ADDRESS + 0x3001, 1, 0, 0);
        offer(0);
        assertReads("1");
        offer(1);
        assertReads("2");
        assertEquals(0, frontEnd.number(FrontEndRequest.GET_STATUS));
    }

    @Test
    @Rule("VU50")
    void aFrontEndThatLetsItsKicksBlockStopsNothing() throws InterruptedException {
        ring.text(0x3000, "1");
        ring.descriptor(0, GUEST_ADDRESS + 0x3000, 1, 0, 0);
        ring.offer(0);
        BlockingEvent.fill(fixture.event);
        assertReads("1");
        offer(0);
        assertReads("1");
        assertEquals(0, frontEnd.number(FrontEndRequest.GET_STATUS));
    }

    @Test
    @Rule("VU50")
    void aFrontEndThatNeverTakesItsBuffersBackStopsNothing() {
        ring.text(0x3000, "x");
        ring.descriptor(0, GUEST_ADDRESS + 0x3000, 1, 0, 0);
        for (int i = 0; i < 3 * RING_SIZE; i++) {
            offer(0);
            while (ring.used() != i + 1) {
                Thread.onSpinWait();
            }
        }
        assertEquals(0, frontEnd.number(FrontEndRequest.GET_STATUS));
    }
}
