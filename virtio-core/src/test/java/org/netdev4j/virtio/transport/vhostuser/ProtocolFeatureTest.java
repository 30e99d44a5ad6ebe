package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.transport.vhostuser.ProtocolFeature.CONFIG;
import static org.netdev4j.virtio.transport.vhostuser.ProtocolFeature.CONFIGURE_MEM_SLOTS;
import static org.netdev4j.virtio.transport.vhostuser.ProtocolFeature.NET_MTU;
import static org.netdev4j.virtio.transport.vhostuser.ProtocolFeature.REPLY_ACK;
import static org.netdev4j.virtio.transport.vhostuser.ProtocolFeature.RESET_DEVICE;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.testing.Rule;

/** What a front-end does with the protocol features that a back-end has, and without them. */
@Timeout(30)
class ProtocolFeatureTest {
    @TempDir
    Path directory;

    private FrontEndBench bench;

    @BeforeEach
    void listen() {
        bench = new FrontEndBench(directory);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private void open(ProtocolFeature... features) {
        bench.backEnd.protocol = Features.of(features).with(REPLY_ACK);
        bench.open();
    }

    @Test
    @Rule("VU19")
    void theConfigurationIsReadWithTheSizeAskedFor() {
        bench.standIn.configLength = 4;
        open(CONFIG);
        assertEquals(5, bench.device.configSize());
        assertEquals(4, bench.device.readConfig8(4));
    }

    @Test
    @Rule("VU19")
    void aConfigurationOfAnotherSizeIsNone() {
        bench.standIn.configLength = 3;
        assertEquals("asked for 3 bytes of configuration the back-end sent 4 at 0",
                assertThrows(VhostUserException.class, () -> open(CONFIG)).getMessage());
    }

    @Test
    void withoutConfigItIsNotAskedFor() {
        bench.standIn.configLength = 4;
        open();
        assertEquals(1, bench.device.configSize());
    }

    @Test
    void theBackEndIsToldTheMtuThatWasAgreedOn() {
        bench.backEnd.features = ScriptedBackEnd.DEVICE.with(PlainStandIn.FEATURE_WITH_MTU);
        open(NET_MTU);
        bench.start();
        assertTrue(bench.backEnd.requests.contains("NET_SET_MTU 0x" + Integer.toHexString(PlainStandIn.MTU)));
    }

    @Test
    @Rule("VU7")
    void whatLivesOnThisSideTheBackEndIsNotTold() {
        bench.backEnd.features = ScriptedBackEnd.DEVICE.with(PlainStandIn.FEATURE_OF_THIS_SIDE);
        open();
        bench.start();
        assertTrue(bench.backEnd.requests.contains("SET_FEATURES 0x140000001"), bench.backEnd.requests::toString);
    }

    @Test
    void withoutAStatusADeviceIsResetByItsOwnRequest() {
        open(RESET_DEVICE);
        bench.start();
        bench.backEnd.requests.clear();
        bench.device.reset();
        assertEquals("RESET_DEVICE", bench.backEnd.requests.getLast());
    }

    @Test
    void regionsComeAndGoOneByOneWhereTheBackEndHasSlots() {
        open(CONFIGURE_MEM_SLOTS);
        assertTrue(bench.backEnd.requests.contains("GET_MAX_MEM_SLOTS"));
        bench.start();
        assertEquals(2, requests("ADD_MEM_REG").size(), "the rings, and empty ones");
        bench.backEnd.requests.clear();
        MemoryRegion more = bench.device.allocateMemory("more", 4 << 20);
        bench.device.detachMemory(more);
        more.close();
        MemoryRegion forgotten = bench.device.allocateMemory("closed without being detached", 8 << 20);
        forgotten.close();
        bench.device.allocateMemory("next", 4 << 20).close();
        assertEquals(List.of("ADD_MEM_REG 4194304", "REM_MEM_REG 4194304", "ADD_MEM_REG 8388608",
                "REM_MEM_REG 8388608", "ADD_MEM_REG 4194304"), bench.backEnd.requests);
    }

    @Test
    void theNextBackEndIsToldOfAllRegions() throws InterruptedException {
        open(CONFIGURE_MEM_SLOTS);
        bench.start();
        bench.backEnd.requests.clear();
        bench.backEnd.hangUp();
        bench.awaitChange(false);
        bench.awaitChange(true);
        assertEquals(2, requests("ADD_MEM_REG").size());
    }

    @Test
    @Rule("VU39")
    void slotsAreTheLimitWhereThereAreSome() {
        bench.backEnd.memorySlots = 20;
        open(CONFIGURE_MEM_SLOTS);
        List<MemoryRegion> regions = new ArrayList<>();
        for (int i = 1; i < 20; i++) {
            regions.add(bench.device.allocateMemory("r" + i, 4096));
        }
        String message = assertThrows(VirtioException.class, () -> bench.device.allocateMemory("more", 4096))
                .getMessage();
        assertTrue(message.contains("is one region too many: the back-end takes 20"), message);
        regions.forEach(MemoryRegion::close);
    }

    @Test
    void aBackEndWithTooFewSlotsIsNotTaken() throws InterruptedException {
        bench.backEnd.memorySlots = 8;
        open(CONFIGURE_MEM_SLOTS);
        bench.start();
        bench.backEnd.memorySlots = -1;
        bench.backEnd.requests.clear();
        bench.backEnd.hangUp();
        bench.awaitChange(false);
        FrontEndBench.await(() -> requests("GET_MAX_MEM_SLOTS").size() >= 2);
        assertTrue(bench.changes.isEmpty());
        bench.backEnd.memorySlots = 2;
        bench.awaitChange(true);
    }

    private List<String> requests(String name) {
        return bench.backEnd.requests.stream().filter(request -> request.startsWith(name)).toList();
    }
}
