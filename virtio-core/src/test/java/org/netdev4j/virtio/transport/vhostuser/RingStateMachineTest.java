package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.FEATURES;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.PROTOCOL;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.ringAddress;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.table;
import static org.netdev4j.virtio.transport.vhostuser.BackEndFixture.wholeMemory;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.netdev4j.virtio.testing.Rule;
import org.netdev4j.virtio.transport.vhostuser.Payload.U64;
import org.netdev4j.virtio.transport.vhostuser.Payload.VringState;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Everything a front-end may say, in any order and again and again: two rings are started, enabled, stopped and reset as
 * {@link RingModel} has it, and the device is told of each change once.
 */
class RingStateMachineTest {
    private static final int STEPS = 60;

    @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
    @Rule({"VU8", "VU9", "VU10", "VU11", "VU12", "VU13"})
    void ringsAreWhatTheyWereToldToBe(@ForAll long seed) throws Exception {
        Path directory = Files.createTempDirectory("rings");
        try (Run run = new Run(directory, new Random(seed))) {
            for (int i = 0; i < STEPS; i++) {
                run.step();
            }
        } finally {
            Files.delete(directory);
        }
    }

    private static final class Run implements AutoCloseable {
        private final Random random;
        private final RecordingModel device = new RecordingModel();
        private final BackEndFixture fixture;
        private final FrontEnd frontEnd;
        private final RingModel[] rings = {new RingModel(), new RingModel()};
        private final List<String> said = new ArrayList<>();
        private boolean memory;

        Run(Path directory, Random random) {
            this.random = random;
            fixture = new BackEndFixture(directory, device);
            frontEnd = fixture.frontEnd();
            tell(FrontEndRequest.SET_FEATURES, new U64(FEATURES | PROTOCOL));
        }

        void step() {
            int index = random.nextInt(2);
            RingModel ring = rings[index];
            switch (random.nextInt(16)) {
                case 0 -> size(index);
                case 1, 2 -> {
                    tell(FrontEndRequest.SET_VRING_ADDR, ringAddress(index));
                    ring.placed = true;
                }
                case 3 -> base(index);
                case 4, 5 -> kick(index);
                case 6, 7, 8 -> enable(index, random.nextBoolean());
                case 9 -> {
                    assertEquals(new VringState(index, ring.base()),
                            frontEnd.ask(FrontEndRequest.GET_VRING_BASE, new VringState(index, 0)));
                    said.add("GET_VRING_BASE " + index);
                    ring.stop();
                }
                case 10 -> shareMemory();
                case 11 -> tell(FrontEndRequest.SET_VRING_CALL, new U64(index), fixture.event.fd());
                case 12 -> tell(FrontEndRequest.SET_VRING_ERR, new U64(index | U64.NO_FD));
                case 13 -> tell(random.nextBoolean() ? FrontEndRequest.SET_OWNER : FrontEndRequest.RESET_OWNER,
                        Payload.EMPTY);
                case 14 -> features();
                default -> reset();
            }
            check();
        }

        private void size(int index) {
            if (!rings[index].runs(memory)) {
                tell(FrontEndRequest.SET_VRING_NUM, new VringState(index, 8 << random.nextInt(3)));
                rings[index].sized = true;
            }
        }

        private void base(int index) {
            if (!rings[index].runs(memory)) {
                rings[index].base(random.nextInt(1 << 16));
                tell(FrontEndRequest.SET_VRING_BASE, new VringState(index, rings[index].base()));
            }
        }

        private void kick(int index) {
            if (random.nextInt(4) == 0) {
                tell(FrontEndRequest.SET_VRING_KICK, new U64(index | U64.NO_FD));
            } else {
                tell(FrontEndRequest.SET_VRING_KICK, new U64(index), fixture.event.fd());
            }
            rings[index].kicked = true;
        }

        private void enable(int index, boolean on) {
            tell(FrontEndRequest.SET_VRING_ENABLE, new VringState(index, on ? 1 : 0));
            rings[index].enabled = on;
        }

        /** All of it in one piece or in two, or none. */
        private void shareMemory() {
            int fd = fixture.memory.fd();
            Payload.Region whole = wholeMemory();
            long half = whole.size() / 2;
            switch (random.nextInt(4)) {
                case 0 -> tell(FrontEndRequest.SET_MEM_TABLE, table());
                case 1 -> tell(FrontEndRequest.SET_MEM_TABLE,
                        table(new Payload.Region(whole.guestAddress(), half, whole.userAddress(), 0),
                                new Payload.Region(whole.guestAddress() + half, half, whole.userAddress() + half,
                                        half)),
                        fd, fd);
                default -> tell(FrontEndRequest.SET_MEM_TABLE, table(whole), fd);
            }
            memory = !said.getLast().contains("regions=[]");
        }

        private void features() {
            if (random.nextInt(4) == 0) {
                tell(FrontEndRequest.SET_FEATURES, new U64(FEATURES));
                rings[0].enabled = true;
                rings[1].enabled = true;
            } else {
                tell(FrontEndRequest.SET_FEATURES, new U64(FEATURES | PROTOCOL));
            }
        }

        private void reset() {
            if (random.nextBoolean()) {
                tell(FrontEndRequest.RESET_DEVICE, Payload.EMPTY);
            } else {
                tell(FrontEndRequest.SET_STATUS, new U64(0));
            }
            rings[0].reset();
            rings[1].reset();
            tell(FrontEndRequest.SET_FEATURES, new U64(FEATURES | PROTOCOL));
        }

        private void tell(FrontEndRequest request, Payload payload, int... fds) {
            said.add(request + " " + payload);
            frontEnd.tell(request, payload, fds);
        }

        private void check() {
            boolean[] running = new boolean[2];
            boolean[] enabled = new boolean[2];
            boolean started = false;
            for (String event : device.events) {
                String[] words = event.split(" ", -1);
                int index = words.length > 1 ? Integer.parseInt(words[1]) : -1;
                switch (words[0]) {
                    case "start" -> {
                        assertEquals(false, started, this::toString);
                        started = true;
                    }
                    case "stop" -> {
                        assertEquals(true, started, this::toString);
                        started = false;
                        running = new boolean[2];
                    }
                    case "started" -> {
                        assertEquals(false, running[index], this::toString);
                        running[index] = true;
                        enabled[index] = true;
                    }
                    case "stopped" -> {
                        assertEquals(true, running[index], this::toString);
                        running[index] = false;
                    }
                    default -> {
                        assertEquals(true, running[index], this::toString);
                        enabled[index] = Boolean.parseBoolean(words[2]);
                    }
                }
            }
            assertEquals(running[0] || running[1], started, this::toString);
            for (int i = 0; i < 2; i++) {
                assertEquals(rings[i].runs(memory), running[i], this::toString);
                if (running[i]) {
                    rings[i].ran();
                    assertEquals(rings[i].enabled, enabled[i], this::toString);
                }
            }
        }

        @Override
        public String toString() {
            return "after " + said + " the device was told " + device.events;
        }

        @Override
        public void close() {
            frontEnd.close();
            fixture.assertServesTheNext();
            fixture.close();
        }
    }
}
