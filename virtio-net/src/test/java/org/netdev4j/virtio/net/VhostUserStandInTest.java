package org.netdev4j.virtio.net;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.queue.DeviceMemory;
import org.netdev4j.virtio.queue.DeviceQueue;
import org.netdev4j.virtio.queue.Virtqueue;
import org.netdev4j.virtio.transport.vhostuser.BackEndOffer;
import org.netdev4j.virtio.transport.vhostuser.VhostUserException;

/** What a driver sees of a vhost-user back-end, and what its control queue does. */
class VhostUserStandInTest {
    private static final MacAddress OURS = MacAddress.parse("02:00:00:00:00:01");
    private static final MacAddress RANDOM = MacAddress.parse("02:00:00:00:00:02");
    private static final byte[] NO_CONFIG = {};
    private static final Features DPDK = Features.of(VirtioFeature.VERSION_1, NetFeature.CSUM, NetFeature.MTU,
            NetFeature.CTRL_VQ, NetFeature.CTRL_RX, NetFeature.MQ, NetFeature.GUEST_ANNOUNCE,
            NetFeature.SPEED_DUPLEX, VirtioFeature.NOTIFICATION_DATA);
    private static final Features PLAIN = Features.of(VirtioFeature.VERSION_1, NetFeature.CSUM);
    private static final Features CONFIGURED = PLAIN.with(NetFeature.MAC).with(NetFeature.STATUS).with(NetFeature.MTU);

    private final MemoryRegion memory = MemoryRegion.allocate("control queue", 16384);
    private final MemorySlice buffer = memory.cut(64, 64);
    private final Virtqueue driver = Virtqueue.create(memory, 8, PLAIN);
    private final DeviceMemory deviceMemory = new DeviceMemory();
    private int queuesInUse = 2;
    private boolean backEndRefuses;

    @AfterEach
    void unmap() {
        driver.close();
        buffer.close();
        memory.close();
    }

    private static VhostUserStandIn standIn(int pairs) {
        return new VhostUserStandIn(null, RANDOM, 0, pairs);
    }

    private static BackEndOffer backEnd(Features features, int pairs, byte[] config) {
        return new BackEndOffer(features, pairs, config);
    }

    // What is offered

    @Test
    void onePairNeedsNoControlQueue() {
        assertEquals(PLAIN.with(NetFeature.MAC).with(NetFeature.STATUS).with(VirtioFeature.RING_RESET),
                standIn(1).offered(backEnd(PLAIN, 1, NO_CONFIG)));
    }

    @Test
    void severalPairsAreSwitchedByAControlQueueThatOffersNothingElse() {
        assertEquals(PLAIN.with(NetFeature.MAC).with(NetFeature.STATUS).with(VirtioFeature.RING_RESET)
                .with(NetFeature.CTRL_VQ).with(NetFeature.MQ).with(NetFeature.GUEST_ANNOUNCE),
                standIn(2).offered(backEnd(DPDK, 2, NO_CONFIG)));
    }

    @Test
    void theControlQueueFollowsTheDataQueuesAgreedOn() {
        VhostUserStandIn standIn = standIn(4);
        assertEquals(9, standIn.queues(backEnd(DPDK, 128, NO_CONFIG)));
        assertEquals(8, standIn.dataQueues(Features.of(NetFeature.CTRL_VQ, NetFeature.MQ)));
        assertEquals(2, standIn.dataQueues(Features.of(NetFeature.CTRL_VQ)));
    }

    @Test
    void aBackEndWithFewerPairsThanAskedForIsRefused() {
        assertEquals("queues=4: the back-end has queue pairs: 2",
                assertThrows(VhostUserException.class, () -> standIn(4).queues(backEnd(DPDK, 2, NO_CONFIG)))
                        .getMessage());
    }

    @Test
    void whatLivesHereTheBackEndIsNotTold() {
        assertEquals(Features.of(VirtioFeature.VERSION_1, NetFeature.MQ),
                standIn(2).forBackEnd(Features.of(VirtioFeature.VERSION_1, NetFeature.MQ, NetFeature.CTRL_VQ,
                        NetFeature.MAC, NetFeature.STATUS, VirtioFeature.RING_RESET)));
    }

    // Configuration: mac, status, pairs, mtu

    @ParameterizedTest
    @CsvSource({"true, 020000000002 0100 0200 0000", "false, 020000000002 0000 0200 0000"})
    void withoutAConfigurationOfItsOwnTheLinkIsTheConnection(boolean connected, String expected) {
        assertConfig(expected, standIn(2).config(backEnd(DPDK, 2, NO_CONFIG), connected));
    }

