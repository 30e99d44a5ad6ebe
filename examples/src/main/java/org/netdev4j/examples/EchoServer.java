package org.netdev4j.examples;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.agrona.concurrent.IdleStrategy;
import org.netdev4j.stack.NetStack;
import org.netdev4j.stack.UdpDatagram;

/** Runs a host on a thread of its own: it answers ARP, ICMP echo, and UDP echo (RFC 862) on one port. */
final class EchoServer implements AutoCloseable {
    /** RFC 862. */
    private static final int STANDARD_PORT = 7;

    private final NetStack stack;
    private final IdleStrategy idleStrategy;
    private final Runnable onEnd;
    private final ExecutorService thread = Executors
            .newSingleThreadExecutor(Thread.ofPlatform().name("echo server").factory());
    private final Future<?> service;
    private volatile boolean stopping;

    /**
     * @param host its stack ends with this server; INTERRUPT needs one that was opened with interrupts
     * @param onEnd called on the server's thread when that ends, for whatever reason
     */
    EchoServer(Host host, int udpPort, WaitMode waitMode, Runnable onEnd) {
        stack = host.stack();
        stack.bindUdp(udpPort, datagram -> answer(datagram, udpPort));
        idleStrategy = waitMode.idleStrategy(stack);
        this.onEnd = onEnd;
        service = thread.submit(this::serve);
    }

    /** Not to an echo server: a datagram with a forged source would go back and forth between the two for ever. */
    private static void answer(UdpDatagram datagram, int ownPort) {
        int from = datagram.sourcePort();
        if (from != ownPort && from != STANDARD_PORT) {
            datagram.echo();
        }
    }

    private void serve() {
        try (stack) {
            while (!stopping) {
                idleStrategy.idle(stack.doWork());
            }
        } finally {
            onEnd.run();
        }
    }

    /**
     * Ends the thread and stops the host's stack.
     *
     * @throws IllegalStateException if the thread had failed
     */
    @Override
    public void close() {
        stopping = true;
        stack.wakeUp();
        thread.close();
        if (service.state() == Future.State.FAILED) {
            throw new IllegalStateException("the echo server failed: " + service.exceptionNow(),
                    service.exceptionNow());
        }
    }
}
