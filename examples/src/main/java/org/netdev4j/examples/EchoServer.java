package org.netdev4j.examples;

import java.util.concurrent.atomic.AtomicReference;

import org.agrona.concurrent.AgentRunner;
import org.netdev4j.stack.UdpDatagram;

/** Runs a host on a thread of its own: it answers ARP, ICMP echo, and UDP echo (RFC 862) on one port. */
final class EchoServer implements AutoCloseable {
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AgentRunner runner;

    /**
     * @param host its stack is closed with this server; INTERRUPT needs one that was opened with interrupts
     * @param onFailure called once, on the server's thread, if that thread fails
     */
    EchoServer(Host host, int udpPort, WaitMode waitMode, Runnable onFailure) {
        host.stack().bindUdp(udpPort, UdpDatagram::echo);
        runner = new AgentRunner(waitMode.idleStrategy(host.stack()), error -> {
            if (failure.compareAndSet(null, error)) {
                onFailure.run();
            }
        }, null, host.stack());
        AgentRunner.startOnThread(runner);
    }

    /** @throws IllegalStateException if the thread failed */
    void checkHealth() {
        Throwable error = failure.get();
        if (error != null) {
            throw new IllegalStateException("the echo server failed: " + error, error);
        }
    }

    /** Ends the thread and stops the host's stack. */
    @Override
    public void close() {
        runner.close();
    }
}
