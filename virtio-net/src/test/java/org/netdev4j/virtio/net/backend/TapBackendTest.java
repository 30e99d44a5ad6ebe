package org.netdev4j.virtio.net.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.IntConsumer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.linux.Epoll;
import org.netdev4j.virtio.linux.Errno;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.DriverEnd;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameMemory;
import org.netdev4j.virtio.net.device.Frames;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.VirtioNetDevice;

/** The TAP back-end against a kernel that does what the test says. */
class TapBackendTest {
    private final FakeTap tap = new FakeTap();
    private final DeviceLoop loop = new DeviceLoop("test");
    private VirtioNetDevice device;
    private DriverEnd driver;

    @BeforeEach
    void start() {
        device = new VirtioNetDevice(DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")),
                new TapBackend(tap));
        driver = new DriverEnd(device, loop, DriverEnd.CHECKSUMS.with(NetFeature.STATUS));
    }

    @AfterEach
    void close() {
        driver.close();
        assertTrue(tap.closed);
        loop.close();
    }

    private byte[] receivedFrame() {
        byte[] bytes = driver.received();
        return bytes == null ? null : Arrays.copyOfRange(bytes, NetHeader.LENGTH, bytes.length);
    }

    private Long counted(String counter) {
        return device.counters().get(counter);
    }

    private boolean linkUp() {
        return driver.transport.readConfig16(6) == 1;
    }

    /** Moves what there is, and what epoll would tell; a loop that would go on for ever fails. */
    private void run() {
        for (int i = 0; i < 1000; i++) {
            if (loop.doWork() + tap.tell() == 0) {
                return;
            }
        }
        throw new AssertionError("the loop does not come to rest: " + device.counters());
    }

    @Test
    void framesOfTheKernelArriveInOrder() {
        driver.postMany(200);
        for (int i = 0; i < 200; i++) {
            tap.arrives(Frames.header(), Frames.numbered(60 + i));
        }
        run();
        for (int i = 0; i < 200; i++) {
            assertArrayEquals(Frames.numbered(60 + i), receivedFrame());
        }
    }

    @Test
    void framesOfTheDriverGoToTheKernelWithTheirHeader() {
        byte[] header = Frames.header(NetHeader.FLAG_NEEDS_CSUM, 0, 34, 6);
        driver.send(header, Frames.numbered(60));
        run();
        byte[] expected = {1, 0, 0, 0, 0, 0, 34, 0, 6, 0, 0, 0};
        assertArrayEquals(Frames.concat(expected, Frames.numbered(60)), tap.written.get(0));
    }

    @Test
    void theKernelMayLeaveChecksumsPartialOnlyIfTheDriverTakesThem() {
        assertTrue(tap.partialChecksum);
        driver.transport.reset();
        DriverEnd plain = new DriverEnd(device, loop, DriverEnd.PLAIN);
        assertFalse(tap.partialChecksum);
        plain.transport.reset();
    }

    /**
     * Seed 4, the chain: driver posts no buffers, device busy, reading paused and the loop at rest, buffers posted, reading
     * resumed.
     */
    @Test
    void readingPausesWhileTheDriverHasNoBuffersAndResumesWithThem() {
        for (int i = 0; i < 5; i++) {
            tap.arrives(Frames.header(), Frames.numbered(60 + i));
        }
        run();
        assertEquals(5, tap.arriving.size());
        assertEquals(1L, counted("back-end read pauses"));
        assertEquals(1L, counted("device rx busy"));
        assertTrue(device.armWakeUps(), "nothing to do but wait for the driver");

        driver.postMany(3);
        run();
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(Frames.numbered(60 + i), receivedFrame());
        }
        assertEquals(2, tap.arriving.size());

