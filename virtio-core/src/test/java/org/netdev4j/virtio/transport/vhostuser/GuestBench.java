package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.netdev4j.virtio.transport.vhostuser.FrontEndRequest.SET_FEATURES;
import static org.netdev4j.virtio.transport.vhostuser.FrontEndRequest.SET_MEM_TABLE;
import static org.netdev4j.virtio.transport.vhostuser.FrontEndRequest.SET_VRING_ADDR;
import static org.netdev4j.virtio.transport.vhostuser.FrontEndRequest.SET_VRING_BASE;
import static org.netdev4j.virtio.transport.vhostuser.FrontEndRequest.SET_VRING_ENABLE;
import static org.netdev4j.virtio.transport.vhostuser.FrontEndRequest.SET_VRING_KICK;
import static org.netdev4j.virtio.transport.vhostuser.FrontEndRequest.SET_VRING_NUM;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.linux.OpenFds;
import org.netdev4j.virtio.linux.SharedMemory;
import org.netdev4j.virtio.linux.UnixSocket;
import org.netdev4j.virtio.queue.QueuePlacement;
import org.netdev4j.virtio.testing.RawPackedRing;
import org.netdev4j.virtio.testing.RawSplitRing;
import org.netdev4j.virtio.transport.vhostuser.Payload.U64;
import org.netdev4j.virtio.transport.vhostuser.Payload.VringAddress;
import org.netdev4j.virtio.transport.vhostuser.Payload.VringState;

/**
 * A guest of 16 pages from page {@link #FIRST_PAGE} on, with one ring worked by hand, and a {@link FillingModel} served to it. The
 * parts of the ring have pages of their own.
 */
final class GuestBench implements AutoCloseable {
    static final int FIRST_PAGE = 256;
    static final long GUEST_ADDRESS = FIRST_PAGE << 12;
    static final int RING_SIZE = 8;
    static final int DESCRIPTOR_PAGE = 0;
    static final int AVAILABLE_PAGE = 1;
    static final int USED_PAGE = 2;

    private static final long USER_ADDRESS = 0x7f00_0000_0000L;

    private final OpenFds before = OpenFds.now();
    final FillingModel model = new FillingModel();
    final MemoryRegion memory = SharedMemory.allocate("guest", 16 << 12);
    final RawSplitRing split;
    final RawPackedRing packed;
    FrontEnd frontEnd;
    /** Of {@link #frontEnd}. */
    MessageChannel channel;

    private final Path path;
    private final DeviceLoop loop = new DeviceLoop("back-end").start();
    private final EventFd kick = EventFd.create();
    private VhostUserBackEnd backEnd;

    GuestBench(Path directory) {
        path = directory.resolve("s");
        long base = memory.deviceAddress();
        QueuePlacement placement = new QueuePlacement(RING_SIZE, base + (DESCRIPTOR_PAGE << 12),
                base + (AVAILABLE_PAGE << 12), base + (USED_PAGE << 12));
        split = new RawSplitRing(memory, placement);
        packed = new RawPackedRing(memory, placement);
        startBackEnd();
        connect();
    }

    void startBackEnd() {
        backEnd = VhostUserBackEnd.listen(path, model, 1, loop);
    }

    /** The next front-end of the same guest. */
    void connect() {
        connect(BackEnd.PROTOCOL);
    }

    void connect(Features protocol) {
        channel = new MessageChannel(UnixSocket.connect(path), TimeUnit.SECONDS.toNanos(5));
        frontEnd = new FrontEnd(channel);
        frontEnd.protocol(protocol);
    }

    /** Ends the back-end, starts another one and connects to that. */
    void replaceBackEnd() {
        frontEnd.close();
        backEnd.close();
        startBackEnd();
        connect();
    }

    /** GET_INFLIGHT_FD, whose reply has a descriptor. */
    Payload.Inflight askForInflightArea(Payload.Inflight shape) {
        channel.send(FrontEndRequest.GET_INFLIGHT_FD.code, 0, shape);
        try (Message reply = channel.await()) {
            Payload.Inflight granted = (Payload.Inflight) PayloadKind.INFLIGHT.read(reply.body());
            assertEquals(1, reply.fds().count());
            SharedMemory.map("in flight", reply.fds().number(0), granted.fileOffset(), granted.size(), 0).close();
            return granted;
        }
    }

    /** @param vhost bits beside those of the device */
    void features(Features ofDevice, long vhost) {
        frontEnd.tell(SET_FEATURES,
                new U64(ofDevice.with(VirtioFeature.VERSION_1).with(Session.PROTOCOL_FEATURES).low() | vhost));
    }

    void shareMemory() {
        frontEnd.tell(SET_MEM_TABLE,
                new Payload.MemoryTable(
                        List.of(new Payload.Region(GUEST_ADDRESS, memory.size(), USER_ADDRESS, 0))),
                memory.backing().fd());
    }

    void ring(int base) {
        frontEnd.tell(SET_VRING_NUM, new VringState(0, RING_SIZE));
        frontEnd.tell(SET_VRING_BASE, new VringState(0, base));
    }

    /** @param log guest address by which writes to the used ring are logged, 0: not at all */
    void address(long log) {
        frontEnd.tell(SET_VRING_ADDR, new VringAddress(0, log == 0 ? 0 : VringAddress.LOG, userAddress(DESCRIPTOR_PAGE),
                userAddress(USED_PAGE), userAddress(AVAILABLE_PAGE), log));
    }

    static long guestAddress(int page) {
        return GUEST_ADDRESS + ((long) page << 12);
    }

    private static long userAddress(int page) {
        return USER_ADDRESS + ((long) page << 12);
    }

    void startRing() {
        frontEnd.tell(SET_VRING_ENABLE, new VringState(0, 1));
        frontEnd.tell(SET_VRING_KICK, new U64(0), kick.fd());
    }

    /** Makes {@code bytes} of a page available in the split ring, as descriptor {@code head}, and waits until it is used. */
    void roundTrip(int head, long guestAddress, int bytes) {
        int used = split.usedIndex();
        split.descriptor(head, guestAddress, bytes, RawSplitRing.WRITE, 0);
        split.makeAvailable(head);
        kick.signal();
        FrontEndBench.await(() -> split.usedIndex() == (used + 1 & 0xffff));
        // The ring's pages are logged behind the index: to the end of that turn of the loop.
        loop.call(() -> {});
        assertEquals(head, split.usedId(used));
        assertEquals(bytes, split.usedLength(used));
    }

    /** The device says so many times that its configuration changed. */
    void changeConfig(int times) {
        loop.call(() -> {
            for (int i = 0; i < times; i++) {
                model.context.configChanged();
            }
        });
    }

    void kick() {
        kick.signal();
    }

    @Override
    public void close() {
        frontEnd.close();
        backEnd.close();
        loop.close();
        kick.close();
        memory.close();
        before.assertNoneLeaked();
    }
}
