package org.netdev4j.virtio.transport.vhostuser;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.FEATURES;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.GUEST_ADDRESS;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.MEMORY_BYTES;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.PROTOCOL;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.RING_SIZE;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.ringAddress;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.table;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.wholeMemory;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.linux.SharedMemory;
import org.netdev4j.virtio.testing.Rule;
import org.netdev4j.virtio.transport.vhostuser.Payload.U64;
import org.netdev4j.virtio.transport.vhostuser.Payload.VringState;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * A front-end that sends anything, in any order and with any descriptors, and has anything in its memory: when it has gone the
 * back-end holds nothing of it and serves the next.
 */
@Rule({"VU33", "VU34"})
class AnyFrontEndPropertiesTest {
    @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
    void whateverBytesItSendsTheNextIsServed(@ForAll long seed) throws Exception {
        attack(new Random(seed), (random, raw, fixture) -> {
            MemorySegment bytes = raw.message(1 + random.nextInt(45), random.nextInt(16), random.nextInt(64),
                    random.nextInt(200));
            for (int i = 0; i < 4; i++) {
                bytes.set(JAVA_BYTE, random.nextInt((int) bytes.byteSize()), (byte) random.nextInt());
            }
            raw.send(bytes, descriptors(random, fixture));
        });
    }

    @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
    void whateverBecomesOfAGoodSessionTheNextIsServed(@ForAll long seed) throws Exception {
        attack(new Random(seed), (random, raw, fixture) -> {
            List<Step> session = new ArrayList<>(goodSession(fixture));
            for (int i = random.nextInt(6); i > 0; i--) {
                int at = random.nextInt(session.size());
                switch (random.nextInt(4)) {
                    case 0 -> session.add(random.nextInt(session.size()), session.get(at));
                    case 1 -> session.remove(at);
                    case 2 -> session.set(at, new Step(session.get(at).request, session.get(at).payload,
                            descriptors(random, fixture)));
                    default -> session.add(random.nextInt(session.size()), session.remove(at));
                }
            }
            int garbled = random.nextInt(2 * session.size());
            for (int i = 0; i < session.size(); i++) {
                Step step = session.get(i);
                MemorySegment bytes = raw.message(step.request.code, MessageHeader.VERSION, step.payload.bytes(),
                        step.payload.bytes());
                step.payload.write(bytes.asSlice(MessageHeader.BYTES));
                if (i == garbled) {
                    long at = 4 * random.nextLong(bytes.byteSize() / 4);
                    bytes.set(JAVA_INT, at, random.nextBoolean() ? random.nextInt() : random.nextInt(16));
                }
                raw.send(bytes, step.fds);
            }
        });
    }

    private static void attack(Random random, Attacker attacker) throws Exception {
        Path directory = Files.createTempDirectory("hostile");
        try (BackEndFixture fixture = new BackEndFixture(directory, new ReadingModel())) {
            fillMemory(random, fixture);
            try (RawFrontEnd raw = new RawFrontEnd(fixture.connect())) {
                attacker.attack(random, raw, fixture);
                fixture.event.signal();
            }
            fixture.assertServesTheNext();
        } finally {
            Files.delete(directory);
        }
    }

    /** Rings of small numbers: some descriptors and indices are right. */
    private static void fillMemory(Random random, BackEndFixture fixture) {
        try (MemoryRegion memory = SharedMemory.map("ring", fixture.memory.fd(), 0, MEMORY_BYTES, GUEST_ADDRESS)) {
            MemorySegment bytes = memory.segment();
            for (int i = 0; i < RING_SIZE; i++) {
                bytes.set(JAVA_INT, i * 16L, (int) GUEST_ADDRESS + random.nextInt(2 * MEMORY_BYTES));
                bytes.set(JAVA_INT, i * 16L + 8, random.nextInt(MEMORY_BYTES));
                bytes.set(JAVA_INT, i * 16L + 12, random.nextInt(4) | random.nextInt(RING_SIZE + 1) << 16);
            }
            bytes.set(JAVA_INT, 0x1000, random.nextInt(RING_SIZE + 2) << 16);
            for (int i = 0; i < RING_SIZE / 2; i++) {
                bytes.set(JAVA_INT, 0x1004 + i * 4L,
                        random.nextInt(RING_SIZE + 1) | random.nextInt(RING_SIZE + 1) << 16);
            }
        }
    }

    private static int[] descriptors(Random random, BackEndFixture fixture) {
        int[] fds = new int[random.nextInt(3)];
        for (int i = 0; i < fds.length; i++) {
            fds[i] = random.nextBoolean() ? fixture.memory.fd() : fixture.event.fd();
        }
        return fds;
    }

    private static List<Step> goodSession(BackEndFixture fixture) {
        int event = fixture.event.fd();
        return List.of(new Step(FrontEndRequest.SET_PROTOCOL_FEATURES, new U64(BackEnd.PROTOCOL.low())),
                new Step(FrontEndRequest.GET_FEATURES, Payload.EMPTY),
                new Step(FrontEndRequest.SET_OWNER, Payload.EMPTY),
                new Step(FrontEndRequest.SET_VRING_CALL, new U64(0), event),
                new Step(FrontEndRequest.SET_VRING_ERR, new U64(0), event),
                new Step(FrontEndRequest.SET_FEATURES, new U64(FEATURES | PROTOCOL)),
                new Step(FrontEndRequest.SET_MEM_TABLE, table(wholeMemory()), fixture.memory.fd()),
                new Step(FrontEndRequest.SET_VRING_NUM, new VringState(0, RING_SIZE)),
                new Step(FrontEndRequest.SET_VRING_BASE, new VringState(0, 0)),
                new Step(FrontEndRequest.SET_VRING_ADDR, ringAddress(0)),
                new Step(FrontEndRequest.SET_VRING_KICK, new U64(0), event),
                new Step(FrontEndRequest.SET_VRING_ENABLE, new VringState(0, 1)),
                new Step(FrontEndRequest.SET_MEM_TABLE, table(wholeMemory()), fixture.memory.fd()),
                new Step(FrontEndRequest.GET_CONFIG, new Payload.Config(0, 0, new byte[12])),
                new Step(FrontEndRequest.SET_STATUS, new U64(15)),
                new Step(FrontEndRequest.GET_STATUS, Payload.EMPTY),
                new Step(FrontEndRequest.SET_VRING_ENABLE, new VringState(0, 0)),
                new Step(FrontEndRequest.GET_VRING_BASE, new VringState(0, 0)),
                new Step(FrontEndRequest.RESET_DEVICE, Payload.EMPTY));
    }

    private interface Attacker {
        void attack(Random random, RawFrontEnd raw, BackEndFixture fixture);
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Step(FrontEndRequest request, Payload payload, int... fds) {}
}
