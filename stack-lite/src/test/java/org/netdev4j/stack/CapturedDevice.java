package org.netdev4j.stack;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.DeviceEvent;
import org.netdev4j.netdev.DeviceListener;
import org.netdev4j.netdev.LinkState;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.NetDevInfo;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.netdev.QueueInfo;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;

/**
 * A device whose other end is a test: frames to receive are put in as bytes or packets, frames sent come out as bytes, or
 * cross to a peer at once.
 */
class CapturedDevice implements NetDevOps {
    static final int RX_HEADROOM = 12;
    static final int QUEUE_SIZE = 32;

    private DeviceListener listener;

    final MacAddress mac;
    final int mtu;
    final Set<Capability> capabilities = EnumSet.of(Capability.RX_INTERRUPT);
    /** What was sent and not taken yet. */
    final Queue<byte[]> sent = new ArrayDeque<>();
    /** {@link NetBuf#flags()} of each frame in {@link #sent}. */
    final Queue<Integer> sentFlags = new ArrayDeque<>();
    /** Frames that the transmit queue takes from now on. */
    int transmitSpace = Integer.MAX_VALUE;
    /** Where frames go instead of {@link #sent}, or null. */
    CapturedDevice peer;
    NetBufPool pool;
    RxQueueConfig rxConfig;
    TxQueueConfig txConfig;
    boolean rxArmed;
    boolean txArmed;
    int reclaims;

    private final List<NetBuf> arrived = new ArrayList<>();

    CapturedDevice(String mac, int mtu) {
        this.mac = MacAddress.parse(mac);
        this.mtu = mtu;
    }

    /** A frame arrives. */
    void arrive(byte[] frame) {
        NetBuf buf = pool.allocate();
        buf.append(frame.length);
        buf.copyFrom(0, MemorySegment.ofArray(frame), 0, frame.length);
        arrive(buf);
    }

    /** A packet arrives as it is. */
    void arrive(NetBuf packet) {
        arrived.add(packet);
        if (rxArmed) {
            rxArmed = false;
            rxConfig.listener().onInterrupt(0);
        }
    }

    private void leave(NetBuf packet) {
        byte[] frame = new byte[packet.totalLength()];
        packet.copyTo(0, MemorySegment.ofArray(frame), 0, frame.length);
        if (peer == null) {
            sent.add(frame);
            sentFlags.add(packet.flags());
        } else {
            peer.arrive(frame);
        }
        packet.free();
    }

    @Override
    public String driverName() {
        return "captured";
    }

    @Override
    public void probe() {}

    @Override
    public NetDevInfo info() {
        return NetDevInfo.pairs(1).withMaxMtu(mtu).withHeadroom(RX_HEADROOM, RX_HEADROOM)
                .withCapabilities(capabilities);
    }

    @Override
    public QueueInfo rxQueueInfo(int index) {
        return new QueueInfo(QUEUE_SIZE, 1, QUEUE_SIZE, true);
    }

    @Override
    public QueueInfo txQueueInfo(int index) {
        return rxQueueInfo(index);
    }

    @Override
    public void configure(NetDevConfig config) {}

    @Override
    public RxQueue configureRxQueue(int index, RxQueueConfig config) {
        rxConfig = config;
        pool = config.pool();
        return new Rx(index);
    }

    @Override
    public TxQueue configureTxQueue(int index, TxQueueConfig config) {
        txConfig = config;
        return new Tx(index);
    }

    @Override
    public void start() {}

    @Override
    public void stop() {
        arrived.forEach(NetBuf::free);
        arrived.clear();
    }

    @Override
    public void close() {}

    @Override
    public MacAddress macAddress() {
        return mac;
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public boolean promiscuous() {
        return false;
    }

    @Override
    public void onEvent(DeviceListener deviceListener) {
        listener = deviceListener;
    }

    /** As if the device had found out. */
    void happens(DeviceEvent event) {
        listener.onEvent(event, "test");
    }

    @Override
    public LinkState linkState() {
        return LinkState.UP;
    }

    @Override
    public MemoryRegion allocateMemory(String name, long bytes) {
        return MemoryRegion.allocate(name, bytes);
    }

    @Override
    public void attachMemory(MemoryRegion region) {}

    @Override
    public void detachMemory(MemoryRegion region) {}

    private final class Rx extends RxQueue {
        Rx(int index) {
            super(index);
        }

        @Override
        protected int receiveBurst(NetBuf[] bufs, int from, int count) {
            int n = Math.min(count, arrived.size());
            for (int i = 0; i < n; i++) {
                bufs[from + i] = arrived.remove(0);
            }
            return n;
        }

        @Override
        protected boolean arm() {
            rxArmed = arrived.isEmpty();
            return rxArmed;
        }

        @Override
        protected void disarm() {
            rxArmed = false;
        }

        @Override
        protected void raise() {
            throw new UnsupportedOperationException();
        }
    }

    private final class Tx extends TxQueue {
        Tx(int index) {
            super(index);
        }

        @Override
        protected int transmitBurst(NetBuf[] bufs, int from, int count) {
            int n = Math.min(count, transmitSpace);
            transmitSpace -= n;
            for (int i = 0; i < n; i++) {
                leave(bufs[from + i]);
                bufs[from + i] = null;
            }
            return n;
        }

        @Override
        protected int reclaimCompleted() {
            reclaims++;
            return 0;
        }

        @Override
        protected int freeSlots() {
            return transmitSpace;
        }

        @Override
        protected boolean arm() {
            txArmed = transmitSpace == 0;
            return txArmed;
        }

        @Override
        protected void disarm() {
            txArmed = false;
        }

        @Override
        protected void raise() {
            throw new UnsupportedOperationException();
        }
    }
}
