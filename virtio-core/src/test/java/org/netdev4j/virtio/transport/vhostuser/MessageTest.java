package org.netdev4j.virtio.transport.vhostuser;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.netdev4j.virtio.testing.Rule;
import org.netdev4j.virtio.transport.vhostuser.Payload.Region;

/** The codec, bytes to messages and back, without sockets: rows VU1 to VU5, VU33 to VU35 of the checklist. */
class MessageTest {
    private final Arena arena = Arena.ofAuto();

    @Test
    @Rule("VU1")
    void aHeaderIsThreeNumbersInNativeOrder() {
        MemorySegment bytes = arena.allocate(MessageHeader.BYTES);
        new MessageHeader(5, MessageHeader.VERSION | MessageHeader.NEED_REPLY, 264).write(bytes);
        assertEquals("05000000" + "09000000" + "08010000", hex(bytes));
        assertEquals(new MessageHeader(5, 9, 264), MessageHeader.read(bytes));
    }

    @ParameterizedTest
    @Rule({"VU33"})
    @CsvSource({"0, 0", "2, 0", "0x11, 0", "1, 4097", "1, -1", "1, 0x7fffffff"})
    void aHeaderThatIsNoneIsRefused(String flags, String size) {
        MemorySegment bytes = arena.allocate(MessageHeader.BYTES);
        bytes.set(JAVA_INT_UNALIGNED, 4, Integer.decode(flags));
        bytes.set(JAVA_INT_UNALIGNED, 8, Integer.decode(size));
        assertThrows(VhostUserException.class, () -> MessageHeader.read(bytes));
    }

    @Test
    @Rule("VU3")
    void everyPayloadReadsAsItWasWritten() {
        assertRoundTrip(PayloadKind.U64, new Payload.U64(0x8000_0000_0000_0001L));
        assertRoundTrip(PayloadKind.VRING_STATE, new Payload.VringState(3, 256));
        assertRoundTrip(PayloadKind.VRING_ADDRESS, new Payload.VringAddress(1, 1, 0x10, 0x20, 0x30, 0x40));
        assertRoundTrip(PayloadKind.MEMORY_TABLE,
                new Payload.MemoryTable(List.of(new Region(1, 2, 3, 4), new Region(5, 6, 7, 8))));
        assertRoundTrip(PayloadKind.SINGLE_REGION, new Payload.SingleRegion(new Region(1, 2, 3, 4)));
        assertRoundTrip(PayloadKind.LOG, new Payload.Log(4096, 8));
        assertRoundTrip(PayloadKind.INFLIGHT, new Payload.Inflight(8192, 4096, 2, 0x8000));
        assertRoundTrip(PayloadKind.EMPTY, Payload.EMPTY);
    }

    private void assertRoundTrip(PayloadKind kind, Payload payload) {
        assertEquals(payload, kind.read(write(payload)));
    }

    @Test
    @Rule("VU3")
    void aConfigurationRangeReadsAsItWasWritten() {
        Payload.Config read = (Payload.Config) PayloadKind.CONFIG
                .read(write(new Payload.Config(6, 1, new byte[]{1, 0})));
        assertEquals(6, read.offset());
        assertEquals(Payload.Config.LIVE_MIGRATION, read.flags());
        assertArrayEquals(new byte[]{1, 0}, read.contents());
    }

    @Test
    @Rule("VU3")
    void ringAddressesComeInTheOrderDescriptorUsedAvailable() {
        MemorySegment bytes = write(new Payload.VringAddress(1, 0, 0xd, 0xe, 0xa, 0));
        assertEquals(0xd, bytes.get(JAVA_LONG_UNALIGNED, 8));
        assertEquals(0xe, bytes.get(JAVA_LONG_UNALIGNED, 16));
        assertEquals(0xa, bytes.get(JAVA_LONG_UNALIGNED, 24));
    }

    @ParameterizedTest
    @Rule("VU33")
    @EnumSource(PayloadKind.class)
    void aPayloadOfAnotherLengthIsRefused(PayloadKind kind) {
        for (int bytes = 0; bytes < 300; bytes++) {
            MemorySegment source = arena.allocate(Math.max(1, bytes)).asSlice(0, bytes);
            int read;
            try {
                read = kind.read(source).bytes();
            } catch (VhostUserException refused) {
                read = bytes;
            }
            assertEquals(bytes, read);
        }
        assertThrows(VhostUserException.class, () -> kind.read(arena.allocate(301)));
    }

