package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.netdev4j.virtio.DeviceStatus.DEVICE_NEEDS_RESET;
import static org.netdev4j.virtio.DeviceStatus.DRIVER_OK;
import static org.netdev4j.virtio.transport.vhostuser.FrontEndBench.AGREED;
import static org.netdev4j.virtio.transport.vhostuser.ProtocolFeature.BACKEND_REQ;
import static org.netdev4j.virtio.transport.vhostuser.ProtocolFeature.CONFIG;
import static org.netdev4j.virtio.transport.vhostuser.ProtocolFeature.REPLY_ACK;
import static org.netdev4j.virtio.transport.vhostuser.ProtocolFeature.STATUS;

import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.testing.Rule;

/** A back-end that asks its front-end something. */
@Timeout(30)
class BackEndRequestsTest {
    private static final int UNKNOWN = 9;

    @TempDir
    Path directory;

    private FrontEndBench bench;

    @BeforeEach
    void start() {
        bench = new FrontEndBench(directory);
        bench.backEnd.protocol = Features.of(REPLY_ACK, BACKEND_REQ, CONFIG, STATUS);
        bench.standIn.configLength = 4;
        bench.open();
        bench.start();
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private long ask(int request) {
        MessageChannel asking = bench.backEnd.asking;
        asking.send(request, MessageHeader.NEED_REPLY, Payload.EMPTY);
        try (Message reply = asking.await()) {
            assertEquals(request, reply.header().request());
            assertEquals(MessageHeader.VERSION | MessageHeader.REPLY, reply.header().flags());
            return ((Payload.U64) PayloadKind.U64.read(reply.body())).value();
        }
    }

    @Test
    @Rule("VU19")
    void aChangedConfigurationIsReadAgainAndToldToTheDriver() {
        assertEquals(2, bench.device.readConfig8(2));
        int generation = bench.device.configGeneration();
        bench.backEnd.config = new byte[]{9, 8, 7, 6};
        assertEquals(0, ask(BackEndRequest.CONFIG_CHANGE.code));
        FrontEndBench.await(() -> bench.device.configGeneration() == generation + 1);
        assertEquals(8, bench.device.readConfig8(2));
        assertEquals(1, bench.device.configInterrupt().drain());
    }

    @Test
    void aDeviceThatNeedsAResetSaysSo() {
        bench.backEnd.setStatus = DEVICE_NEEDS_RESET;
        ask(BackEndRequest.CONFIG_CHANGE.code);
        FrontEndBench.await(() -> bench.device.status() == (AGREED | DRIVER_OK | DEVICE_NEEDS_RESET));
    }

    @Test
    void whatIsNotKnownIsRefused() {
        assertEquals(1, ask(UNKNOWN));
        assertEquals(0, ask(BackEndRequest.CONFIG_CHANGE.code), "and the next is answered");
    }

    @Test
    void whatNeedsNoReplyGetsNone() {
        MessageChannel asking = bench.backEnd.asking;
        asking.send(UNKNOWN, 0, Payload.EMPTY);
        asking.send(BackEndRequest.CONFIG_CHANGE.code, 0, Payload.EMPTY);
        assertEquals(1, ask(UNKNOWN), "the first reply is to this one");
    }

    @Test
    void aReplyToNothingEndsThatConnectionAlone() {
        bench.backEnd.asking.send(UNKNOWN, MessageHeader.REPLY, Payload.EMPTY);
        awaitRequestsClosed();
    }

    @Test
    void aChangeWithAPayloadEndsThatConnectionAlone() {
        bench.backEnd.asking.send(BackEndRequest.CONFIG_CHANGE.code, 0, new Payload.U64(1));
        awaitRequestsClosed();
    }

    @Test
    @Rule("VU34")
    void descriptorsThatNobodyAskedForAreClosed() {
        try (EventFd extra = EventFd.create()) {
            bench.backEnd.asking.send(UNKNOWN, 0, Payload.EMPTY, extra.fd(), extra.fd());
            assertEquals(1, ask(UNKNOWN));
            bench.backEnd.asking.send(BackEndRequest.CONFIG_CHANGE.code, 0, Payload.EMPTY, extra.fd());
            awaitRequestsClosed();
        }
    }

    @Test
    void aBackEndThatClosesThatConnectionGoesOnWithoutIt() {
        bench.backEnd.asking.close();
        bench.device.allocateMemory("more", 4096).close();
        assertEquals(AGREED | DRIVER_OK, bench.device.status());
    }

    private void awaitRequestsClosed() {
        FrontEndBench.await(bench.backEnd.asking::isHungUp);
        assertThrows(VhostUserException.class, bench.backEnd.asking::await);
        bench.device.allocateMemory("more", 4096).close();
        assertEquals(AGREED | DRIVER_OK, bench.device.status());
        assertEquals(true, bench.changes.isEmpty());
    }
}
