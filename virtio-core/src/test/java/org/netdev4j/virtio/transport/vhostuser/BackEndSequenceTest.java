package org.netdev4j.virtio.transport.vhostuser;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.FEATURES;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.GUEST_ADDRESS;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.MEMORY_BYTES;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.PROTOCOL;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.RING_SIZE;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.table;
import static org.netdev4j.virtio.transport.vhostuser.FrontEndRequest.*;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.DeviceStatus;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.linux.SharedMemory;
import org.netdev4j.virtio.testing.Rule;
import org.netdev4j.virtio.transport.vhostuser.Payload.Region;
import org.netdev4j.virtio.transport.vhostuser.Payload.U64;
import org.netdev4j.virtio.transport.vhostuser.Payload.VringState;

/** How a ring of the back-end lives, from the first message to the last, with buffers in it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BackEndSequenceTest {
    private static final long PACKED = Features.of(VirtioFeature.RING_PACKED).low();
    private static final int TEXT = 0x3000;
    private static final int AGREED = DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER | DeviceStatus.FEATURES_OK;

    @TempDir
    Path directory;

    private final ReadingModel model = new ReadingModel();
    private BackEndFixture fixture;
    private EventFd call;
    private MemoryRegion memory;
    private SplitRingBytes ring;
    private FrontEnd frontEnd;

    @BeforeEach
    void connect() {
        fixture = new BackEndFixture(directory, model);
        call = EventFd.create();
        memory = SharedMemory.map("ring", fixture.memory.fd(), 0, MEMORY_BYTES, GUEST_ADDRESS);
        ring = new SplitRingBytes(memory.segment());
        ring.descriptor(0, GUEST_ADDRESS + TEXT, 1, 0, 0);
        frontEnd = fixture.frontEnd();
    }

    @AfterEach
    void nothingIsHeld() {
        frontEnd.close();
        memory.close();
        model.acceptable = true;
        fixture.assertServesTheNext();
        call.close();
        fixture.close();
    }

    private void start() {
        frontEnd.tell(SET_VRING_CALL, new U64(0), call.fd());
        fixture.startRing(frontEnd);
        frontEnd.tell(SET_VRING_ENABLE, new VringState(0, 1));
    }

    private void offer(String letter) {
        ring.text(TEXT, letter);
        ring.offer(0);
    }

    private void assertReads(String letter) throws InterruptedException {
        assertEquals(letter, model.texts.poll(10, TimeUnit.SECONDS));
    }

    private int base() {
        return ((VringState) frontEnd.ask(GET_VRING_BASE, new VringState(0, 0))).number();
    }

    private static void awaitSignal(EventFd event) {
        while (event.drain() == 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    @Rule("VU10")
    void whatIsInTheRingWhenItStartsIsReadWithoutAKick() throws InterruptedException {
        offer("a");
        start();
        assertReads("a");
    }

    @Test
    @Rule("VU10")
    void aKickBeforeTheRingWasToldOfIsNotLost() throws InterruptedException {
        fixture.event.signal();
        start();
        offer("a");
        fixture.event.signal();
        assertReads("a");
    }

    @Test
    @Rule("VU9")
    void aDisabledRingIsLeftAloneUntilItIsEnabled() throws InterruptedException {
        start();
        frontEnd.tell(SET_VRING_ENABLE, new VringState(0, 0));
        offer("a");
        fixture.event.signal();
        frontEnd.number(GET_STATUS);
        assertNull(model.texts.poll());
        frontEnd.tell(SET_VRING_ENABLE, new VringState(0, 1));
        assertReads("a");
    }

    @Test
    @Rule("VU11")
    void withoutProtocolFeaturesARingNeedNotBeEnabled() throws InterruptedException {
        fixture.startRing(frontEnd);
        frontEnd.tell(SET_FEATURES, new U64(FEATURES));
        offer("a");
        fixture.event.signal();
        assertReads("a");
    }

    @Test
    @Rule("VU12")
    void interruptsAndKicksComeByTheDescriptorsThatWereSentLast() throws InterruptedException {
        start();
        try (EventFd otherCall = EventFd.create(); EventFd otherKick = EventFd.create()) {
            frontEnd.tell(SET_VRING_CALL, new U64(0), otherCall.fd());
            frontEnd.tell(SET_VRING_KICK, new U64(0), otherKick.fd());
            offer("a");
            otherKick.signal();
            assertReads("a");
            awaitSignal(otherCall);
            assertEquals(0, call.drain());
        }
    }

    @Test
    @Rule("VU12")
    void aRingThatMovesWhileItRunsGoesOnAtTheNewPlace() throws InterruptedException {
        start();
        offer("a");
        fixture.event.signal();
        assertReads("a");
        awaitSignal(call);
        MemorySegment.copy(memory.segment(), 0, memory.segment(), 0x8000, 0x3000);
        frontEnd.tell(SET_VRING_ADDR, new Payload.VringAddress(0, 0, BackEndFixture.USER_ADDRESS + 0x8000,
                BackEndFixture.USER_ADDRESS + 0xa000, BackEndFixture.USER_ADDRESS + 0x9000, 0));
        ring = new SplitRingBytes(memory.segment().asSlice(0x8000), 1);
        memory.segment().set(JAVA_BYTE, TEXT, (byte) 'b');
        ring.offer(0);
        fixture.event.signal();
        assertReads("b");
        awaitSignal(call);
        assertEquals(2, ring.used());
    }

    @Test
    @Rule({"VU13", "VU14"})
    void aStoppedRingIsNotTouchedAndItsPositionIsWhereItGoesOn() throws InterruptedException {
        start();
        offer("a");
        fixture.event.signal();
        assertReads("a");
        awaitSignal(call);
        frontEnd.tell(SET_VRING_ENABLE, new VringState(0, 0));
        assertEquals(1, base());
        byte[] before = memory.segment().toArray(JAVA_BYTE);
        fixture.event.signal();
        frontEnd.tell(SET_VRING_ENABLE, new VringState(0, 1));
        for (int i = 0; i < 100; i++) {
            assertEquals(0, frontEnd.number(GET_STATUS), "requests are answered");
        }
        assertArrayEquals(before, memory.segment().toArray(JAVA_BYTE));
        assertEquals(0, call.drain());
        offer("b");
        frontEnd.number(GET_STATUS);
        assertNull(model.texts.poll());
        assertEquals(1, base());
        frontEnd.tell(SET_VRING_KICK, new U64(0), fixture.event.fd());
        assertReads("b");
    }

    @Test
    @Rule("VU13")
    void aRingThatNeverRanSaysWhereItWouldBegin() {
        assertEquals(0, base());
        frontEnd.tell(SET_VRING_BASE, new VringState(0, 7));
        assertEquals(7, base());
    }

    @Test
    @Rule("VU15")
    void aPackedRingBeginsAndEndsWithItsWrapCounters() {
        frontEnd.tell(SET_FEATURES, new U64(FEATURES | PROTOCOL | PACKED));
        assertEquals(0x8000_8000, base());
        frontEnd.tell(SET_VRING_BASE, new VringState(0, 0x0003_0003));
        fixture.startRing(frontEnd, FEATURES | PROTOCOL | PACKED);
        assertEquals(0x0003_0003, base());
    }

    @Test
    @Rule({"VU15", "VU26"})
    void aRingOfABackEndThatDiedGoesOnFromItsUsedIndex() throws InterruptedException {
        start();
        offer("a");
        fixture.event.signal();
        assertReads("a");
        awaitSignal(call);
        frontEnd.close();
        offer("b");
        offer("b");
        frontEnd = fixture.frontEnd();
        frontEnd.tell(SET_VRING_BASE, new VringState(0, ring.used()));
        start();
        assertReads("b");
        assertReads("b");
        awaitSignal(call);
        assertEquals(3, base());
        assertEquals(3, ring.used());
    }

    @Test
    @Rule("VU17")
    void aRegionBeginsAnywhereInItsFile() throws InterruptedException {
        ring.text(0x4810, "somewhere");
        ring.descriptor(1, 0x9_0000, 9, 0, 0);
        start();
        frontEnd.tell(ADD_MEM_REG, new Payload.SingleRegion(new Region(0x9_0000, 9, 0x123, 0x4810)),
                fixture.memory.fd());
        ring.offer(1);
        fixture.event.signal();
        assertReads("somewhere");
    }

    @Test
    @Rule("VU20")
    void theStatusIsWhatTheDriverWrote() {
        frontEnd.tell(SET_FEATURES, new U64(FEATURES | PROTOCOL));
        for (int status : new int[]{1, 3, AGREED, AGREED | DeviceStatus.DRIVER_OK, 0}) {
            frontEnd.tell(SET_STATUS, new U64(status));
            assertEquals(status, frontEnd.number(GET_STATUS));
        }
    }

    @Test
    @Rule("VU20")
    void featuresThatWillNotDoAreNotOk() {
        model.acceptable = false;
        frontEnd.tell(SET_FEATURES, new U64(FEATURES | PROTOCOL));
        frontEnd.tell(SET_STATUS, new U64(AGREED));
        assertEquals(AGREED & ~DeviceStatus.FEATURES_OK, frontEnd.number(GET_STATUS));
    }

    @Test
    @Rule("VU20")
    void status0StopsEverything() throws InterruptedException {
        start();
        frontEnd.tell(SET_STATUS, new U64(0));
        offer("a");
        fixture.event.signal();
        assertEquals(0, frontEnd.number(GET_STATUS));
        assertNull(model.texts.poll());
        start();
        assertReads("a");
    }

    @Test
    @Rule("VU51")
    void aSecondOwnerChangesNothing() throws InterruptedException {
        frontEnd.tell(SET_OWNER, Payload.EMPTY);
        start();
        frontEnd.tell(SET_OWNER, Payload.EMPTY);
        offer("a");
        fixture.event.signal();
        assertReads("a");
    }

    @Test
    @Rule("VU43")
    void theSmallestAndTheLargestMtuAreTaken() {
        frontEnd.tell(NET_SET_MTU, new U64(68));
        frontEnd.tell(NET_SET_MTU, new U64(65535));
    }

    @Test
    @Rule({"VU37", "VU38"})
    void aRingOfEverySizeThatTheDeviceTakesMayReachTheEndOfItsRegion() {
        frontEnd.tell(SET_FEATURES, new U64(FEATURES | PROTOCOL));
        long end = BackEndFixture.USER_ADDRESS + MEMORY_BYTES;
        frontEnd.tell(SET_MEM_TABLE, table(BackEndFixture.wholeMemory()), fixture.memory.fd());
        for (int size = 1; size <= 256; size *= 2) {
            frontEnd.tell(SET_VRING_NUM, new VringState(0, size));
            frontEnd.tell(SET_VRING_ADDR, new Payload.VringAddress(0, 0, end - 16L * size,
                    BackEndFixture.USER_ADDRESS + 0x2000, BackEndFixture.USER_ADDRESS + 0x1000, 0));
            frontEnd.tell(SET_VRING_KICK, new U64(0), fixture.event.fd());
            assertEquals(0, base());
        }
    }

    @Test
    @Rule("VU18")
    void onlyWhoAgreedOnRepliesAndAsksGetsOne() {
        frontEnd.close();
        try (RawFrontEnd raw = new RawFrontEnd(fixture.connect())) {
            int needReply = MessageHeader.VERSION | MessageHeader.NEED_REPLY;
            raw.send(SET_OWNER.code, needReply, Payload.EMPTY);
            raw.send(GET_PROTOCOL_FEATURES, Payload.EMPTY);
            raw.number(GET_PROTOCOL_FEATURES);
            raw.send(SET_PROTOCOL_FEATURES, new U64(BackEnd.PROTOCOL.low()));
            raw.send(SET_OWNER, Payload.EMPTY);
            raw.send(SET_OWNER.code, needReply, Payload.EMPTY);
            assertEquals(0, raw.number(SET_OWNER));
            raw.send(GET_FEATURES.code, needReply, Payload.EMPTY);
            raw.number(GET_FEATURES);
            raw.assertSilent();
            raw.send(SET_VRING_NUM.code, needReply, new VringState(9, 8));
            assertNotEquals(0, raw.number(SET_VRING_NUM));
            raw.assertClosed();
        }
    }

    @Test
    @Rule("VU5")
    void aReplyRepeatsTheRequest() {
        frontEnd.close();
        try (RawFrontEnd raw = new RawFrontEnd(fixture.connect())) {
            raw.send(SET_PROTOCOL_FEATURES, new U64(BackEnd.PROTOCOL.low()));
            for (FrontEndRequest request : new FrontEndRequest[]{GET_FEATURES, GET_PROTOCOL_FEATURES, GET_QUEUE_NUM,
                GET_MAX_MEM_SLOTS, GET_STATUS}) {
                raw.send(request, Payload.EMPTY);
                raw.number(request);
            }
            raw.send(GET_VRING_BASE, new VringState(0, 0));
            assertEquals(new VringState(0, 0), VringState.read(raw.reply(GET_VRING_BASE, VringState.BYTES)));
            raw.send(SET_VRING_NUM.code, MessageHeader.VERSION | MessageHeader.NEED_REPLY,
                    new VringState(0, RING_SIZE));
            assertEquals(0, raw.number(SET_VRING_NUM));
        }
    }

    @Test
    @Rule({"VU5", "VU19", "VU44"})
    void aConfigurationIsReadInTheSizeThatIsAskedForWithZeroesBehindItsEnd() {
        frontEnd.close();
        try (RawFrontEnd raw = new RawFrontEnd(fixture.connect())) {
            raw.send(SET_PROTOCOL_FEATURES, new U64(BackEnd.PROTOCOL.low()));
            for (int offset : new int[]{0, 4, 100}) {
                for (int size : new int[]{1, 6, 60, 256 - offset}) {
                    raw.send(GET_CONFIG, new Payload.Config(offset, 0, new byte[size]));
                    MemorySegment reply = raw.reply(GET_CONFIG, Payload.Config.HEADER_BYTES + size);
                    byte[] expected = new byte[size];
                    for (int i = 0; i < size && offset + i < 6; i++) {
                        expected[i] = (byte) (offset + i + 1);
                    }
                    Payload.Config config = Payload.Config.read(reply);
                    assertArrayEquals(expected, config.contents());
                    assertEquals(offset, config.offset());
                }
            }
        }
    }

    @Test
    @Rule("VU40")
    void theSameFeaturesMayBeSetWhileRingsRunAndOthersWhenTheyAreStopped() {
        start();
        frontEnd.tell(SET_FEATURES, new U64(FEATURES | PROTOCOL));
        base();
        frontEnd.tell(SET_FEATURES, new U64(FEATURES | PROTOCOL | PACKED));
    }
}
