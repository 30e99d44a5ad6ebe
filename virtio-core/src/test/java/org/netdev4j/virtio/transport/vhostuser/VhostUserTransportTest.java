package org.netdev4j.virtio.transport.vhostuser;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.DeviceStatus.ACKNOWLEDGE;
import static org.netdev4j.virtio.DeviceStatus.DRIVER;
import static org.netdev4j.virtio.DeviceStatus.DRIVER_OK;
import static org.netdev4j.virtio.DeviceStatus.FEATURES_OK;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.linux.OpenFds;
import org.netdev4j.virtio.queue.QueuePlacement;
import org.netdev4j.virtio.testing.Rule;

/** The registers of a device whose back-end is another process. */
@Timeout(30)
class VhostUserTransportTest {
    private static final int AGREED = ACKNOWLEDGE | DRIVER | FEATURES_OK;

    @TempDir
    Path directory;

    private final OpenFds before = OpenFds.now();
    private Path path;
    private ScriptedBackEnd backEnd;
    private VhostUserTransport device;

    @BeforeEach
    void listen() {
        path = directory.resolve("s");
        backEnd = ScriptedBackEnd.listen(path);
    }

    @AfterEach
    void nothingStaysOpen() {
        if (device != null) {
            device.close();
        }
        backEnd.close();
        before.assertNoneLeaked();
    }

    private void open() {
        device = VhostUserTransport.open(FrontEndSettings.client(path), new PlainStandIn());
    }

    @Test
    @Rule("VU6")
    void openingAsksWhatTheBackEndIs() {
        open();
        assertEquals(List.of("GET_FEATURES", "GET_PROTOCOL_FEATURES", "SET_PROTOCOL_FEATURES 0x10009", "GET_QUEUE_NUM",
                "SET_OWNER"), backEnd.requests);
    }

    @Test
    void whatBelongsToTheConnectionIsNotOfferedToTheDriver() {
        open();
        assertEquals(Features.NONE.with(0).with(32), device.deviceFeatures());
    }

    @Test
    @Rule({"VU6", "VU7", "VU10"})
    void startingTellsMemoryAndRingsAndKicksEach() {
        open();
        backEnd.requests.clear();
        try (MemoryRegion memory = startWithTwoQueues()) {
            assertEquals(List.of("SET_FEATURES 0x140000000", "SET_STATUS 0xb", "GET_STATUS",
                    "SET_VRING_CALL 0x0", "SET_VRING_CALL 0x1", "SET_MEM_TABLE 2",
                    "SET_VRING_NUM 0:8", "SET_VRING_BASE 0:0", "SET_VRING_ADDR 0", "SET_VRING_KICK 0x0",
                    "SET_VRING_ENABLE 0:1",
                    "SET_VRING_NUM 1:8", "SET_VRING_BASE 1:0", "SET_VRING_ADDR 1", "SET_VRING_KICK 0x1",
                    "SET_VRING_ENABLE 1:1", "SET_STATUS 0xf", "GET_STATUS"), backEnd.requests);
            assertEquals(1, backEnd.kick[0].drain(), "some back-ends wait for a kick");
            assertEquals(memory.deviceAddress(), backEnd.memory.get(1).deviceAddress());
        }
    }

    @Test
    @Rule("VU15")
    void aPackedRingBeginsWithBothWrapCountersSet() {
        backEnd.features = ScriptedBackEnd.DEVICE.with(VirtioFeature.RING_PACKED);
        open();
        try (MemoryRegion memory = startWithTwoQueues(
                Features.of(VirtioFeature.VERSION_1, VirtioFeature.RING_PACKED))) {
            assertTrue(backEnd.requests.contains("SET_VRING_BASE 0:" + 0x80008000), backEnd.requests::toString);
            assertTrue(device.isAttached(memory));
        }
    }

    @Test
    @Rule("VU16")
    void ringsAreNamedByTheAddressOfTheirMemory() {
        open();
        try (MemoryRegion memory = startWithTwoQueues()) {
            long base = memory.deviceAddress() + 1024;
            assertEquals(new Payload.VringAddress(1, 0, base, base + 512, base + 256, 0), backEnd.addresses.get(1));
            assertEquals(memory.deviceAddress(), backEnd.memory.get(1).deviceAddress());
        }
    }

    @Test
    void kickAndCallReachTheOtherProcess() {
        open();
        try (MemoryRegion memory = startWithTwoQueues()) {
            backEnd.kick[1].drain();
            device.kick(1).kick(1);
            assertEquals(1, backEnd.kick[1].drain());
            backEnd.call[0].signal();
            assertEquals(1, device.queueInterrupt(0).drain());
            assertEquals(0, device.queueInterrupt(1).drain());
            memory.segment().set(JAVA_INT, 4096, 42);
            assertEquals(42, backEnd.memory.get(1).segment().get(JAVA_INT, 4096));
        }
    }