    @ParameterizedTest
    @CsvSource({
        "true,  525400123456 0100 0100 dc05, 525400123456 0100 0100 dc05",
        "true,  525400123456 0000 0100 dc05, 525400123456 0000 0100 dc05",
        "false, 525400123456 0100 0100 dc05, 525400123456 0000 0100 dc05",
        "true,  000000000000 0100 0100 dc05, 020000000002 0100 0100 dc05",
        "true,  ffffffffffff 0100 0100 4300, 020000000002 0100 0100 0000"})
    void aBackEndWithAConfigurationHasItsOwnSay(boolean connected, String theirs, String expected) {
        assertConfig(expected, standIn(1).config(backEnd(CONFIGURED, 1, bytes(theirs)), connected));
    }

    @Test
    void whatTheUserSaysComesFirst() {
        VhostUserStandIn standIn = new VhostUserStandIn(OURS, RANDOM, 9000, 1);
        BackEndOffer backEnd = backEnd(CONFIGURED, 1, bytes("525400123456 0100 0100 dc05"));
        assertConfig("020000000001 0100 0100 2823", standIn.config(backEnd, true));
        assertEquals(9000, standIn.mtu(Features.of(NetFeature.MTU)));
        assertEquals(0, standIn.mtu(PLAIN));
    }

    @Test
    void anMtuIsOfferedWhereThereIsOne() {
        assertFalse(standIn(1).offered(backEnd(CONFIGURED, 1, NO_CONFIG)).has(NetFeature.MTU));
        assertTrue(standIn(1).offered(backEnd(CONFIGURED, 1, bytes("525400123456 0100 0100 dc05")))
                .has(NetFeature.MTU));
    }

    private static void assertConfig(String expected, byte[] config) {
        assertArrayEquals(bytes(expected), config);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    // Control queue

    @ParameterizedTest
    @CsvSource({
        "04 00 0200, 0, 4",
        "04 00 0100, 0, 2",
        "04 00 0000, 1, 2",
        "04 00 0300, 1, 2",
        "04 00 02, 1, 2",
        "04 00 020000, 1, 2",
        "04 01 0200, 1, 2",
        "00 00 01, 1, 2",
        "01 01 020000000003, 1, 2",
        "02 00 0100, 1, 2",
        "05 00 0000000000000000, 1, 2",
        "07 00, 1, 2",
        "04, 1, 2"})
    void pairsAreSwitchedAndAllElseIsRefused(String command, int ack, int inUse) {
        assertEquals(ack, send(standIn(2), command));
        assertEquals(inUse, queuesInUse);
    }

    @Test
    void whatTheBackEndDoesNotDoIsRefused() {
        backEndRefuses = true;
        assertEquals(1, send(standIn(2), "04 00 0200"));
    }

    @Test
    void anotherBackEndHasTheDriverAnnounceItself() {
        VhostUserStandIn standIn = standIn(2);
        BackEndOffer backEnd = backEnd(DPDK, 2, NO_CONFIG);
        standIn.backEndReplaced();
        assertConfig("020000000002 0300 0200 0000", standIn.config(backEnd, true));
        assertEquals(1, send(standIn, "03 00 00"), "an acknowledgement has no data");
        assertEquals(0, send(standIn, "03 00"));
        assertConfig("020000000002 0100 0200 0000", standIn.config(backEnd, true));
        standIn.backEndReplaced();
        standIn.reset();
        assertConfig("020000000002 0100 0200 0000", standIn.config(backEnd, true));
    }

    private int send(VhostUserStandIn standIn, String command) {
        deviceMemory.add(memory);
        DeviceQueue device = DeviceQueue.create(deviceMemory, driver.placement(), PLAIN);
        byte[] bytes = bytes(command);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, buffer.segment(), 0, bytes.length);
        ScatterGatherList list = new ScatterGatherList(2);
        list.append(buffer.deviceAddress(), bytes.length, false);
        list.append(buffer.deviceAddress() + 32, 1, true);
        assertTrue(driver.add(list, 0));
        driver.publish();
        standIn.serve(4, device, queues -> {
            queuesInUse = backEndRefuses ? queuesInUse : queues;
            return !backEndRefuses;
        });
        device.publish();
        int[] written = new int[1];
        assertEquals(1, driver.pop(new int[1], written, 1));
        driver.reset(new int[8]);
        assertEquals(1, written[0]);
        return buffer.segment().get(JAVA_BYTE, 32);
    }
}
