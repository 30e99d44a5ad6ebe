package org.netdev4j.examples;

import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

import org.netdev4j.stack.Ipv4Address;
import org.netdev4j.stack.NetStack;
import org.netdev4j.stack.UdpDatagram;
import org.netdev4j.stack.UdpSocket;

/**
 * A client of the UDP echo service (RFC 862): datagrams from 1 byte to the largest, each sent when the one before
 * has come back, and compared with what was sent.
 */
final class UdpEchoProbe implements Activity {
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(1);

    private final PrintWriter out;
    private final UdpSocket socket;
    private final int server;
    private final int port;
    private final int count;
    private final int largest;
    private final MemorySegment payload;
    private int sent;
    private int intact;
    private boolean waiting;
    private long sentAt;

    /**
     * @param server an address, as in {@link Ipv4Address}
     * @param count datagrams to send, 2 or more
     */
    UdpEchoProbe(NetStack stack, int server, int port, int count, PrintWriter out) {
        this.socket = stack.bindUdp(this::onDatagram);
        this.server = server;
        this.port = port;
        this.count = count;
        this.out = out;
        this.largest = stack.maxUdpPayload();
        this.payload = Arena.ofAuto().allocate(largest);
    }

    @Override
    public void doWork(long now) {
        if (waiting && now - sentAt > PATIENCE_NS) {
            out.printf("no answer from %s port %d: udp_seq=%d%n", Ipv4Address.format(server), port, sent);
            waiting = false;
        }
        if (!waiting && sent < count) {
            send(now);
        }
    }

    @Override
    public long idleTime(long now) {
        return waiting ? sentAt + PATIENCE_NS - now : 0;
    }

    @Override
    public boolean isDone() {
        return sent == count && !waiting;
    }

    int lost() {
        return sent - intact;
    }

    private void send(long now) {
        int length = length(sent++);
        for (int index = 0; index < length; index++) {
            payload.set(ValueLayout.JAVA_BYTE, index, (byte) (sent + index));
        }
        waiting = socket.send(server, port, payload, 0, length);
        sentAt = now;
    }

    private void onDatagram(UdpDatagram datagram) {
        int length = length(sent - 1);
        boolean asSent = waiting && datagram.source() == server && datagram.sourcePort() == port
                && datagram.length() == length;
        for (int index = 0; asSent && index < length; index++) {
            asSent = datagram.getUnsignedByte(index) == Byte.toUnsignedInt((byte) (sent + index));
        }
        out.printf(Locale.ROOT, "%d bytes from %s port %d: udp_seq=%d time=%.3f ms%s%n", datagram.length(),
                Ipv4Address.format(datagram.source()), datagram.sourcePort(), sent,
                (System.nanoTime() - sentAt) / 1e6, asSent ? "" : " (not what was sent)");
        if (asSent) {
            intact++;
            waiting = false;
        }
    }

    /** Payload bytes of datagram {@code index}: 1 to the largest in equal steps. */
    private int length(int index) {
        return 1 + (largest - 1) * index / (count - 1);
    }
}
