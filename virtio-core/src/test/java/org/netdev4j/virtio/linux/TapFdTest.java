package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

/** Against the kernel, in a network namespace that lasts as long as one test. */
class TapFdTest {
    private static final String NAME = "nd0";
    private static final int HEADER = 12;
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void theInterfaceExistsUntilTheDescriptorIsClosed() {
        withTap(tap -> {
            assertEquals(NAME, tap.interfaceName());
            assertEquals(0, tap.flags() & TapFd.IFF_UP);
            tap.close();
            tap.close();
            assertEquals(-1, tap.fd());
            ErrnoException gone = assertThrows(ErrnoException.class, tap::flags);
            assertEquals("SIOCGIFFLAGS nd0: ENODEV (no such device)", gone.getMessage());
        });
    }

    @Test
    void closeGivesTheDescriptorsBack() {
        withTap(tap -> {
            tap.close();
            OpenFds before = OpenFds.now();
            for (int i = 0; i < 3; i++) {
                try (TapFd again = TapFd.open(NAME, HEADER)) {
                    again.up();
                    again.mtu(1400);
                }
                assertThrows(ErrnoException.class, () -> TapFd.open("lo", HEADER));
            }
            before.assertNoneLeaked();
        });
    }

    @Test
    void anInterfaceThatIsInUseIsNamed() {
        withTap(tap -> {
            ErrnoException e = assertThrows(ErrnoException.class, () -> TapFd.open(NAME, HEADER));
            assertEquals(Errno.EBUSY, e.errno());
            assertEquals("TUNSETIFF nd0: EBUSY (in use): another process has it open", e.getMessage());
        });
    }

    @Test
    void anInterfaceThatIsNoTapIsRefused() {
        withTap(tap -> {
            ErrnoException e = assertThrows(ErrnoException.class, () -> TapFd.open("lo", HEADER));
            assertTrue(e.getMessage().startsWith("TUNSETIFF lo: EINVAL"), e.getMessage());
        });
    }

    @Test
    void linuxChoosesTheNumberInATemplate() {
        withTap(tap -> {
            try (TapFd numbered = TapFd.open("nd%d", HEADER)) {
                assertEquals("nd1", numbered.interfaceName());
                assertEquals(1500, numbered.mtu());
            }
        });
    }

    @Test
    void upSetsTheInterfaceUpOnce() {
        withTap(tap -> {
            tap.up();
            tap.up();
            assertEquals(TapFd.IFF_UP | TapFd.IFF_RUNNING, tap.flags() & (TapFd.IFF_UP | TapFd.IFF_RUNNING));
        });
    }

    @Test
    void theMtuCanBeSetWithinWhatLinuxAllows() {
        withTap(tap -> {
            assertEquals(1500, tap.mtu());
            tap.mtu(9000);
            assertEquals(9000, tap.mtu());
            ErrnoException e = assertThrows(ErrnoException.class, () -> tap.mtu(1_000_000));
            assertEquals("SIOCSIFMTU 1000000 nd0: EINVAL (invalid argument)", e.getMessage());
        });
    }

    @Test
    void theHardwareAddressIsTheOneOfTheKernelsEnd() {
        withTap(tap -> {
            ip("link", "set", NAME, "address", "02:11:22:33:44:55");
            assertArrayEquals(HEX.parseHex("021122334455"), tap.hardwareAddress());
        });
    }

    @Test
    void offloadsTheKernelDoesNotKnowAreRefused() {
        withTap(tap -> {
            assertTrue(tap.offload(TapFd.TUN_F_CSUM | TapFd.TUN_F_TSO4 | TapFd.TUN_F_TSO6));
            assertFalse(tap.offload(0x4000_0000));
            assertTrue(tap.offload(0));
        });
    }

    @Test
    void whileItIsDownWritesAreIoErrors() {
        withTap(tap -> {
            try (IoVector frame = new IoVector(1)) {
                frame.append(Arena.ofAuto().allocate(HEADER + 60), 0, HEADER + 60);
                assertEquals(0, tap.read(frame));
                assertEquals(-Errno.EIO, tap.write(frame));
                tap.up();
                assertEquals(HEADER + 60, tap.write(frame));
            }
        });
    }