    @Test
    @Rule("VU13")
    void resetStopsTheRingsBeforeTheDevice() {
        open();
        try (MemoryRegion memory = startWithTwoQueues()) {
            backEnd.requests.clear();
            device.reset();
            assertEquals(List.of("SET_VRING_ENABLE 0:0", "GET_VRING_BASE 0:0", "SET_VRING_ENABLE 1:0",
                    "GET_VRING_BASE 1:0", "SET_STATUS 0x0"), backEnd.requests);
            assertEquals(0, device.status());
            assertTrue(memory.size() > 0);
        }
    }

    @Test
    void aQueueIsResetAloneAndComesBack() {
        open();
        try (MemoryRegion memory = startWithTwoQueues()) {
            backEnd.requests.clear();
            device.resetQueue(1);
            device.enableQueue(1, placement(memory, 0, 16));
            assertEquals(List.of("SET_VRING_ENABLE 1:0", "GET_VRING_BASE 1:0", "SET_VRING_CALL 0x1",
                    "SET_VRING_NUM 1:16",
                    "SET_VRING_BASE 1:0", "SET_VRING_ADDR 1", "SET_VRING_KICK 0x1", "SET_VRING_ENABLE 1:1",
                    "SET_VRING_ENABLE 0:0", "SET_VRING_ENABLE 0:1"), backEnd.requests);
        }
    }

    @Test
    @Rule("VU12")
    void memoryThatComesAndGoesIsToldWhileTheDeviceRuns() {
        open();
        try (MemoryRegion memory = startWithTwoQueues()) {
            backEnd.requests.clear();
            try (MemoryRegion more = device.allocateMemory("more", 4096)) {
                assertTrue(device.isAttached(more));
                device.detachMemory(more);
                assertFalse(device.isAttached(more));
            }
            assertEquals(List.of("SET_MEM_TABLE 3", "SET_MEM_TABLE 2"), backEnd.requests);
            assertTrue(device.isAttached(memory));
        }
    }

    @Test
    void memoryThatCannotBeSharedIsRefusedWithWhatToDo() {
        open();
        try (MemoryRegion heap = MemoryRegion.allocate("mine", 4096)) {
            String message = assertThrows(VirtioException.class, () -> device.attachMemory(heap)).getMessage();
            assertTrue(message.endsWith("cannot be shared with another process: it has no file behind it;"
                    + " allocate it with NetDev.allocateMemory, or with SharedMemory"), message);
        }
    }

    @Test
    @Rule("VU39")
    void aBackEndIsSentNoMoreRegionsThanATableHas() {
        open();
        MemoryRegion[] regions = new MemoryRegion[7];
        for (int i = 0; i < 7; i++) {
            regions[i] = device.allocateMemory("r" + i, 4096);
        }
        assertThrows(VirtioException.class, () -> device.allocateMemory("one too many", 4096));
        device.detachMemory(regions[0]);
        device.allocateMemory("fits", 4096).close();
        for (MemoryRegion region : regions) {
            region.close();
        }
    }

    @Test
    @Rule("VU20")
    void featuresThatTheBackEndDoesNotWantLeaveFeaturesOkClear() {
        backEnd.statusMask = ~FEATURES_OK;
        open();
        device.driverFeatures(Features.of(VirtioFeature.VERSION_1));
        device.status(AGREED);
        assertEquals(ACKNOWLEDGE | DRIVER, device.status());
    }

    @Test
    @Rule("VU49")
    void aRefusalNamesTheRequest() {
        backEnd.refuse = FrontEndRequest.SET_FEATURES;
        open();
        device.driverFeatures(Features.of(VirtioFeature.VERSION_1));
        assertEquals("vhost-user:" + path + ": the back-end refused SET_FEATURES (U64[value=5368709120]): 1",
                assertThrows(VirtioException.class, () -> device.status(AGREED)).getMessage());
    }

    @Test
    @Rule("VU49")
    void anAnswerToAnotherQuestionIsNone() {
        backEnd.confuse = FrontEndRequest.GET_PROTOCOL_FEATURES;
        assertEquals("no answer to GET_PROTOCOL_FEATURES: the back-end sent message 16 as a reply",
                assertThrows(VhostUserException.class, this::open).getMessage());
    }

