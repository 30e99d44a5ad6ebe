package org.netdev4j.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.function.UnaryOperator;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.NetDev;

/** A stack at 10.7.0.2/24 over a device whose other end is the test, on a clock that the test moves. */
final class Host implements AutoCloseable {
    final CapturedDevice device;
    final NetDev dev;
    final NetStack stack;
    final NetBufPool pool;
    long nowNs;

    Host() {
        this(new CapturedDevice(Frames.OUR_MAC, 1500), builder -> builder);
    }

    Host(CapturedDevice device) {
        this(device, builder -> builder);
    }

    Host(CapturedDevice device, UnaryOperator<NetStack.Builder> options) {
        this.device = device;
        dev = new NetDev("captured", device);
        dev.probe();
        stack = options.apply(
                NetStack.builder(dev).address(Ipv4Cidr.parse(Frames.OUR_IP + "/24")).clock(() -> nowNs)).build();
        pool = device.pool;
    }

    /** A packet of the stack's pool, to be changed before it arrives. */
    NetBuf packet(byte[] frame) {
        NetBuf packet = pool.allocate();
        packet.append(frame.length);
        packet.copyFrom(0, MemorySegment.ofArray(frame), 0, frame.length);
        return packet;
    }

    /** A frame arrives and is handled. */
    void receive(byte[] frame) {
        device.arrive(frame);
        stack.doWork();
    }

    /** As {@link #receive}, and the frame is counted as {@code counter}, and nothing is sent. */
    void receiveUnanswered(StackCounter counter, byte[] frame) {
        long before = count(counter);
        receive(frame);
        assertEquals(before + 1, count(counter), () -> counter + " " + HexFormat.of().formatHex(frame));
        assertNothingSent();
    }

    /** Time passes, then the stack works. */
    void pass(long ns) {
        nowNs += ns;
        stack.doWork();
    }

    long count(StackCounter counter) {
        return stack.stats().get(counter);
    }

    /** The next frame sent is {@code expected}. */
    void assertSent(byte[] expected) {
        byte[] frame = device.sent.poll();
        device.sentFlags.poll();
        assertEquals(HexFormat.of().formatHex(expected), frame == null ? null : HexFormat.of().formatHex(frame));
    }

    void assertNothingSent() {
        assertNull(device.sent.peek());
    }

    /** The peer's address becomes known by a question and its answer. */
    Host knowingPeer() {
        try (EchoClient client = stack.openEcho(new RecordedEchoes())) {
            client.send(Frames.ip(Frames.PEER_IP), 0, 0);
        }
        receive(Frames.arpReply(Frames.PEER_MAC, Frames.PEER_IP));
        device.sent.clear();
        device.sentFlags.clear();
        return this;
    }

    /** Closes everything; every buffer must be back. */
    @Override
    public void close() {
        stack.close();
        dev.close();
        assertEquals(pool.capacity(), pool.available());
    }
}
