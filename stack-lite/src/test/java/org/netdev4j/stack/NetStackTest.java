package org.netdev4j.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.stack.Frames.OUR_MAC;
import static org.netdev4j.stack.Frames.PEER_IP;
import static org.netdev4j.stack.Frames.PEER_MAC;
import static org.netdev4j.stack.Frames.datagram;
import static org.netdev4j.stack.Frames.echoRequest;
import static org.netdev4j.stack.Frames.ip;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import org.agrona.concurrent.AgentRunner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.NetDevState;

class NetStackTest {
    // set-up

    private static NetStack.Builder builder(NetDev dev) {
        dev.probe();
        return NetStack.builder(dev);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.7.0.0/24", "10.7.0.255/24", "127.0.0.1/8", "224.0.0.1/24", "0.0.0.0/0"})
    void anAddressThatNoHostCanHaveIsRefused(String address) {
        try (NetDev dev = new NetDev("captured", new CapturedDevice(OUR_MAC, 1500))) {
            NetStack.Builder builder = builder(dev).address(Ipv4Cidr.parse(address));
            assertEquals(
                    "a host cannot have the address " + address
                            + ": it is a network, broadcast, multicast or loopback address",
                    assertThrows(IllegalArgumentException.class, builder::build).getMessage());
            assertEquals(NetDevState.UNCONFIGURED, dev.state());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.8.0.1", "10.7.0.2", "10.7.0.255", "127.0.0.1"})
    void aGatewayThatIsNoNeighbourIsRefused(String gateway) {
        try (NetDev dev = new NetDev("captured", new CapturedDevice(OUR_MAC, 1500))) {
            NetStack.Builder builder = builder(dev).address(Ipv4Cidr.parse("10.7.0.2/24")).gateway(ip(gateway));
            assertEquals(
                    "gateway " + gateway + " is not possible: expected another host of the subnet of 10.7.0.2/24",
                    assertThrows(IllegalArgumentException.class, builder::build).getMessage());
        }
    }

    @Test
    void aStackWithoutAnAddressIsRefused() {
        try (NetDev dev = new NetDev("captured", new CapturedDevice(OUR_MAC, 1500))) {
            assertThrows(IllegalArgumentException.class, builder(dev)::build);
        }
    }

    @Test
    void aDeviceThatRefusesItsConfigurationCanBeTriedAgain() {
        try (NetDev dev = new NetDev("captured", new CapturedDevice(OUR_MAC, 1500))) {
            NetStack.Builder builder = builder(dev).address(Ipv4Cidr.parse("10.7.0.2/24")).queueSize(48);
            assertThrows(NetDevException.class, builder::build);
            builder.queueSize(16).build().close();
            assertEquals(NetDevState.STOPPED, dev.state());
        }
    }

    @Test
    void thePoolHasRoomForAllHeadersAndAFullFrame() {
        try (Host host = new Host(new CapturedDevice(OUR_MAC, 9000))) {
            NetBuf buf = host.stack.allocate();
            assertTrue(buf.headroom() >= CapturedDevice.RX_HEADROOM + 14 + 20 + 8);
            assertEquals(8972, host.stack.maxUdpPayload());
            assertTrue(buf.tailroom() >= 14 + 9000);
            buf.free();
        }
    }

    @Test
    void closeStopsTheDeviceAndLeavesItToItsOwner() {
        Host host = new Host();
        host.stack.announce();
        host.stack.openEcho(new RecordedEchoes()).send(ip(PEER_IP), 1, 0);
        host.device.arrive(echoRequest(1, 1));
        host.stack.close();
        host.stack.onClose();
        assertEquals(NetDevState.STOPPED, host.dev.state());
        assertEquals(host.pool.capacity(), host.pool.available());
        assertThrows(IllegalStateException.class, host.stack::doWork);
        NetStack next = NetStack.builder(host.dev).address(host.stack.address()).build();
        NetBufPool nextPool = host.device.pool;
        next.close();
        assertEquals(nextPool.capacity(), nextPool.available());
        host.close();
    }

    @Test
    void aStackWhoseDeviceWasClosedStillGivesItsBuffersBack() {
        Host host = new Host();
        host.stack.announce();
        host.dev.close();
        host.close();
    }

    // duty cycle

    @Test
    void doWorkCountsWhatItDid() {
        try (Host host = new Host()) {
            assertEquals(0, host.stack.doWork());
            host.device.arrive(echoRequest(1, 1));
            host.device.arrive(new byte[3]);
            assertEquals(3, host.stack.doWork());
            assertEquals("stack captured", host.stack.roleName());
        }
    }

    @Test
    void anIdleStackGetsBackWhatTheDeviceHasSent() {
        try (Host host = new Host()) {
            host.receive(echoRequest(1, 1));
            assertEquals(0, host.device.reclaims);
            host.stack.doWork();
            assertEquals(1, host.device.reclaims);
        }
    }

    @Test
    void aHandlerCanNeitherWorkNorCloseTheStack() {
        try (Host host = new Host()) {
            host.stack.bindUdp(7, datagram -> {
                assertThrows(IllegalStateException.class, host.stack::doWork);
                assertThrows(IllegalStateException.class, host.stack::close);
            });
            host.receive(datagram(40000, 7));
            assertEquals(1, host.count(StackCounter.UDP_RECEIVED));
        }
    }

    @Test
    void repliesWaitInOrderWhileTheDeviceIsFull() {
        try (Host host = new Host()) {
            host.device.transmitSpace = 1;
            host.receive(echoRequest(1, 1));
            host.receive(echoRequest(1, 2));
            host.receive(echoRequest(1, 3));
            assertEquals(1, host.device.sent.size());
            host.device.transmitSpace = 2;
            host.stack.doWork();
            for (int sequence = 1; sequence <= 3; sequence++) {
                host.assertSent(Frames.ipv4FromUs(PEER_IP, Frames.ICMP, Frames.icmp(0, 0, 1, sequence)));
            }
        }
    }

    @Test
    void repliesBeyondTheBacklogAreDroppedAndCounted() {
        try (Host host = new Host()) {
            host.device.transmitSpace = 0;
            for (int i = 0; i < Transmitter.BACKLOG + 5; i++) {
                host.receive(echoRequest(1, i));
            }
            assertEquals(5, host.count(StackCounter.TRANSMIT_FULL));
            host.device.transmitSpace = Transmitter.BACKLOG;
            host.stack.doWork();
            assertEquals(Transmitter.BACKLOG, host.device.sent.size());
        }
    }

    // waiting

    private static NetStack.Builder waiting(NetStack.Builder builder) {
        return builder.interrupts();
    }

    @Test
    void waitingNeedsAStackAndADeviceWithInterrupts() {
        try (Host polled = new Host()) {
            assertThrows(IllegalStateException.class, () -> polled.stack.await(1));
            assertThrows(IllegalStateException.class, polled.stack::interruptIdleStrategy);
            polled.stack.wakeUp();
        }
        CapturedDevice device = new CapturedDevice(OUR_MAC, 1500);
        device.capabilities.clear();
        assertThrows(NetDevException.class, () -> new Host(device, NetStackTest::waiting));
    }

    @Test
    void awaitReturnsAtOnceWhenThereIsWork() {
        try (Host host = new Host(new CapturedDevice(OUR_MAC, 1500), NetStackTest::waiting)) {
            host.device.arrive(echoRequest(1, 1));
            host.stack.await(Long.MAX_VALUE);
            assertFalse(host.device.rxArmed);
            host.stack.doWork();
            host.stack.wakeUp();
            host.stack.await(Long.MAX_VALUE);
            host.stack.openEcho(new RecordedEchoes()).send(ip(PEER_IP), 1, 0);
            host.nowNs += Arp.RETRY_NS;
            host.stack.await(Long.MAX_VALUE);
        }
    }

    @Test
    void awaitSendsWhatIsLeftBeforeItParks() {
        try (Host host = new Host(new CapturedDevice(OUR_MAC, 1500), NetStackTest::waiting)) {
            host.stack.announce();
            host.stack.await(1);
            assertEquals(1, host.device.sent.size());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Timeout(60)
    void aParkedStackIsWokenByAPacketAndByAnyThread(boolean byPacket) throws InterruptedException {
        try (Host host = new Host(new CapturedDevice(OUR_MAC, 1500), NetStackTest::waiting)) {
            AtomicReference<Thread.State> seen = new AtomicReference<>();
            Thread stackThread = Thread.currentThread();
            Thread waker = new Thread(() -> {
                while (stackThread.getState() != Thread.State.TIMED_WAITING) {
                    Thread.onSpinWait();
                }
                seen.set(stackThread.getState());
                if (byPacket) {
                    host.device.rxConfig.listener().onInterrupt(0);
                } else {
                    host.stack.wakeUp();
                }
            });
            waker.start();
            while (seen.get() == null) {
                host.stack.interruptIdleStrategy().idle(0);
            }
            waker.join();
            assertEquals(Thread.State.TIMED_WAITING, seen.get());
        }
    }

    @Test
    @Timeout(60)
    void aRunnerOfAWaitingStackClosesWithoutBeingInterrupted() {
        Host host = new Host(new CapturedDevice(OUR_MAC, 1500), NetStackTest::waiting);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AgentRunner runner = new AgentRunner(host.stack.interruptIdleStrategy(), failure::set, null, host.stack);
        Thread thread = AgentRunner.startOnThread(runner);
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        AtomicBoolean late = new AtomicBoolean();
        runner.close(30_000, stuck -> late.set(true));
        assertFalse(late.get());
        assertNull(failure.get());
        host.close();
    }

    // two stacks

    @Test
    void twoStacksPingAndEchoEachOther() {
        CapturedDevice ours = new CapturedDevice(OUR_MAC, 1500);
        CapturedDevice theirs = new CapturedDevice(PEER_MAC, 1500);
        ours.peer = theirs;
        theirs.peer = ours;
        try (Host us = new Host(ours);
                Host peer = new Host(theirs, builder -> builder.address(Ipv4Cidr.parse("10.7.0.1/24")))) {
            RecordedEchoes echoes = new RecordedEchoes();
            EchoClient client = us.stack.openEcho(echoes);
            RecordedEchoes peersEchoes = new RecordedEchoes();
            EchoClient peersClient = peer.stack.openEcho(peersEchoes);
            peer.stack.bindUdp(7, UdpDatagram::echo);
            int[] echoed = new int[1];
            UdpSocket socket = us.stack.bindUdp(datagram -> echoed[0] += datagram.length());
            for (int i = 0; i < 100; i++) {
                assertTrue(client.send(ip(PEER_IP), i, i * 14));
                assertTrue(peersClient.send(ip(Frames.OUR_IP), i, i * 14));
                NetBuf payload = us.stack.allocate();
                payload.append(i * 14);
                assertTrue(socket.send(ip(PEER_IP), 7, payload));
                while (us.stack.doWork() + peer.stack.doWork() > 0) {
                    us.nowNs += 10;
                }
            }
            assertEquals(100, echoes.events.size());
            assertEquals(100, peersEchoes.events.size());
            assertEquals(14 * 99 * 100 / 2, echoed[0]);
            assertEquals(0, us.stack.stats().total(StackCounter.Kind.DROPPED));
            assertEquals(0, peer.stack.stats().total(StackCounter.Kind.DROPPED));
        }
    }
}