    @Test
    @Rule("VU50")
    void aBackEndThatDoesNotAnswerIsGivenUp() {
        backEnd.ignore = FrontEndRequest.GET_QUEUE_NUM;
        FrontEndSettings hasty = FrontEndSettings.client(path).withAnswerTimeout(Duration.ofMillis(20));
        assertEquals("no answer to GET_QUEUE_NUM: the peer does not answer, waited 20 ms",
                assertThrows(VhostUserException.class, () -> VhostUserTransport.open(hasty, new PlainStandIn()))
                        .getMessage());
    }

    @Test
    void aBackEndThatHangsUpIsToldFromOneThatIsSilent() {
        backEnd.hangUp = FrontEndRequest.SET_OWNER;
        assertEquals("no answer to SET_OWNER: the peer closed the connection",
                assertThrows(VhostUserException.class, this::open).getMessage());
    }

    @Test
    void withoutABackEndTheErrorSaysWhatToDo() {
        FrontEndSettings nobody = FrontEndSettings.client(directory.resolve("nobody"));
        String message = assertThrows(VhostUserException.class,
                () -> VhostUserTransport.open(nobody, new PlainStandIn())).getMessage();
        assertTrue(
                message.endsWith("ENOENT (no such file or entry); start the back-end first, or add \",server\" to let"
                        + " it connect to us"),
                message);
    }

    @Test
    void aServerWaitsForItsBackEnd() throws Exception {
        Path ours = directory.resolve("ours");
        Thread opener = Thread.ofPlatform()
                .start(() -> device = VhostUserTransport.open(FrontEndSettings.server(ours), new PlainStandIn()));
        ScriptedBackEnd client = connectTo(ours);
        opener.join(TimeUnit.SECONDS.toMillis(10));
        assertEquals(Features.NONE.with(0).with(32), device.deviceFeatures());
        device.close();
        client.close();
    }

