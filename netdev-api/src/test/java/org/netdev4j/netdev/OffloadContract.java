package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.lang.foreign.MemorySegment;
import java.util.List;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.InternetChecksum;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.offload.SampleFrame;

/** Checksums and segments that a stack asks for, whoever makes them: part of {@link NetDevContract}. */
interface OffloadContract {
    LoopedDevice device();

    @Test
    default void everyTransmitOffloadIsOffered() {
        for (Capability offload : List.of(Capability.TX_CHECKSUM, Capability.TX_TSO4, Capability.TX_TSO6,
                Capability.TX_TSO_ECN, Capability.TX_USO)) {
            assertTrue(device().dev.info().has(offload), offload.toString());
        }
    }

    @Test
    @DisplayName("regression 11: a checksum that is asked for is right at the other end")
    default void partialChecksumIsCompletedOrHandedOn() {
        device().configure(1).start();
        SampleFrame frame = SampleFrame.udp4(333);
        device().send(request(frame));
        assertArrives(frame.segment(0, 333));
    }

    @Test
    @DisplayName("regression 12: segments that are asked for arrive one by one")
    default void packetIsCutIntoSegments() {
        assumeFalse(device().dev.info().has(Capability.RX_TSO4), "the device delivers the packet whole");
        for (SampleFrame frame : List.of(SampleFrame.tcp4(1900), SampleFrame.udp4(1900))) {
            if (device().dev.state() == NetDevState.UNCONFIGURED) {
                device().configure(1).start();
            }
            NetBuf packet = request(frame);
            packet.gso(frame.gsoType(), 500, frame.headers());
            device().send(packet);
            for (int i = 0; i < 4; i++) {
                assertArrives(frame.segment(i, 500));
            }
        }
        device().assertTrafficFlows();
    }

    @Test
    @DisplayName("a request that makes no sense is a counted drop")
    default void malformedRequestIsDropped() {
        device().configure(1).start();
        NetBuf packet = request(SampleFrame.udp4(100));
        packet.partialChecksum(200, 6);
        device().send(packet);
        assertEquals(1L, device().tx().stats().drops().get(DropReason.MALFORMED));
        device().assertTrafficFlows();
    }

    private NetBuf request(SampleFrame frame) {
        byte[] bytes = frame.partial();
        device().dev.macAddress().write(MemorySegment.ofArray(bytes), 0);
        NetBuf packet = device().packet(bytes, bytes.length);
        packet.partialChecksum(frame.transport(), frame.checksumOffset());
        return packet;
    }

    private void assertArrives(byte[] frame) {
        device().dev.macAddress().write(MemorySegment.ofArray(frame), 0);
        List<NetBuf> received = device().receive(device().rx(), 1);
        assertEquals(1, received.size(), "frames received");
        NetBuf packet = received.get(0);
        if ((packet.flags() & NetBuf.CHECKSUM_PARTIAL) != 0) {
            int start = packet.checksumStart();
            long sum = InternetChecksum.add(0, packet, start, packet.totalLength() - start);
            packet.setShort(start + packet.checksumOffset(), ~InternetChecksum.fold(sum));
        }
        assertArrayEquals(frame, LoopedDevice.takeBytes(packet));
    }
}
