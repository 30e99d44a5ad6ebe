package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.linux.OpenFds;
import org.netdev4j.virtio.linux.UnixSocket;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * A back-end that sends anything, in pieces of any length, with descriptors or without: the front-end takes it for the answer
 * or gives the back-end up, never otherwise, and keeps no descriptor.
 */
class AnyBackEndPropertiesTest {
    /** What is to come is there before it is asked for. */
    private static final long LIMIT_NANOS = 1_000_000;
    private static final FrontEndRequest ASKED = FrontEndRequest.GET_FEATURES;

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void anAnswerIsTheOneAskedForOrNone(@ForAll long seed) {
        Random random = new Random(seed);
        OpenFds before = OpenFds.now();
        UnixSocket[] ends = UnixSocket.pair();
        try (UnixSocket backEnd = ends[1];
                FrontEnd frontEnd = new FrontEnd(new MessageChannel(ends[0], LIMIT_NANOS));
                Arena arena = Arena.ofConfined()) {
            MemorySegment answer = garble(random, arena, ASKED.code, 8);
            boolean withFd = random.nextInt(4) == 0;
            boolean right = isMessage(answer, ASKED.code, MessageHeader.VERSION | MessageHeader.REPLY, 8)
                    && !withFd;
            send(random, backEnd, answer, withFd);
            assertEquals(right, isAnswered(frontEnd));
        }
        before.assertNoneLeaked();
    }

    private static boolean isAnswered(FrontEnd frontEnd) {
        try {
            frontEnd.number(ASKED);
            return true;
        } catch (VhostUserException none) {
            return false;
        }
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void whateverABackEndAsksIsAnsweredOrEndsItsConnection(@ForAll long seed) {
        Random random = new Random(seed);
        OpenFds before = OpenFds.now();
        UnixSocket[] ends = UnixSocket.pair();
        try (UnixSocket backEnd = ends[1];
                BackEndRequests requests = new BackEndRequests(new MessageChannel(ends[0], LIMIT_NANOS));
                Arena arena = Arena.ofConfined()) {
            int code = BackEndRequest.CONFIG_CHANGE.code;
            MemorySegment request = garble(random, arena, code, 0);
            boolean withFd = random.nextInt(4) == 0;
            boolean right = (isMessage(request, code, MessageHeader.VERSION, 0)
                    || isMessage(request, code, MessageHeader.VERSION | MessageHeader.NEED_REPLY, 0)) && !withFd;
            send(random, backEnd, request, withFd);
            assertEquals(right, requests.serve());
            assertTrue(!right || request.byteSize() > MessageHeader.BYTES || requests.fd() >= 0,
                    "the connection goes on");
        }
        before.assertNoneLeaked();
    }

    /** A message that is right but for what chance changes. */
    private static MemorySegment garble(Random random, Arena arena, int code, int size) {
        int flags = MessageHeader.VERSION | (size == 0 ? 0 : MessageHeader.REPLY);
        int announced = size;
        switch (random.nextInt(6)) {
            case 0 -> announced = random.nextInt(64);
            case 1 -> announced = random.nextInt();
            case 2 -> flags = random.nextInt(16);
            case 3 -> flags = random.nextInt();
            default -> {
            }
        }
        int there = random.nextInt(4) == 0 ? random.nextInt(64) : size;
        MemorySegment bytes = arena.allocate(MessageHeader.BYTES + there, 8);
        new MessageHeader(random.nextInt(4) == 0 ? random.nextInt(50) : code, flags, announced).write(bytes);
        return random.nextInt(4) == 0 ? bytes.asSlice(0, 1 + random.nextInt((int) bytes.byteSize())) : bytes;
    }

    private static boolean isMessage(MemorySegment bytes, int code, int flags, int size) {
        return bytes.byteSize() >= MessageHeader.BYTES + size && bytes.get(ValueLayout.JAVA_INT, 0) == code
                && bytes.get(ValueLayout.JAVA_INT, 4) == flags && bytes.get(ValueLayout.JAVA_INT, 8) == size;
    }

    private static void send(Random random, UnixSocket socket, MemorySegment bytes, boolean withFd) {
        try (EventFd extra = EventFd.create()) {
            int first = 1 + random.nextInt((int) bytes.byteSize());
            socket.send(bytes.asSlice(0, first), withFd ? new int[]{extra.fd()} : new int[0]);
            if (first < bytes.byteSize()) {
                socket.send(bytes.asSlice(first));
            }
        }
    }
}
