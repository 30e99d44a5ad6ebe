package org.netdev4j.stack;

import java.util.Objects;

import org.agrona.concurrent.Agent;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.DeviceEvent;
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
    /** No deadline. */
    static final long NEVER = Long.MAX_VALUE;
    /** Packets received at a time. */
    static final int BURST = 64;

    private final Attachment attachment;
    private final Link link;
    private final Arp arp;
    private final Icmp icmp;
    private final Udp udp;
    private final Ethernet ethernet;
    private final InterruptWait wait;
    /** Received packets; those from {@link #next} to {@link #received} are still to be handled. */
    private final NetBuf[] burst = new NetBuf[BURST];
    private int next;
    private int received;
    private boolean working;
    private boolean closed;

    /** The device asked for it: its network may not know where it is. */
    private volatile boolean announcementDue;

    private NetStack(Builder builder) {
        wait = builder.interrupts ? new InterruptWait(this) : null;
        builder.device.onEvent(this::happened);
        attachment = Attachment.start(builder.device, builder.queueSize, wait);
        StackCounters counters = new StackCounters();
        link = new Link(attachment.mac(), builder.address, builder.gateway, attachment.mtu(),
                builder.clock, attachment.pool(), counters,
                new Transmitter(attachment.tx(), counters));
        arp = new Arp(link, this::undeliverable);
        Ipv4 ipv4 = new Ipv4(link, arp);
        icmp = new Icmp(link, ipv4);
        udp = new Udp(link, ipv4, icmp);
        ethernet = new Ethernet(link, arp, ipv4, icmp, udp);
    }

    /** On a thread of the device's: the stack's own does what is due. */
    private void happened(DeviceEvent event, String detail) {
        if (event == DeviceEvent.ANNOUNCE) {
            announcementDue = true;
            wakeUp();
        }
    }

    /** A stack over a device that is UNCONFIGURED or STOPPED. */
    public static Builder builder(NetDev device) {
        return new Builder(device);
    }

    /**
     * One duty cycle: receives a burst, handles it, runs the timers that are due, and transmits. Never blocks. What a
     * handler or a listener throws comes out of here; the packets behind the one it was called for are handled by the next
     * call.
     *
     * @return packets received, timers run and packets transmitted; 0 when there was nothing to do
     */
    @Override
    public int doWork() {
        if (working) {
            throw new IllegalStateException("doWork called from within doWork, by a handler or a listener");
        }
        working = true;
        try {
            if (announcementDue) {
                announcementDue = false;
                announce();
            }
            int handled = receive();
            int expired = arp.nextDeadlineNs() == NEVER ? 0 : arp.runTimers(link.clock().nanoTime());
            int sent = link.transmitter().flush();
            if (handled + sent == 0) {
                attachment.tx().reclaim();
            }
            return handled + expired + sent;
        } finally {
            working = false;
        }
    }

    /** Handles a burst, or what is left of one that a handler ended by throwing; returns the number of packets. */
    private int receive() {
        if (next == received) {
            received = attachment.rx().receive(burst);
            next = 0;
        }
        int first = next;
        while (next < received) {
            NetBuf packet = burst[next];
            burst[next++] = null;
            ethernet.receive(packet);
        }
        return received - first;
    }

    /** The name of the device. */
    @Override
    public String roleName() {
        return "stack " + attachment.device().name();
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
        requireInterrupts();
        if (next < received) {
            return;
        }
        Transmitter transmitter = link.transmitter();
        transmitter.flush();
        long deadlineNs = nextDeadlineNs();
        long limitNs = deadlineNs == NEVER ? maxNs : Math.min(maxNs, deadlineNs - link.clock().nanoTime());
        if (limitNs > 0) {
            wait.await(attachment.rx(), transmitter.isEmpty() ? null : attachment.tx(), attachment.txInterrupts(),
                    limitNs);
        }
    }

    /** Ends a present {@link #await}, or the next one. Any thread. */
    public void wakeUp() {
        if (wait != null) {
            wait.wakeUp();
        }
    }

    /**
     * {@link #await} as an idle strategy for the agent runner of this stack, for 100 ms at most at a time, so that the
     * runner can be closed.
     *
     * @throws IllegalStateException unless the stack was built with {@link Builder#interrupts()}
     */
    public IdleStrategy interruptIdleStrategy() {
        requireInterrupts();
        return wait;
    }

    /**
     * When the stack next has something to do by itself, on its clock.
     *
     * @return nanoseconds, or {@link Long#MAX_VALUE} for never
     */
    public long nextDeadlineNs() {
        return arp.nextDeadlineNs();
    }

    /** Tells all neighbours our address by a broadcast (an ARP announcement, RFC 5227 §2.3). */
    public void announce() {
        arp.announce();
    }

    /**
     * Receives the datagrams sent to {@code port} and gives a socket to send from it.
     *
     * @param port 1..65535
     * @throws IllegalStateException if the port is bound already
     */
    public UdpSocket bindUdp(int port, UdpHandler handler) {
        return udp.bind(port, handler);
    }

    /** As {@link #bindUdp(int, UdpHandler)} on a free port of the dynamic range 49152..65535 (RFC 6335 §6). */
    public UdpSocket bindUdp(UdpHandler handler) {
        return udp.bindDynamic(handler);
    }

    /** A sender of ICMP echo requests with an identifier of its own. */
    public EchoClient openEcho(EchoListener listener) {
        return icmp.open(listener);
    }

    /**
     * An empty buffer of the stack's pool, to be filled by {@link NetBuf#append} and given to {@link UdpSocket#send(int, int,
     * NetBuf)}: it has the headroom for all headers, and room for {@link #maxUdpPayload()} bytes.
     *
     * @return the buffer, the caller's to send or free; null when the pool is empty (counted)
     */
    public NetBuf allocate() {
        return link.allocate();
    }

    /** Largest payload of a UDP datagram or an echo request, bytes. */
    public int maxUdpPayload() {
        return link.maxPayload();
    }

    public Ipv4Cidr address() {
        return link.cidr();
    }

    /** The counters at this moment. Any thread. */
    public StackStats stats() {
        return link.counters().snapshot();
    }

    /**
     * Stops the device and frees every packet and buffer that the stack holds; sockets and echo clients are dead from now
     * on. Idempotent.
     *
     * @throws IllegalStateException when called by a handler or a listener
     */
    @Override
    public void close() {
        if (working) {
            throw new IllegalStateException("a stack cannot be closed from within doWork, by a handler or a listener");
        }
        if (closed) {
            return;
        }
        closed = true;
        attachment.stop();
        NetBuf.free(burst, next, received - next);
        link.transmitter().close();
        arp.close();
        attachment.close();
    }

    private void requireInterrupts() {
        if (wait == null) {
            throw new IllegalStateException("this stack polls: build it with interrupts() to wait for packets");
        }
    }

    private void undeliverable(NetBuf frame) {
        icmp.undeliverable(frame);
    }

    /** What a stack is made of; each setter returns this. */
    public static final class Builder {
        private final NetDev device;
        private Ipv4Cidr address;
        private int gateway;
        private NanoClock clock = SystemNanoClock.INSTANCE;
        private int queueSize;
        private boolean interrupts;

        private Builder(NetDev device) {
            this.device = Objects.requireNonNull(device, "device");
        }

        /** Our address and subnet; required. */
        public Builder address(Ipv4Cidr address) {
            this.address = Objects.requireNonNull(address, "address");
            return this;
        }

        /** Where packets for other subnets go; without it they are not sent (counted). */
        public Builder gateway(int address) {
            gateway = address;
            return this;
        }

        /** Source of all time in the stack; the system's nanosecond clock by default. */
        public Builder clock(NanoClock clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /** Descriptors of each queue; 0, the default, lets the device choose. */
        public Builder queueSize(int descriptors) {
            queueSize = descriptors;
            return this;
        }

        /** Lets {@link NetStack#await} wait for packets; needs a device with RX_INTERRUPT. */
        public Builder interrupts() {
            interrupts = true;
            return this;
        }

        /**
         * Configures and starts the device.
         *
         * @throws IllegalStateException if the device is in the wrong state
         * @throws IllegalArgumentException if the address is missing, or it or the gateway cannot be a host's
         * @throws org.netdev4j.netdev.NetDevException if the device refuses
         */
        public NetStack build() {
            checkAddress();
            if (gateway != 0) {
                checkGateway();
            }
            return new NetStack(this);
        }

        private void checkAddress() {
            if (address == null) {
                throw new IllegalArgumentException("a stack needs an address: none was given");
            }
            if (!Ipv4Address.isHost(address.address()) || address.isBroadcast(address.address())) {
                throw new IllegalArgumentException("a host cannot have the address " + address
                        + ": it is a network, broadcast, multicast or loopback address");
            }
        }

        private void checkGateway() {
            boolean neighbour = address.contains(gateway) || address.prefixLength() == Integer.SIZE;
            if (!neighbour || gateway == address.address() || !Ipv4Address.isHost(gateway)
                    || address.isBroadcast(gateway)) {
                throw new IllegalArgumentException("gateway " + Ipv4Address.format(gateway)
                        + " is not possible: expected another host of the subnet of " + address);
            }
        }
    }
}
