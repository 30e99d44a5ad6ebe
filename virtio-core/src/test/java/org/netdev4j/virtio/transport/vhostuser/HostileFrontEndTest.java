package org.netdev4j.virtio.transport.vhostuser;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.netdev4j.virtio.transport.vhostuser.Attack.message;
import static org.netdev4j.virtio.transport.vhostuser.Attack.named;
import static org.netdev4j.virtio.transport.vhostuser.Attack.withFd;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.FEATURES;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.PROTOCOL;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.RING_SIZE;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.USER_ADDRESS;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.ringAddress;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.table;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.wholeMemory;
import static org.netdev4j.virtio.transport.vhostuser.FrontEndRequest.*;
import static org.netdev4j.virtio.transport.vhostuser.MessageHeader.NEED_REPLY;
import static org.netdev4j.virtio.transport.vhostuser.MessageHeader.REPLY;
import static org.netdev4j.virtio.transport.vhostuser.MessageHeader.VERSION;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.netdev4j.virtio.testing.Rule;
import org.netdev4j.virtio.transport.vhostuser.Payload.U64;
import org.netdev4j.virtio.transport.vhostuser.Payload.VringAddress;
import org.netdev4j.virtio.transport.vhostuser.Payload.VringState;

/**
 * A front-end that breaks the protocol, byte by byte on a real socket, while ring 0 runs: it is disconnected, nothing of its
 * is held any more, and the next front-end is served.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HostileFrontEndTest {
    private static final List<FrontEndRequest> BY_RING_NUMBER = List.of(SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR);
    private static final List<FrontEndRequest> BY_RING_STATE = List.of(SET_VRING_NUM, SET_VRING_BASE, GET_VRING_BASE,
            SET_VRING_ENABLE);

    @TempDir
    Path directory;

    private BackEndFixture fixture;

    @BeforeEach
    void listen() {
        fixture = new BackEndFixture(directory, new RecordingModel());
    }

    @AfterEach
    void nothingIsHeld() {
        fixture.close();
    }

    private void assertEndsTheConnection(Attack attack) {
        try (RawFrontEnd raw = new RawFrontEnd(fixture.connect())) {
            startRing(raw);
            attack.on(raw, fixture, fixture.event.fd());
            raw.assertClosed();
        }
        fixture.assertServesTheNext();
    }

    /** As {@link BackEndFixture#startRing}, without waiting for anything. */
    private void startRing(RawFrontEnd raw) {
        raw.send(SET_PROTOCOL_FEATURES, new U64(BackEnd.PROTOCOL.low()));
        raw.send(SET_FEATURES, new U64(FEATURES | PROTOCOL));
        raw.send(SET_MEM_TABLE, table(wholeMemory()), fixture.memory.fd());
        raw.send(SET_VRING_NUM, new VringState(0, RING_SIZE));
        raw.send(SET_VRING_ADDR, ringAddress(0));
        raw.send(SET_VRING_KICK, new U64(0), fixture.event.fd());
    }

    @ParameterizedTest
    @MethodSource
    @Rule("VU33")
    void whatIsNoMessageEndsTheConnection(Attack attack) {
        assertEndsTheConnection(attack);
    }

    static List<Named<Attack>> whatIsNoMessageEndsTheConnection() {
        List<Named<Attack>> attacks = new ArrayList<>();
        for (int code : new int[]{0, 26, 27, 33, 41, 46, 63, 64, 65536, -1}) {
            attacks.add(named("unknown request " + code, (raw, fixture, event) -> raw.send(code, VERSION,
                    Payload.EMPTY)));
        }
        for (int flags : new int[]{0, 2, 3, NEED_REPLY, VERSION | REPLY, VERSION | 16, VERSION | 1 << 31}) {
            attacks.add(named("flags " + flags, (raw, fixture, event) -> raw.send(GET_FEATURES.code, flags,
                    Payload.EMPTY)));
        }
        for (int size : new int[]{4097, 65536, Integer.MAX_VALUE, Integer.MIN_VALUE, -1}) {
            attacks.add(named("size " + size, (raw, fixture, event) -> raw.send(
                    raw.message(SET_FEATURES.code, VERSION, size, 0))));
        }
        for (FrontEndRequest request : FrontEndRequest.values()) {
            for (int size : new int[]{4, 12, 20, 36, 44, 4096}) {
                attacks.add(named(request + " of " + size + " bytes", (raw, fixture, event) -> raw.send(
                        raw.message(request.code, VERSION, size, size))));
            }
        }
        for (int regions : new int[]{0, 2, 8, 9, -1}) {
            attacks.add(named("table of " + regions + " regions with one", (raw, fixture, event) -> {
                MemorySegment message = raw.message(SET_MEM_TABLE.code, VERSION, 40, 40);
                message.set(JAVA_INT, MessageHeader.BYTES, regions);
                raw.send(message, event);
            }));
        }
        return attacks;
    }

    @ParameterizedTest
    @MethodSource
    @Rule("VU33")
    void anEndInTheMiddleOfAMessageEndsTheConnection(int bytes) {
        try (RawFrontEnd raw = new RawFrontEnd(fixture.connect())) {
            startRing(raw);
            raw.send(raw.message(SET_FEATURES.code, VERSION, 8, 8).asSlice(0, bytes), fixture.event.fd());
        }
        fixture.assertServesTheNext();
    }

    static int[] anEndInTheMiddleOfAMessageEndsTheConnection() {
        return new int[]{1, 4, 11, 12, 13, 19};
    }

    @ParameterizedTest
    @MethodSource
    @Rule("VU34")
    void descriptorsThatDoNotBelongToTheMessageEndTheConnection(Attack attack) {
        assertEndsTheConnection(attack);
    }

    static List<Named<Attack>> descriptorsThatDoNotBelongToTheMessageEndTheConnection() {
        List<Named<Attack>> attacks = new ArrayList<>();
        for (FrontEndRequest request : FrontEndRequest.values()) {
            if (request.fds == FdRule.NONE) {
                attacks.add(named(request + " with a descriptor", (raw, fixture, event) -> raw.send(request,
                        wellFormed(request), event)));
            }
            attacks.add(named(request + " with three descriptors", (raw, fixture, event) -> raw.send(request,
                    wellFormed(request), event, event, event)));
        }
        attacks.add(message(ADD_MEM_REG, new Payload.SingleRegion(wholeMemory())));
        attacks.add(message(SET_MEM_TABLE, table(wholeMemory())));
        attacks.add(named("unknown request with descriptors",
                (raw, fixture, event) -> raw.send(99, VERSION, Payload.EMPTY, event, event)));
        attacks.add(named("refused header with descriptors", (raw, fixture, event) -> raw.send(GET_FEATURES.code, 0,
                Payload.EMPTY, event, event)));
        attacks.add(named("more descriptors than one message may have",
                (raw, fixture, event) -> raw.sendOverfull(event)));
        return attacks;
    }

    /** A payload of the right length. */
    private static Payload wellFormed(FrontEndRequest request) {
        return switch (request.payload) {
            case EMPTY -> Payload.EMPTY;
            case U64 -> new U64(0);
            case VRING_STATE -> new VringState(0, 0);
            case VRING_ADDRESS -> ringAddress(0);
            case MEMORY_TABLE -> table(wholeMemory());
            case SINGLE_REGION -> new Payload.SingleRegion(wholeMemory());
            case LOG -> new Payload.Log(4096, 0);
            case CONFIG -> new Payload.Config(0, 0, new byte[4]);
            case INFLIGHT -> new Payload.Inflight(4096, 0, 1, RING_SIZE);
        };
    }

    @ParameterizedTest
    @MethodSource
    @Rule("VU35")
    void aDescriptorIsThereUnlessBitEightSaysOtherwise(Attack attack) {
        assertEndsTheConnection(attack);
    }

    static List<Named<Attack>> aDescriptorIsThereUnlessBitEightSaysOtherwise() {
        List<Named<Attack>> attacks = new ArrayList<>();
        for (FrontEndRequest request : BY_RING_NUMBER) {
            attacks.add(message(request, new U64(0)));
            attacks.add(withFd(request, new U64(U64.NO_FD)));
            for (long number : new long[]{2, 255, 1 << 9, 1 << 16, 1L << 32, 1L << 63, -1 & ~U64.NO_FD}) {
                attacks.add(withFd(request, new U64(number)));
                attacks.add(message(request, new U64(number | U64.NO_FD)));
            }
        }
        return attacks;
    }

    @ParameterizedTest
    @MethodSource
    @Rule("VU36")
    void aRingThatIsNotThereEndsTheConnection(Attack attack) {
        assertEndsTheConnection(attack);
    }

    static List<Named<Attack>> aRingThatIsNotThereEndsTheConnection() {
        List<Named<Attack>> attacks = new ArrayList<>();
        for (int index : new int[]{2, 256, 0x1_0000, Integer.MIN_VALUE, -1}) {
            for (FrontEndRequest request : BY_RING_STATE) {
                attacks.add(message(request, new VringState(index, 1)));
            }
            attacks.add(message(SET_VRING_ADDR, new VringAddress(index, 0, USER_ADDRESS, USER_ADDRESS + 0x2000,
                    USER_ADDRESS + 0x1000, 0)));
        }
        for (FrontEndRequest request : BY_RING_NUMBER) {
            attacks.add(withFd(request, new U64(2)));
        }
        attacks.add(message(SET_VRING_ENABLE, new VringState(0, 2)));
        attacks.add(message(SET_VRING_ENABLE, new VringState(0, -1)));
        return attacks;
    }

    @ParameterizedTest
    @MethodSource
    @Rule("VU37")
    void aRingOfNoLegalSizeEndsTheConnection(Attack attack) {
        assertEndsTheConnection(attack);
    }

    static List<Named<Attack>> aRingOfNoLegalSizeEndsTheConnection() {
        List<Named<Attack>> attacks = new ArrayList<>();
        for (int size : new int[]{0, 32769, 65536, -1, Integer.MIN_VALUE}) {
            attacks.add(message(SET_VRING_NUM, new VringState(1, size)));
        }
        attacks.add(message(SET_VRING_NUM, new VringState(0, 16)));
        attacks.add(message(SET_VRING_BASE, new VringState(0, 1)));
        for (int size : new int[]{3, 12, 512}) {
            attacks.add(named("split ring of " + size, (raw, fixture, event) -> {
                raw.send(SET_VRING_NUM, new VringState(1, size));
                raw.send(SET_VRING_ADDR, ringAddress(1));
                raw.send(SET_VRING_KICK, new U64(1), event);
            }));
        }
        return attacks;
    }

    @ParameterizedTest
    @MethodSource
    @Rule({"VU16", "VU38"})
    void aRingThatIsNotWhollyInsideARegionEndsTheConnection(Attack attack) {
        assertEndsTheConnection(attack);
    }

    static List<Named<Attack>> aRingThatIsNotWhollyInsideARegionEndsTheConnection() {
        long end = USER_ADDRESS + BackEndFixture.MEMORY_BYTES;
        List<Named<Attack>> attacks = new ArrayList<>(List.of(
                message(SET_VRING_ADDR, at(USER_ADDRESS + 8, 0x2000, 0x1000)),
                message(SET_VRING_ADDR, at(USER_ADDRESS, 0x2002, 0x1000)),
                message(SET_VRING_ADDR, at(USER_ADDRESS, 0x2000, 0x1001)),
                message(SET_VRING_ADDR, at(end - RING_SIZE * 16 + 16, 0x2000, 0x1000)),
                message(SET_VRING_ADDR, at(USER_ADDRESS, end - USER_ADDRESS - 64, 0x1000)),
                message(SET_VRING_ADDR, at(USER_ADDRESS, 0x2000, end - USER_ADDRESS - 16)),
                message(SET_VRING_ADDR, at(USER_ADDRESS - 16, 0x2010, 0x1010)),
                message(SET_VRING_ADDR, at(end, 0, 0)),
                message(SET_VRING_ADDR, at(-16, 0, 0)),
                message(SET_VRING_ADDR, new VringAddress(0, 0, BackEndFixture.GUEST_ADDRESS,
                        BackEndFixture.GUEST_ADDRESS + 0x2000, BackEndFixture.GUEST_ADDRESS + 0x1000, 0)),
                message(SET_VRING_ADDR, new VringAddress(0, 2, USER_ADDRESS, USER_ADDRESS + 0x2000,
                        USER_ADDRESS + 0x1000, 0))));
        attacks.add(named("across two regions that touch", (raw, fixture, event) -> {
            raw.send(SET_MEM_TABLE, table(piece(0, 0x8000), piece(0x8000, 0x8000)), fixture.memory.fd(),
                    fixture.memory.fd());
            raw.send(SET_VRING_ADDR, at(USER_ADDRESS + 0x7ff0, 0x2000 - 0x7ff0, 0x1000 - 0x7ff0));
        }));
        attacks.add(named("in memory that is replaced by less", (raw, fixture, event) -> raw.send(SET_MEM_TABLE,
                table(piece(0, 0x2000)), fixture.memory.fd())));
        attacks.add(named("in memory that is taken away", (raw, fixture, event) -> {
            raw.send(ADD_MEM_REG, new Payload.SingleRegion(new Payload.Region(0x8000_0000L, 0x1000, 0, 0)),
                    fixture.memory.fd());
            raw.send(REM_MEM_REG, new Payload.SingleRegion(wholeMemory()));
        }));
        return attacks;
    }

    private static VringAddress at(long descriptors, long used, long available) {
        return new VringAddress(0, 0, descriptors, descriptors + used, descriptors + available, 0);
    }

    private static Payload.Region piece(long offset, long size) {
        return new Payload.Region(BackEndFixture.GUEST_ADDRESS + offset, size, USER_ADDRESS + offset, offset);
    }

    @ParameterizedTest
    @MethodSource
    @Rule({"VU17", "VU39"})
    void aMemoryTableThatCannotBeEndsTheConnection(Attack attack) {
        assertEndsTheConnection(attack);
    }

    static List<Named<Attack>> aMemoryTableThatCannotBeEndsTheConnection() {
        List<Named<Attack>> attacks = new ArrayList<>();
        for (Payload.Region region : List.of(
                new Payload.Region(0, 0, 0, 0),
                new Payload.Region(0, -1, 0, 0),
                new Payload.Region(-0x1000, 0x1001, 0, 0),
                new Payload.Region(0, 0x1001, -0x1000, 0),
                new Payload.Region(0, 0x1001, 0, -0x1000),
                new Payload.Region(0, 0x1000, 0, Long.MAX_VALUE - 0x800),
                new Payload.Region(0, 0x1000, 0, BackEndFixture.MEMORY_BYTES - 0x800),
                new Payload.Region(0, 0x1000, 0, BackEndFixture.MEMORY_BYTES),
                new Payload.Region(0, BackEndFixture.MEMORY_BYTES + 1, 0, 0),
                new Payload.Region(0, 1L << 46, 0, 0))) {
            attacks.add(Attack.withMemory(SET_MEM_TABLE, table(region)));
            attacks.add(Attack.withMemory(ADD_MEM_REG, new Payload.SingleRegion(region)));
        }
        for (Payload.Region second : List.of(piece(0, 0x10), piece(0x7fff, 0x10), piece(0, 0x8000),
                new Payload.Region(0, 0x1000, USER_ADDRESS + 0x7fff, 0),
                new Payload.Region(BackEndFixture.GUEST_ADDRESS + 0x7fff, 0x1000, 0, 0))) {
            attacks.add(Attack.withMemory(SET_MEM_TABLE, table(piece(0, 0x8000), second)));
            attacks.add(Attack.withMemory(SET_MEM_TABLE, table(second, piece(0, 0x8000))));
            attacks.add(Attack.withMemory(ADD_MEM_REG, new Payload.SingleRegion(second)));
        }
        Payload.Region[] nine = new Payload.Region[9];
        Arrays.setAll(nine, i -> piece(i * 0x1000L, 0x1000));
        attacks.add(Attack.withMemory(SET_MEM_TABLE, table(nine)));
        attacks.add(named("one slot too many", (raw, fixture, event) -> {
            for (int i = 0; i < PeerMemory.SLOTS; i++) {
                raw.send(ADD_MEM_REG, new Payload.SingleRegion(new Payload.Region(i * 0x1000L, 0x10, i * 0x1000L, 0)),
                        fixture.memory.fd());
            }
        }));
        attacks.add(named("memory that is an event", (raw, fixture, event) -> raw.send(SET_MEM_TABLE,
                table(wholeMemory()), event)));
        attacks.add(message(REM_MEM_REG, new Payload.SingleRegion(piece(0, 0x1000))));
        return attacks;
    }

    @ParameterizedTest
    @MethodSource
    @Rule("VU40")
    void featuresThatWereNotOfferedOrChangeUnderARingEndTheConnection(Attack attack) {
        assertEndsTheConnection(attack);
    }

    static List<Named<Attack>> featuresThatWereNotOfferedOrChangeUnderARingEndTheConnection() {
        List<Named<Attack>> attacks = new ArrayList<>();
        long packed = 1L << 34;
        for (long features : new long[]{-1, 1L << 63, FEATURES | 1, 0, PROTOCOL, FEATURES | PROTOCOL | packed}) {
            attacks.add(message(SET_FEATURES, new U64(features)));
        }
        attacks.add(message(SET_PROTOCOL_FEATURES, new U64(-1)));
        attacks.add(message(SET_PROTOCOL_FEATURES, new U64(1L << 17)));
        return attacks;
    }

    @ParameterizedTest
    @MethodSource
    @Rule("VU43")
    void anMtuOutOfRangeEndsTheConnection(Attack attack) {
        assertEndsTheConnection(attack);
    }

    static List<Named<Attack>> anMtuOutOfRangeEndsTheConnection() {
        List<Named<Attack>> attacks = new ArrayList<>();
        for (long mtu : new long[]{0, 67, 65536, 1L << 32 | 1500, -1}) {
            attacks.add(message(NET_SET_MTU, new U64(mtu)));
        }
        return attacks;
    }

    @ParameterizedTest
    @MethodSource
    @Rule("VU44")
    void aRangeOutsideTheConfigurationEndsTheConnection(Attack attack) {
        assertEndsTheConnection(attack);
    }

    static List<Named<Attack>> aRangeOutsideTheConfigurationEndsTheConnection() {
        List<Named<Attack>> attacks = new ArrayList<>(List.of(
                message(GET_CONFIG, new Payload.Config(0, 0, new byte[0])),
                message(GET_CONFIG, new Payload.Config(0, 0, new byte[257])),
                message(GET_CONFIG, new Payload.Config(253, 0, new byte[4])),
                message(GET_CONFIG, new Payload.Config(256, 0, new byte[1])),
                message(GET_CONFIG, new Payload.Config(-1, 0, new byte[1])),
                message(GET_CONFIG, new Payload.Config(Integer.MAX_VALUE, 0, new byte[1])),
                message(SET_CONFIG, new Payload.Config(253, 0, new byte[4])),
                message(SET_CONFIG, new Payload.Config(-1, 0, new byte[1]))));
        for (int size : new int[]{0, 3, 5, 256, -1}) {
            attacks.add(named("4 bytes that are called " + size, (raw, fixture, event) -> {
                MemorySegment message = raw.message(GET_CONFIG.code, VERSION, 16, 16);
                message.set(JAVA_INT, MessageHeader.BYTES + 4L, size);
                raw.send(message);
            }));
        }
        return attacks;
    }
}
