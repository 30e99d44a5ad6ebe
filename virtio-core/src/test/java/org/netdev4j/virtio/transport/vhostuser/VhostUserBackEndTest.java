package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.linux.OpenFds;
import org.netdev4j.virtio.linux.SharedMemory;
import org.netdev4j.virtio.linux.ShrinkableMemory;
import org.netdev4j.virtio.linux.UnixSocket;
import org.netdev4j.virtio.transport.vhostuser.Payload.Region;
import org.netdev4j.virtio.transport.vhostuser.Payload.U64;
import org.netdev4j.virtio.transport.vhostuser.Payload.VringAddress;
import org.netdev4j.virtio.transport.vhostuser.Payload.VringState;

/** The back-end as front-ends find it, well-behaved ones and others. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class VhostUserBackEndTest {
    private static final long VERSION_1 = Features.of(VirtioFeature.VERSION_1).low();
    private static final long PROTOCOL = Features.NONE.with(Session.PROTOCOL_FEATURES).low();
    private static final long USER_ADDRESS = 0x7f00_0000_0000L;
    private static final long GUEST_ADDRESS = 0x10_0000;

    @TempDir
    Path directory;

    private final OpenFds fds = OpenFds.now();
    private final DeviceLoop loop = new DeviceLoop("back-end").start();
    private final RecordingModel model = new RecordingModel();
    private final MemoryRegion memory = SharedMemory.allocate("guest", 1 << 16);
    private final EventFd event = EventFd.create();
    private VhostUserBackEnd backEnd;

    @BeforeEach
    void listen() {
        backEnd = VhostUserBackEnd.listen(directory.resolve("s"), model, 1, loop);
    }

    @AfterEach
    void nothingLeaks() {
        backEnd.close();
        loop.close();
        event.close();
        memory.close();
        fds.assertNoneLeaked();
    }

    private FrontEnd connect() {
        FrontEnd frontEnd = new FrontEnd(channel());
        frontEnd.protocol(BackEnd.PROTOCOL);
        return frontEnd;
    }

    private MessageChannel channel() {
        return new MessageChannel(UnixSocket.connect(directory.resolve("s")), TimeUnit.SECONDS.toNanos(5));
    }

    private void startRing(FrontEnd frontEnd) {
        frontEnd.tell(FrontEndRequest.SET_FEATURES, new U64(VERSION_1 | PROTOCOL));
        shareMemory(frontEnd);
        describeRing(frontEnd);
        frontEnd.tell(FrontEndRequest.SET_VRING_KICK, new U64(0), event.fd());
    }

    private void shareMemory(FrontEnd frontEnd) {
        frontEnd.tell(FrontEndRequest.SET_MEM_TABLE,
                new Payload.MemoryTable(List.of(new Region(GUEST_ADDRESS, memory.size(), USER_ADDRESS, 0))),
                memory.backing().fd());
    }

    private static void describeRing(FrontEnd frontEnd) {
        frontEnd.tell(FrontEndRequest.SET_VRING_NUM, new VringState(0, 8));
        frontEnd.tell(FrontEndRequest.SET_VRING_BASE, new VringState(0, 5));
        frontEnd.tell(FrontEndRequest.SET_VRING_ADDR,
                new VringAddress(0, 0, USER_ADDRESS, USER_ADDRESS + 0x2000, USER_ADDRESS + 0x1000, 0));
    }

    @Test
    void aRingStartsDisabledAndStopsWhereItWas() {
        try (FrontEnd frontEnd = connect()) {
            startRing(frontEnd);
            assertEquals(List.of("start", "started 0", "enabled 0 false"), model.events);
            frontEnd.tell(FrontEndRequest.SET_VRING_ENABLE, new VringState(0, 1));
            assertEquals("enabled 0 true", model.events.getLast());
            assertEquals(new VringState(0, 5),
                    frontEnd.ask(FrontEndRequest.GET_VRING_BASE, new VringState(0, 0)));
            assertEquals(List.of("stopped 0", "stop"), model.events.subList(4, 6));
        }
    }

    /** QEMU resets a device before it asks where the rings are, when a guest pauses or has moved to another machine. */
    @Test
    void aRingSaysWhereItWasAlsoAfterAReset() {
        try (FrontEnd frontEnd = connect()) {
            startRing(frontEnd);
            frontEnd.tell(FrontEndRequest.SET_STATUS, new U64(0));
            assertEquals(List.of("stopped 0", "stop"), model.events.subList(3, 5));
            assertEquals(new VringState(0, 5),
                    frontEnd.ask(FrontEndRequest.GET_VRING_BASE, new VringState(0, 0)));
        }
    }

    @Test
    void aRingStartsWhateverTheOrderItIsDescribedIn() {
        try (FrontEnd frontEnd = connect()) {
            frontEnd.tell(FrontEndRequest.SET_VRING_ENABLE, new VringState(0, 1));
            frontEnd.tell(FrontEndRequest.SET_FEATURES, new U64(VERSION_1 | PROTOCOL));
            frontEnd.tell(FrontEndRequest.SET_VRING_KICK, new U64(0), event.fd());
            describeRing(frontEnd);
            assertEquals(List.of(), model.events);
            shareMemory(frontEnd);
            assertEquals(List.of("start", "started 0"), model.events);
        }
    }

    @Test
    void aRunningRingMovesToTheNewMemory() {
        try (FrontEnd frontEnd = connect()) {
            startRing(frontEnd);
            shareMemory(frontEnd);
            assertEquals(List.of("stopped 0", "started 0", "enabled 0 false"), model.events.subList(3, 6));
            assertEquals(new VringState(0, 5),
                    frontEnd.ask(FrontEndRequest.GET_VRING_BASE, new VringState(0, 0)));
        }
    }

    @Test
    void whoTakesItsMemoryAwayLosesItsConnectionAndTheNextIsServed() {
        try (ShrinkableMemory shrinkable = new ShrinkableMemory(1 << 16); FrontEnd frontEnd = connect()) {
            frontEnd.tell(FrontEndRequest.SET_FEATURES, new U64(VERSION_1 | PROTOCOL));
            frontEnd.tell(FrontEndRequest.SET_MEM_TABLE,
                    new Payload.MemoryTable(List.of(new Region(GUEST_ADDRESS, 1 << 16, USER_ADDRESS, 0))),
                    shrinkable.fd());
            describeRing(frontEnd);
            frontEnd.tell(FrontEndRequest.SET_VRING_KICK, new U64(0), event.fd());
            shrinkable.size(0);
            model.looksAtRing = true;
            event.signal();
            assertThrows(VhostUserException.class, () -> {
                while (true) {
                    frontEnd.number(FrontEndRequest.GET_STATUS);
                }
            });
        }
        model.looksAtRing = false;
        try (FrontEnd next = connect()) {
            startRing(next);
            assertEquals(List.of("start", "started 0", "enabled 0 false", "stop", "start", "started 0",
                    "enabled 0 false"), model.events);
        }
    }

    @Test
    void aRingWithoutKickDescriptorKeepsTheLoopAwake() {
        try (FrontEnd frontEnd = connect()) {
            startRing(frontEnd);
            frontEnd.tell(FrontEndRequest.SET_VRING_KICK, new U64(U64.NO_FD));
            int polls = model.polls.get();
            while (model.polls.get() < polls + 10_000) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void theNextFrontEndFindsTheDeviceReset() {
        try (FrontEnd frontEnd = connect()) {
            startRing(frontEnd);
        }
        try (FrontEnd next = connect()) {
            assertEquals(0, next.number(FrontEndRequest.GET_STATUS));
            assertEquals("stop", model.events.getLast());
            startRing(next);
            assertEquals(List.of("start", "started 0", "enabled 0 false"),
                    model.events.subList(model.events.size() - 3, model.events.size()));
        }
    }

    @ParameterizedTest
    @EnumSource(Offence.class)
    void whoBreaksTheProtocolIsDisconnectedAndTheNextIsServed(Offence offence) {
        try (FrontEnd offender = connect()) {
            startRing(offender);
            assertThrows(VhostUserException.class,
                    () -> offender.tell(offence.request, offence.payload, offence.withFd
                            ? new int[]{event.fd()}
                            : new int[0]));
        }
        try (FrontEnd next = connect()) {
            startRing(next);
        }
        assertTrue(model.events.contains("stop"));
    }

    /** What no front-end may do while ring 0 runs. */
    enum Offence {
        RING_THAT_IS_NOT_THERE(FrontEndRequest.SET_VRING_NUM, new VringState(2, 8), false),
        NEGATIVE_RING(FrontEndRequest.SET_VRING_ENABLE, new VringState(-1, 1), false),
        RING_BEYOND_16_BITS(FrontEndRequest.SET_VRING_BASE, new VringState(0x10001, 0), false),
        ENABLED_TWICE_OVER(FrontEndRequest.SET_VRING_ENABLE, new VringState(0, 2), false),
        SIZE_WHILE_IT_RUNS(FrontEndRequest.SET_VRING_NUM, new VringState(0, 16), false),
        NO_SIZE(FrontEndRequest.SET_VRING_NUM, new VringState(1, 0), false),
        HUGE_SIZE(FrontEndRequest.SET_VRING_NUM, new VringState(1, 65536), false),
        ADDRESS_IN_NO_REGION(FrontEndRequest.SET_VRING_ADDR, new VringAddress(0, 0, 16, 32, 64, 0), false),
        UNALIGNED_RING(FrontEndRequest.SET_VRING_ADDR, new VringAddress(0, 0, USER_ADDRESS + 1,
                USER_ADDRESS + 0x2000, USER_ADDRESS + 0x1000, 0), false),
        UNKNOWN_RING_FLAG(FrontEndRequest.SET_VRING_ADDR, new VringAddress(0, 2, USER_ADDRESS,
                USER_ADDRESS + 0x2000, USER_ADDRESS + 0x1000, 0), false),
        RING_BEHIND_THE_END(FrontEndRequest.SET_VRING_ADDR, new VringAddress(0, 0, USER_ADDRESS + 0xfff0,
                USER_ADDRESS + 0x2000, USER_ADDRESS + 0x1000, 0), false),
        FD_THAT_IS_ANNOUNCED_AND_MISSING(FrontEndRequest.SET_VRING_CALL, new U64(0), false),
        FD_THAT_IS_DENIED_AND_THERE(FrontEndRequest.SET_VRING_CALL, new U64(U64.NO_FD), true),
        RESERVED_BIT_IN_A_RING_NUMBER(FrontEndRequest.SET_VRING_CALL, new U64(1 << 9), true),
        FD_NOBODY_ASKED_FOR(FrontEndRequest.SET_OWNER, Payload.EMPTY, true),
        MEMORY_BEHIND_THE_FILE(FrontEndRequest.ADD_MEM_REG,
                new Payload.SingleRegion(new Region(0, 1 << 20, 0, 0)), true),
        MEMORY_THAT_WRAPS(FrontEndRequest.ADD_MEM_REG,
                new Payload.SingleRegion(new Region(-4096, 8192, 0, 0)), true),
        MEMORY_OF_NO_SIZE(FrontEndRequest.ADD_MEM_REG, new Payload.SingleRegion(new Region(0, 0, 0, 0)), true),
        MEMORY_THAT_IS_NOT_THERE(FrontEndRequest.REM_MEM_REG,
                new Payload.SingleRegion(new Region(1, 2, 3, 4)), false),
        OTHER_FEATURES_WHILE_RINGS_RUN(FrontEndRequest.SET_FEATURES, new U64(PROTOCOL), false),
        FEATURES_NOT_OFFERED(FrontEndRequest.SET_FEATURES, new U64(-1), false),
        PROTOCOL_FEATURES_NOT_OFFERED(FrontEndRequest.SET_PROTOCOL_FEATURES, new U64(-1), false),
        MTU_TOO_SMALL(FrontEndRequest.NET_SET_MTU, new U64(67), false),
        MTU_TOO_LARGE(FrontEndRequest.NET_SET_MTU, new U64(65536), false);

        final FrontEndRequest request;
        @SuppressWarnings("ImmutableEnumChecker")
        final Payload payload;
        final boolean withFd;

        Offence(FrontEndRequest request, Payload payload, boolean withFd) {
            this.request = request;
            this.payload = payload;
            this.withFd = withFd;
        }
    }
}
