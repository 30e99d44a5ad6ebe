package org.netdev4j.examples;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.agrona.concurrent.IdleStrategy;
import org.netdev4j.stack.NetStack;
import org.netdev4j.stack.UdpDatagram;

/** Runs a host on a thread of its own: it answers ARP, ICMP echo, and UDP echo (RFC 862) on one port. */
final class EchoServer implements AutoCloseable {
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
        stack.bindUdp(udpPort, UdpDatagram::echo);
        idleStrategy = waitMode.idleStrategy(stack);
        this.onEnd = onEnd;
        service = thread.submit(this::serve);
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