    private static ScriptedBackEnd connectTo(Path path) {
        while (true) {
            try {
                return ScriptedBackEnd.connect(path);
            } catch (RuntimeException notYet) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    @Rule("VU18")
    void withoutReplyAckNothingIsAwaited() {
        backEnd.protocol = Features.NONE;
        open();
        try (MemoryRegion memory = startWithTwoQueues()) {
            assertEquals(AGREED | DRIVER_OK, device.status());
            assertTrue(device.isAttached(memory));
        }
    }

    @Test
    @Rule({"VU29", "VU31", "VU32"})
    void aBackEndThatComesBackHasEmptyRingsUntilTheDriverEnablesItsOwn() throws Exception {
        open();
        BlockingQueue<Boolean> changes = new LinkedBlockingQueue<>();
        device.onPeerChange(changes::add);
        try (MemoryRegion memory = startWithTwoQueues()) {
            int generation = device.configGeneration();
            backEnd.requests.clear();
            backEnd.hangUp();
            assertEquals(false, changes.poll(10, TimeUnit.SECONDS));
            assertEquals(true, changes.poll(10, TimeUnit.SECONDS));
            assertEquals(List.of("GET_FEATURES", "GET_PROTOCOL_FEATURES", "SET_PROTOCOL_FEATURES 0x10009",
                    "GET_QUEUE_NUM", "SET_OWNER", "SET_FEATURES 0x140000000", "SET_VRING_CALL 0x0",
                    "SET_VRING_CALL 0x1", "SET_MEM_TABLE 2",
                    "SET_VRING_NUM 0:8", "SET_VRING_BASE 0:0", "SET_VRING_ADDR 0", "SET_VRING_KICK 0x0",
                    "SET_VRING_ENABLE 0:1",
                    "SET_VRING_NUM 1:8", "SET_VRING_BASE 1:0", "SET_VRING_ADDR 1", "SET_VRING_KICK 0x1",
                    "SET_VRING_ENABLE 1:1", "SET_STATUS 0xf", "GET_STATUS"), backEnd.requests);
            assertEquals(AGREED | DRIVER_OK, device.status());
            assertEquals(generation + 2, device.configGeneration(), "gone, and back");
            backEnd.requests.clear();
            device.enableQueue(0, placement(memory, 0, 16));
            assertEquals(List.of("SET_VRING_ENABLE 0:0", "GET_VRING_BASE 0:0", "SET_VRING_CALL 0x0",
                    "SET_VRING_NUM 0:16",
                    "SET_VRING_BASE 0:0", "SET_VRING_ADDR 0", "SET_VRING_KICK 0x0",
                    "SET_VRING_ENABLE 0:1", "SET_VRING_ENABLE 1:0", "SET_VRING_ENABLE 1:1"), backEnd.requests);
        }
    }

    @Test
    @Rule("VU30")
    void aBackEndThatLacksWhatWasAgreedOnIsNotTaken() throws Exception {
        open();
        BlockingQueue<Boolean> changes = new LinkedBlockingQueue<>();
        device.onPeerChange(changes::add);
        try (MemoryRegion memory = startWithTwoQueues()) {
            backEnd.features = ScriptedBackEnd.DEVICE.minus(Features.of(VirtioFeature.VERSION_1));
            backEnd.requests.clear();
            backEnd.hangUp();
            assertEquals(false, changes.poll(10, TimeUnit.SECONDS));
            while (Collections.frequency(backEnd.requests, "GET_FEATURES") < 3) {
                Thread.onSpinWait();
            }
            assertNull(changes.peek());
            assertEquals(0, device.readConfig8(0), "the configuration says that it is away");
            backEnd.features = ScriptedBackEnd.DEVICE;
            assertEquals(true, changes.poll(10, TimeUnit.SECONDS));
            assertEquals(1, device.readConfig8(0));
            assertTrue(device.isAttached(memory));
        }
    }

    @Test
    @Rule("VU31")
    void whileTheBackEndIsAwayTheDeviceIsResetAtOnceAndCloses() throws Exception {
        open();
        BlockingQueue<Boolean> changes = new LinkedBlockingQueue<>();
        device.onPeerChange(changes::add);
        backEnd.close();
        assertEquals(false, changes.poll(10, TimeUnit.SECONDS));
        device.reset();
        assertEquals(0, device.status());
        device.close();
    }

    @Test
    @Rule("VU31")
    void aDeviceStartedWhileItsBackEndIsAwayBeginsWithTheNext() throws Exception {
        open();
        BlockingQueue<Boolean> changes = new LinkedBlockingQueue<>();
        device.onPeerChange(changes::add);
        backEnd.close();
        assertEquals(false, changes.poll(10, TimeUnit.SECONDS));
        device.driverFeatures(Features.of(VirtioFeature.VERSION_1));
        device.status(AGREED);
        device.status(AGREED | DRIVER_OK);
        assertEquals(AGREED | DRIVER_OK, device.status());
        backEnd = ScriptedBackEnd.listen(path);
        assertEquals(true, changes.poll(10, TimeUnit.SECONDS));
        assertTrue(backEnd.requests.contains("SET_FEATURES 0x140000000"), backEnd.requests::toString);
        assertTrue(backEnd.requests.contains("SET_STATUS 0xf"), backEnd.requests::toString);
    }

    @Test
    void aBackEndThatFailsToStopIsGivenUpAndTheDeviceIsReset() {
        open();
        try (MemoryRegion memory = startWithTwoQueues()) {
            backEnd.hangUp = FrontEndRequest.GET_VRING_BASE;
            device.reset();
            assertEquals(0, device.status());
            assertTrue(device.isAttached(memory));
        }
    }

    @Test
    void aListenerThatFailsDoesNotEndTheSearch() throws Exception {
        open();
        BlockingQueue<Boolean> changes = new LinkedBlockingQueue<>();
        device.onPeerChange(present -> {
            changes.add(present);
            throw new IllegalStateException("as told");
        });
        for (int i = 0; i < 2; i++) {
            backEnd.hangUp();
            assertEquals(false, changes.poll(10, TimeUnit.SECONDS));
            assertEquals(true, changes.poll(10, TimeUnit.SECONDS));
        }
    }

    @Test
    @Rule("VU29")
    void aBackEndThatFailsARequestIsGivenUpAndTheNextIsSought() throws Exception {
        open();
        BlockingQueue<Boolean> changes = new LinkedBlockingQueue<>();
        device.onPeerChange(changes::add);
        backEnd.refuse = FrontEndRequest.SET_FEATURES;
        device.driverFeatures(Features.of(VirtioFeature.VERSION_1));
        assertThrows(VirtioException.class, () -> device.status(AGREED));
        assertEquals(false, changes.poll(10, TimeUnit.SECONDS));
        assertEquals(true, changes.poll(10, TimeUnit.SECONDS));
    }

    private MemoryRegion startWithTwoQueues() {
        return startWithTwoQueues(Features.of(VirtioFeature.VERSION_1));
    }

    private MemoryRegion startWithTwoQueues(Features accepted) {
        device.reset();
        backEnd.requests.remove("SET_STATUS 0x0");
        MemoryRegion memory = device.allocateMemory("test", 16384);
        device.driverFeatures(accepted);
        device.status(AGREED);
        device.enableQueue(0, placement(memory, 0, 8));
        device.enableQueue(1, placement(memory, 1024, 8));
        device.status(AGREED | DRIVER_OK);
        return memory;
    }

    private static QueuePlacement placement(MemoryRegion memory, int offset, int size) {
        long base = memory.deviceAddress() + offset;
        return new QueuePlacement(size, base, base + 256, base + 512);
    }
}
