package org.netdev4j.stack;

import org.agrona.concurrent.Agent;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NanoClock;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.NetDev;

/**
 * One IPv4 host on one device: answers ARP and ICMP echo by itself, and lets the application send echo requests and send
 * and receive UDP datagrams. Unicast only; fragments are not reassembled.
 * <p>
 * <b>Threads.</b> A stack, its sockets and its echo clients belong to one thread, the one that calls {@link #doWork()};
 * handlers and listeners are called on it. Only {@link #stats()} and {@link #wakeUp()} may be called from any thread.
 * <p>
 * <b>Ownership.</b> {@link Builder#build()} configures and starts the device with one queue pair and a pool of the stack's
 * own; {@link #close()} stops it. The device itself stays the caller's to close.
 * <p>
 * What is sent goes out at the end of the present or the next {@link #doWork()}, in one burst with everything else.
 */
public final class NetStack implements Agent, AutoCloseable {
    private NetStack() {}

    /** A stack over a device that is UNCONFIGURED or STOPPED. */
    public static Builder builder(NetDev device) {
        throw new UnsupportedOperationException();
    }

    /**
     * One duty cycle: receives a burst, handles it, runs the timers that are due, and transmits. Never blocks.
     *
     * @return packets received, timers run and packets transmitted; 0 when there was nothing to do
     */
    @Override
    public int doWork() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String roleName() {
        throw new UnsupportedOperationException();
    }

    /** As {@link #close()}. */
    @Override
    public void onClose() {
        close();
    }

    /**
     * Parks the calling thread until a packet arrives, a timer of the stack is due, {@link #wakeUp()} is called, the
     * thread is interrupted or {@code maxNs} have passed; returns at once when there is work. May return for no reason.
     *
     * @param maxNs longest time to wait, nanoseconds
     * @throws IllegalStateException unless the stack was built with {@link Builder#interrupts()}
     */
    public void await(long maxNs) {
        throw new UnsupportedOperationException();
    }

    /** Ends a present {@link #await}, or the next one. Any thread. */
    public void wakeUp() {
        throw new UnsupportedOperationException();
    }

    /**
     * {@link #await} as an idle strategy for the agent runner of this stack.
     *
     * @throws IllegalStateException unless the stack was built with {@link Builder#interrupts()}
     */
    public IdleStrategy interruptIdleStrategy() {
        throw new UnsupportedOperationException();
    }

    /**
     * When the stack next has something to do by itself, on its clock.
     *
     * @return nanoseconds, or {@link Long#MAX_VALUE} for never
     */
    public long nextDeadlineNs() {
        throw new UnsupportedOperationException();
    }

    /** Tells all neighbours our address by a broadcast (an ARP announcement, RFC 5227 §2.3). */
    public void announce() {
        throw new UnsupportedOperationException();
    }

    /**
     * Receives the datagrams sent to {@code port} and gives a socket to send from it.
     *
     * @param port 1..65535
     * @throws IllegalStateException if the port is bound already
     */
    public UdpSocket bindUdp(int port, UdpHandler handler) {
        throw new UnsupportedOperationException();
    }

    /** As {@link #bindUdp(int, UdpHandler)} on a free port of the dynamic range 49152..65535 (RFC 6335 §6). */
    public UdpSocket bindUdp(UdpHandler handler) {
        throw new UnsupportedOperationException();
    }

    /** A sender of ICMP echo requests with an identifier of its own. */
    public EchoClient openEcho(EchoListener listener) {
        throw new UnsupportedOperationException();
    }

    /**
     * An empty buffer of the stack's pool, to be filled by {@link NetBuf#append} and given to {@link UdpSocket#send(int, int,
     * NetBuf)}: it has the headroom for all headers, and room for {@link #maxUdpPayload()} bytes.
     *
     * @return the buffer, the caller's to send or free; null when the pool is empty (counted)
     */
    public NetBuf allocate() {
        throw new UnsupportedOperationException();
    }

    /** Largest payload of a UDP datagram or an echo request, bytes. */
    public int maxUdpPayload() {
        throw new UnsupportedOperationException();
    }

    public Ipv4Cidr address() {
        throw new UnsupportedOperationException();
    }

    /** The counters at this moment. Any thread. */
    public StackStats stats() {
        throw new UnsupportedOperationException();
    }

    /**
     * Stops the device and frees every packet and buffer that the stack holds; sockets and echo clients are dead from now
     * on. Idempotent.
     */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** What a stack is made of; each setter returns this. */
    public static final class Builder {
        private Builder() {}

        /** Our address and subnet; required. */
        public Builder address(Ipv4Cidr address) {
            throw new UnsupportedOperationException();
        }

        /** Where packets for other subnets go; without it they are not sent (counted). */
        public Builder gateway(int address) {
            throw new UnsupportedOperationException();
        }

        /** Source of all time in the stack; the system's nanosecond clock by default. */
        public Builder clock(NanoClock clock) {
            throw new UnsupportedOperationException();
        }

        /** Descriptors of each queue; 0, the default, lets the device choose. */
        public Builder queueSize(int descriptors) {
            throw new UnsupportedOperationException();
        }

        /** Lets {@link NetStack#await} wait for packets; needs a device with RX_INTERRUPT. */
        public Builder interrupts() {
            throw new UnsupportedOperationException();
        }

        /**
         * Configures and starts the device.
         *
         * @throws IllegalStateException if the device is in the wrong state
         * @throws IllegalArgumentException if the address is missing or cannot be a host's
         * @throws org.netdev4j.netdev.NetDevException if the device refuses
         */
        public NetStack build() {
            throw new UnsupportedOperationException();
        }
    }
}