        driver.postMany(3);
        run();
        assertArrayEquals(Frames.numbered(63), receivedFrame());
        assertArrayEquals(Frames.numbered(64), receivedFrame());
        assertNull(receivedFrame());
    }

    @Test
    void framesThatCameBeforeTheDriverAreDeliveredWhenItIsReady() {
        driver.transport.reset();
        tap.arrives(Frames.header(), Frames.numbered(60));
        run();
        assertEquals(1, tap.arriving.size());
        DriverEnd next = new DriverEnd(device, loop, DriverEnd.PLAIN);
        next.postMany(1);
        run();
        assertNotNull(next.received());
        next.transport.reset();
    }

    @Test
    void aFrameShorterThanItsHeaderIsDropped() {
        driver.postMany(1);
        tap.arriving.add(new byte[5]);
        tap.arrives(Frames.header(), Frames.numbered(60));
        run();
        assertEquals(1L, counted("back-end read drop truncated"));
        assertArrayEquals(Frames.numbered(60), receivedFrame());
    }

    @Test
    void aRuntAGarbageHeaderAndAFrameTooLargeAreDropped() {
        driver.postMany(1);
        tap.arrives(Frames.header(), Frames.numbered(13));
        tap.arrives(Frames.header(NetHeader.FLAG_NEEDS_CSUM, 0, 0xffff, 0xffff), Frames.numbered(60));
        tap.arrives(Frames.header(0, 0xff, 0, 0), Frames.numbered(60));
        tap.arrives(Frames.header(), Frames.numbered(1519));
        tap.arrives(Frames.header(), Frames.numbered(61));
        run();
        assertEquals(1L, counted("device rx drop runt"));
        assertEquals(1L, counted("device rx drop checksum range"));
        assertEquals(1L, counted("device rx drop offload"));
        assertEquals(1L, counted("device rx drop oversize"));
        assertArrayEquals(Frames.numbered(61), receivedFrame());
    }

    @Test
    void aFrameThatDoesNotFitTheBufferIsDropped() {
        driver.post(NetHeader.LENGTH + 100);
        tap.arrives(Frames.header(), Frames.numbered(101));
        tap.arrives(Frames.header(), Frames.numbered(100));
        run();
        assertEquals(1L, counted("device rx drop buffer too small"));
        assertArrayEquals(Frames.numbered(100), receivedFrame());
    }

    /** Seed 4.4, 4.5: EAGAIN holds the driver's frames until the TAP is writable. */
    @Test
    void aFullKernelHoldsTheDriverUpUntilTheTapIsWritable() {
        tap.writable = false;
        tap.writeResult = 0;
        driver.send(Frames.numbered(60));
        run();
        assertEquals(0, driver.reclaim());
        assertEquals(1L, counted("back-end write busy"));

        tap.writeResult = 1;
        run();
        assertEquals(0, driver.reclaim(), "not before epoll says so");
        tap.writable = true;
        run();
        assertEquals(1, driver.reclaim());
        assertEquals(1, tap.written.size());
    }

    @Test
    void aFrameTheKernelRefusesIsDroppedAndTheNextOnePasses() {
        tap.writeResult = -Errno.EINVAL;
        driver.send(Frames.numbered(60));
        run();
        assertEquals(1L, counted("back-end write drop refused"));
        assertEquals(1L, counted("device tx drop backend"));
        tap.writeResult = 1;
        driver.send(Frames.numbered(60));
        run();
        assertEquals(1, tap.written.size());
        assertTrue(linkUp());
    }

    @Test
    void anInterfaceThatIsDownIsALinkThatIsDownUntilItIsUpAgain() {
        tap.writable = false;
        tap.writeResult = -Errno.EIO;
        driver.send(Frames.numbered(60));
        driver.send(Frames.numbered(60));
        run();
        assertEquals(2, driver.reclaim());
        assertEquals(2L, counted("back-end write drop link down"));
        assertFalse(linkUp());
        assertEquals(1, driver.transport.configInterrupt().drain());

        tap.writeResult = 1;
        tap.writable = true;
        run();
        assertTrue(linkUp());
        assertEquals(1, driver.transport.configInterrupt().drain());
        driver.send(Frames.numbered(60));
        run();
        assertEquals(1, tap.written.size());
    }

    @Test
    void anInterfaceThatIsGoneTakesTheLinkDownAndNothingElse() {
        driver.postMany(1);
        tap.gone = true;
        run();
        assertFalse(linkUp());
        driver.send(Frames.numbered(60));
        run();
        assertEquals(1, driver.reclaim());
        assertEquals(1L, counted("back-end write drop link down"));
        assertTrue(device.armWakeUps(), "the loop sleeps");
    }

    @Test
    void anInterfaceThatIsGoneIsNoticedByAReadToo() {
        driver.postMany(1);
        tap.gone = true;
        loop.doWork();
        assertFalse(linkUp());
        assertEquals(1L, counted("back-end read errors"));
    }

    @Test
    void aFrameTheKernelCannotHandOverIsLostAndTheNextOneArrives() {
        driver.postMany(2);
        tap.arrives(Frames.header(), Frames.numbered(60));
        tap.arrives(Frames.header(), Frames.numbered(61));
        tap.failingReads = 1;
        run();
        assertTrue(linkUp());
        assertEquals(1L, counted("back-end read errors"));
        assertArrayEquals(Frames.numbered(61), receivedFrame());
    }

    @Test
    void anInterfaceThatIsDownAtFirstIsALinkThatIsDownUntilItIsUp() {
        FakeTap down = new FakeTap();
        down.writable = false;
        TapBackend backend = new TapBackend(down);
        assertFalse(backend.linkUp());
        VirtioNetDevice other = new VirtioNetDevice(DeviceSettings.of(MacAddress.parse("02:00:00:00:00:02")), backend);
        assertEquals(0, down.tell());
        down.writable = true;
        assertEquals(1, down.tell());
        assertTrue(backend.linkUp());
        assertEquals(0, down.tell(), "and no more than once");
        other.close();
    }

    @Test
    void anInterfaceThatIsDeletedWhileItIsDownLetsTheLoopSleep() {
        tap.writable = false;
        tap.writeResult = -Errno.EIO;
        driver.send(Frames.numbered(60));
        run();
        tap.gone = true;
        run();
        assertFalse(linkUp());
        driver.transport.reset();
        DriverEnd next = new DriverEnd(device, loop, DriverEnd.PLAIN);
        run();
        next.transport.reset();
    }

    @Test
    void anInterfaceThatIsGoneIsNoticedByAWriteToo() {
        tap.writeResult = -Errno.EBADFD;
        driver.send(Frames.numbered(60));
        run();
        assertFalse(linkUp());
        assertEquals(1, driver.reclaim());
    }

    /** A TAP whose kernel side is the test. */
    private static final class FakeTap implements TapPort {
        final Deque<byte[]> arriving = new ArrayDeque<>();
        final List<byte[]> written = new ArrayList<>();
        boolean writable = true;
        boolean gone;
        int writeResult = 1;
        int failingReads;
        boolean partialChecksum;
        boolean closed;
        private int watched;
        private IntConsumer onReady;

        void arrives(byte[] header, byte[] frame) {
            arriving.add(Frames.concat(header, frame));
        }

        /** As a level-triggered epoll would. */
        int tell() {
            int events = watched & ((arriving.isEmpty() ? 0 : Epoll.READABLE) | (writable ? Epoll.WRITABLE : 0));
            if (gone && watched != 0) {
                events |= Epoll.ERROR;
            }
            if (events == 0) {
                return 0;
            }
            onReady.accept(events);
            return 1;
        }

        @Override
        public void watch(int events, IntConsumer callback) {
            watched = events;
            onReady = callback;
        }

        @Override
        public String interfaceName() {
            return "fake0";
        }

        @Override
        public boolean isUp() {
            return writable;
        }

        @Override
        public boolean hasHeader() {
            return true;
        }

        @Override
        public void offload(Offloads accepted) {
            partialChecksum = accepted.has(Offloads.CHECKSUM);
        }

        @Override
        public void use(boolean inUse) {}

        @Override
        public int read(MemorySegment header, FrameMemory room) {
            if (gone) {
                return -Errno.EBADFD;
            }
            byte[] bytes = arriving.poll();
            if (bytes == null) {
                return 0;
            }
            if (failingReads > 0) {
                failingReads--;
                return -Errno.EINVAL;
            }
            int inHeader = Math.min(bytes.length, NetHeader.LENGTH);
            MemorySegment.copy(bytes, 0, header, ValueLayout.JAVA_BYTE, 0, inHeader);
            int position = inHeader;
            for (int i = 0; i < room.pieces() && position < bytes.length; i++) {
                int now = Math.min(room.length(i), bytes.length - position);
                MemorySegment.copy(bytes, position, room.segment(i), ValueLayout.JAVA_BYTE, room.offset(i), now);
                position += now;
            }
            return bytes.length;
        }

        @Override
        public int write(MemorySegment header, Frame frame) {
            if (gone || writeResult <= 0) {
                return gone ? -Errno.EBADFD : writeResult;
            }
            written.add(Frames.concat(header.toArray(ValueLayout.JAVA_BYTE), Frames.bytes(frame)));
            return NetHeader.LENGTH + frame.length();
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