    @Test
    void aFrameWithoutRoomForItsHeaderIsRefused() {
        withTap(tap -> {
            tap.up();
            try (IoVector frame = new IoVector(1)) {
                frame.append(Arena.ofAuto().allocate(HEADER - 1), 0, HEADER - 1);
                assertEquals(-Errno.EINVAL, tap.write(frame));
            }
        });
    }

    @Test
    void aClosedTapIsABadDescriptor() {
        withTap(tap -> {
            tap.close();
            try (IoVector frame = new IoVector(1)) {
                frame.append(Arena.ofAuto().allocate(100), 0, 100);
                assertEquals(-Errno.EBADF, tap.read(frame));
                assertEquals(-Errno.EBADF, tap.write(frame));
            }
            assertThrows(IllegalStateException.class, () -> tap.offload(0));
        });
    }

    @Test
    void aDeletedInterfaceIsABadStateAndAnErrorForEpoll() {
        withTap(tap -> {
            tap.up();
            ip("link", "delete", NAME);
            try (IoVector frame = new IoVector(1); Epoll epoll = Epoll.create()) {
                frame.append(Arena.ofAuto().allocate(100), 0, 100);
                assertEquals(-Errno.EBADFD, tap.read(frame));
                assertEquals(-Errno.EBADFD, tap.write(frame));
                epoll.add(tap.fd(), 0, 0);
                assertEquals(1, epoll.await(0));
                assertEquals(Epoll.ERROR, epoll.events(0) & Epoll.ERROR);
            }
        });
    }

    @Test
    void framesCrossInPiecesBothWays() {
        withTap(tap -> {
            ip("address", "add", "10.7.0.1/24", "dev", NAME);
            tap.up();
            String linux = HEX.formatHex(tap.hardwareAddress());
            String ours = "020000000002";
            byte[] request = HEX.parseHex("ffffffffffff" + ours + "0806" + "0001080006040001" + ours + "0a070002"
                    + "000000000000" + "0a070001");
            String reply = ours + linux + "0806" + "0001080006040002" + linux + "0a070001" + ours + "0a070002";
            MemorySegment memory = Arena.ofAuto().allocate(2048);
            MemorySegment.copy(request, 0, memory, JAVA_BYTE, 100, request.length);
            try (IoVector out = new IoVector(2); IoVector in = new IoVector(2); Epoll epoll = Epoll.create()) {
                out.append(memory, 0, HEADER);
                out.append(memory, 100, request.length);
                assertEquals(HEADER + request.length, tap.write(out));
                in.append(memory, 0, HEADER + 14);
                in.append(memory, 200, 1800);
                epoll.add(tap.fd(), Epoll.READABLE, 0);
                String frame = "";
                while (!frame.equals(reply)) {
                    int bytes = tap.read(in);
                    if (bytes == 0) {
                        assertEquals(1, epoll.await(10_000), "Linux does not answer");
                    }
                    frame = HEX.formatHex(memory.asSlice(HEADER, 14).toArray(JAVA_BYTE))
                            + HEX.formatHex(memory.asSlice(200, Math.max(0, bytes - HEADER - 14)).toArray(JAVA_BYTE));
                }
            }
        });
    }

    @Test
    void namesThatLinuxDoesNotTakeAreRefusedBeforeAnythingIsOpened() {
        for (String name : List.of("", "sixteen-byte-nam", "a/b", "a b", "a:b", "a\tb", "a\0b", ".", "..",
                "éééééééé")) {
            assertThrows(IllegalArgumentException.class, () -> TapFd.open(name, HEADER), name);
        }
        assertThrows(IllegalArgumentException.class, () -> TapFd.open(NAME, 11));
    }

    private interface TapTest {
        void run(TapFd tap) throws Exception;
    }

    /** Runs {@code test} on a thread with a network namespace of its own; skips it where that or a TAP is not to be had. */
    private static void withTap(TapTest test) {
        NetworkNamespace.run(() -> {
            TapFd tap;
            try {
                tap = TapFd.open(NAME, HEADER);
            } catch (ErrnoException e) {
                System.out.println("TapFdTest is skipped: " + e.getMessage());
                assumeTrue(false, e.getMessage());
                return;
            }
            try (tap) {
                test.run(tap);
            }
        });
    }

    /** In the network namespace of the calling thread. */
    private static void ip(String... arguments) throws IOException, InterruptedException {
        List<String> command = Stream.concat(Stream.of("ip"), Stream.of(arguments)).toList();
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
    }
}
