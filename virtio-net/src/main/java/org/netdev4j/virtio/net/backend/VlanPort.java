package org.netdev4j.virtio.net.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.net.device.ContiguousFrame;
import org.netdev4j.virtio.net.device.CounterSet;
import org.netdev4j.virtio.net.device.ForwardingBackend;
import org.netdev4j.virtio.net.device.ForwardingReceiver;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameMemory;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.OffloadRequest;
import org.netdev4j.virtio.net.device.Verdict;

/**
 * The access port of one VLAN, between a device and another back-end (IEEE 802.1Q §6.9): frames of the driver's leave with its tag,
 * of those that come only the ones with that tag arrive, without it. What the driver tags itself, and what comes with another tag
 * or none, is dropped and counted. Each frame is copied once. On the thread of the device's loop.
 */
public final class VlanPort extends ForwardingBackend {
    private static final ValueLayout.OfShort BE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt BE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int MAX_VLAN = 4094;
    private static final int VLAN_MASK = 0xfff;
    private static final int ADDRESSES = 12;
    private static final int TAG = 4;
    private static final int TAGGED = 0x8100;

    private final int vlan;
    private final MemoryRegion region = MemoryRegion.allocate("VLAN scratch", Frame.MAX_LENGTH + TAG);
    private final MemorySegment scratch = region.segment();
    private final ContiguousFrame changed = new ContiguousFrame();
    private final CounterSet<VlanCounter> counters = new CounterSet<>(VlanCounter.class);

    /**
     * Puts what passes to and from {@code backend}, which it owns from now on, in VLAN {@code id}.
     *
     * @throws IllegalArgumentException if the id is not 1..4094
     */
    public VlanPort(NetBackend backend, int id) {
        if (id < 1 || id > MAX_VLAN) {
            throw new IllegalArgumentException("VLAN " + id + ", allowed are 1 to " + MAX_VLAN);
        }
        super(backend);
        vlan = id;
    }

    @Override
    public void attach(FrameReceiver receiver) {
        super.attach(new Inside(receiver));
    }

    @Override
    public Verdict transmit(Frame frame) {
        int length = frame.length();
        if (length < Frame.HEADER_LENGTH || length > Frame.MAX_LENGTH) {
            counters.increment(VlanCounter.DROP_TAGGED);
            return Verdict.DROPPED;
        }
        frame.copyTo(0, scratch, 0, ADDRESSES);
        frame.copyTo(ADDRESSES, scratch, ADDRESSES + TAG, length - ADDRESSES);
        if (type(ADDRESSES + TAG) == TAGGED) {
            counters.increment(VlanCounter.DROP_TAGGED);
            return Verdict.DROPPED;
        }
        scratch.set(BE32, ADDRESSES, TAGGED << 16 | vlan);
        Verdict verdict = backend().transmit(show(frame, length + TAG, TAG));
        if (verdict == Verdict.CONSUMED) {
            counters.increment(VlanCounter.TAGGED);
        }
        return verdict;
    }

    private int type(int at) {
        return scratch.get(BE16, at) & 0xffff;
    }

    /** What is in the scratch memory, asking for what {@code original} asked for. */
    private Frame show(Frame original, int length, int moved) {
        changed.show(scratch, 0, length);
        changed.sentOn(original.pair());
        changed.offload().set(original.offload());
        changed.offload().move(moved);
        return changed;
    }

    @Override
    public Map<String, Long> counters() {
        Map<String, Long> all = new LinkedHashMap<>(super.counters());
        counters.snapshot().forEach((counter, count) -> all.put("vlan " + vlan + " " + counter, count));
        return all;
    }

    @Override
    public void close() {
        super.close();
        region.close();
    }

    /** Between the back-end and its device. */
    private final class Inside extends ForwardingReceiver {

        Inside(FrameReceiver receiver) {
            super(receiver);
        }

        @Override
        public Verdict receive(Frame frame) {
            return isOurs(frame) ? counted(receiver().receive(untagged(frame))) : Verdict.DROPPED;
        }

        @Override
        public Verdict receive(Frame frame, int pair) {
            return isOurs(frame) ? counted(receiver().receive(untagged(frame), pair)) : Verdict.DROPPED;
        }

        /** Looks at a copy, which then is what arrives: the bytes may change. */
        private boolean isOurs(Frame frame) {
            int length = frame.length();
            if (length >= Frame.HEADER_LENGTH + TAG && length <= Frame.MAX_LENGTH) {
                frame.copyTo(ADDRESSES, scratch, ADDRESSES - TAG, length - ADDRESSES);
                if (type(ADDRESSES - TAG) == TAGGED && (type(ADDRESSES - TAG + Short.BYTES) & VLAN_MASK) == vlan) {
                    return true;
                }
            }
            counters.increment(VlanCounter.DROP_OTHER_VLAN);
            return false;
        }

        private Frame untagged(Frame frame) {
            frame.copyTo(0, scratch, 0, ADDRESSES);
            return show(frame, frame.length() - TAG, -TAG);
        }

        private Verdict counted(Verdict verdict) {
            if (verdict == Verdict.CONSUMED) {
                counters.increment(VlanCounter.UNTAGGED);
            }
            return verdict;
        }

        /** A frame has to be looked at before it is in the driver's buffer. */
        @Override
        public boolean lends() {
            return false;
        }

        @Override
        public FrameMemory borrow() {
            throw new IllegalStateException("no buffers are lent here");
        }

        @Override
        public Verdict commit(int length, OffloadRequest offload) {
            throw new IllegalStateException("no buffers are lent here");
        }

        @Override
        public void giveBack() {
            throw new IllegalStateException("no buffers are lent here");
        }

    }
}