    @Test
    @Rule("VU39")
    void aMemoryTableHasAsManyRegionsAsItSays() {
        MemorySegment bytes = write(new Payload.MemoryTable(Collections.nCopies(8, new Region(0, 0, 0, 0))));
        bytes.set(JAVA_INT_UNALIGNED, 0, 9);
        assertEquals("memory table of 264 bytes with 9 regions, allowed are up to 8 regions of 32 bytes behind 8",
                assertThrows(VhostUserException.class, () -> PayloadKind.MEMORY_TABLE.read(bytes)).getMessage());
        bytes.set(JAVA_INT_UNALIGNED, 0, 7);
        assertThrows(VhostUserException.class, () -> PayloadKind.MEMORY_TABLE.read(bytes));
        bytes.set(JAVA_INT_UNALIGNED, 0, -1);
        assertThrows(VhostUserException.class, () -> PayloadKind.MEMORY_TABLE.read(bytes));
    }

    @Test
    @Rule("VU44")
    void aConfigurationRangeIsAsLongAsItSaysAndNoLongerThanAConfiguration() {
        MemorySegment bytes = write(new Payload.Config(0, 0, new byte[257]));
        assertThrows(VhostUserException.class, () -> PayloadKind.CONFIG.read(bytes));
        bytes.set(JAVA_INT_UNALIGNED, 4, 256);
        assertThrows(VhostUserException.class, () -> PayloadKind.CONFIG.read(bytes));
        assertDoesNotThrow(() -> PayloadKind.CONFIG.read(bytes.asSlice(0, 268)));
    }

    @Test
    @Rule({"VU4", "VU35"})
    void aVringNumberSaysWhetherADescriptorComes() {
        Payload.U64 with = new Payload.U64(3);
        Payload.U64 without = new Payload.U64(3 | Payload.U64.NO_FD);
        assertEquals(3, without.vring());
        assertEquals(255, new Payload.U64(-1).vring());
        assertDoesNotThrow(() -> FdRule.BY_NUMBER.check(with, 1));
        assertDoesNotThrow(() -> FdRule.BY_NUMBER.check(without, 0));
        assertThrows(VhostUserException.class, () -> FdRule.BY_NUMBER.check(with, 0));
        assertThrows(VhostUserException.class, () -> FdRule.BY_NUMBER.check(without, 1));
    }

    @Test
    @Rule("VU34")
    void descriptorsAreAsManyAsTheMessageNeeds() {
        Payload two = new Payload.MemoryTable(Collections.nCopies(2, new Region(0, 0, 0, 0)));
        assertDoesNotThrow(() -> FdRule.PER_REGION.check(two, 2));
        assertEquals("3 file descriptors, 2 belong to the message",
                assertThrows(VhostUserException.class, () -> FdRule.PER_REGION.check(two, 3)).getMessage());
        assertThrows(VhostUserException.class, () -> FdRule.NONE.check(Payload.EMPTY, 1));
        assertThrows(VhostUserException.class, () -> FdRule.ONE.check(Payload.EMPTY, 0));
        assertDoesNotThrow(() -> FdRule.UP_TO_ONE.check(Payload.EMPTY, 0));
        assertThrows(VhostUserException.class, () -> FdRule.UP_TO_ONE.check(Payload.EMPTY, 2));
    }

    @Test
    @Rule("VU33")
    void anUnknownRequestIsNone() {
        assertNull(FrontEndRequest.of(0));
        assertNull(FrontEndRequest.of(-1));
        assertNull(FrontEndRequest.of(1000));
        assertEquals(FrontEndRequest.GET_VRING_BASE, FrontEndRequest.of(11));
    }

    private MemorySegment write(Payload payload) {
        MemorySegment bytes = arena.allocate(Math.max(1, payload.bytes())).asSlice(0, payload.bytes());
        payload.write(bytes);
        return bytes;
    }

    private static String hex(MemorySegment bytes) {
        return HexFormat.of().formatHex(bytes.toArray(JAVA_BYTE));
    }
}
