package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.linux.OpenFds;
import org.netdev4j.virtio.linux.ShrinkableMemory;
import org.netdev4j.virtio.linux.UnixSocket;
import org.netdev4j.virtio.transport.vhostuser.Payload.Region;
import org.netdev4j.virtio.transport.vhostuser.Payload.U64;
import org.netdev4j.virtio.transport.vhostuser.Payload.VringAddress;
import org.netdev4j.virtio.transport.vhostuser.Payload.VringState;

/**
 * A back-end at a socket, and what a front-end needs to talk to it: memory that only the back-end maps, so that what is left
 * of it in /proc/self/maps is the back-end's. Closing it checks that the back-end holds nothing.
 */
final class BackEndFixture implements AutoCloseable {
    static final long FEATURES = Features.of(VirtioFeature.VERSION_1).low();
    static final long PROTOCOL = Features.NONE.with(Session.PROTOCOL_FEATURES).low();
    static final long USER_ADDRESS = 0x7f00_0000_0000L;
    static final long GUEST_ADDRESS = 0x10_0000;
    static final int MEMORY_BYTES = 1 << 16;
    static final int RING_SIZE = 8;

    private final OpenFds fds = OpenFds.now();
    private final Path path;
    final DeviceLoop loop = new DeviceLoop("back-end").start();
    final ShrinkableMemory memory = new ShrinkableMemory(MEMORY_BYTES);
    final EventFd event = EventFd.create();
    final VhostUserBackEnd backEnd;

    BackEndFixture(Path directory, DeviceModel model) {
        path = directory.resolve("s");
        backEnd = VhostUserBackEnd.listen(path, model, 1, loop);
    }

    UnixSocket connect() {
        return UnixSocket.connect(path);
    }

    /** One that agreed on all that the back-end can do. */
    FrontEnd frontEnd() {
        FrontEnd frontEnd = new FrontEnd(new MessageChannel(connect(), TimeUnit.SECONDS.toNanos(10)));
        frontEnd.protocol(BackEnd.PROTOCOL);
        return frontEnd;
    }

    /** Ring 0 runs afterwards, disabled. */
    void startRing(FrontEnd frontEnd) {
        startRing(frontEnd, FEATURES | PROTOCOL);
    }

    void startRing(FrontEnd frontEnd, long features) {
        frontEnd.tell(FrontEndRequest.SET_FEATURES, new U64(features));
        frontEnd.tell(FrontEndRequest.SET_MEM_TABLE, table(wholeMemory()), memory.fd());
        frontEnd.tell(FrontEndRequest.SET_VRING_NUM, new VringState(0, RING_SIZE));
        frontEnd.tell(FrontEndRequest.SET_VRING_ADDR, ringAddress(0));
        frontEnd.tell(FrontEndRequest.SET_VRING_KICK, new U64(0), event.fd());
    }

    /** In {@link #wholeMemory}, on pages of its own. */
    static VringAddress ringAddress(int ring) {
        long start = USER_ADDRESS + ring * 0x4000L;
        return new VringAddress(ring, 0, start, start + 0x2000, start + 0x1000, 0);
    }

    static Region wholeMemory() {
        return new Region(GUEST_ADDRESS, MEMORY_BYTES, USER_ADDRESS, 0);
    }

    static Payload.MemoryTable table(Region... regions) {
        return new Payload.MemoryTable(List.of(regions));
    }

    /** How often a file of {@link ShrinkableMemory} is mapped: not counted are mappings of a process that forks. */
    static long mappings() {
        try (var maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.filter(line -> line.contains("/memfd:shrinkable")).count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The front-end that was there is gone without a trace, and the next one finds a device that works. */
    void assertServesTheNext() {
        try (FrontEnd next = frontEnd()) {
            assertEquals(0, next.number(FrontEndRequest.GET_STATUS));
            assertEquals(0, mappings(), "mapped memory of a front-end that is gone");
            startRing(next);
            assertEquals(new VringState(0, 0), next.ask(FrontEndRequest.GET_VRING_BASE, new VringState(0, 0)));
        }
    }

    @Override
    public void close() {
        backEnd.close();
        loop.close();
        event.close();
        memory.close();
        fds.assertNoneLeaked();
        assertEquals(0, mappings());
    }
}
