package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.net.NetFeature;

/**
 * Which frames the driver wants (virtio 1.4 §5.1.9.5.1 to §5.1.9.5.3): by VLAN first, then by destination. Without CTRL_RX
 * every destination is wanted, without CTRL_VLAN every tag.
 */
final class ReceiveFilter implements AutoCloseable {
    /** Most addresses of each kind in the table; of a longer one all frames of that kind are wanted. */
    static final int MAX_ADDRESSES = 64;
    static final int VLANS = 4096;

    private static final ValueLayout.OfLong BE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort BE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final long BROADCAST = 0xffff_ffff_ffffL;
    private static final long GROUP = 1L << 40;
    /** The driver made an address up and did not say which. */
    private static final long UNKNOWN = -1;
    private static final int TYPE_AT = 12;
    private static final int TAGGED = 0x8100;
    private static final int NEEDED = 18;

    /** What {@link #check} says. */
    enum Outcome {
        WANTED, OTHER_ADDRESS, OTHER_VLAN
    }

    private final MemoryRegion region = MemoryRegion.allocate("virtio-net filter scratch", NEEDED);
    private final MemorySegment scratch = region.segment();
    private final long[] vlans = new long[VLANS / Long.SIZE];
    private boolean byAddress;
    private boolean byVlan;
    private long mac;
    private boolean promiscuous;
    private boolean allMulticast;
    private boolean allUnicast;
    private boolean noMulticast;
    private boolean noUnicast;
    private boolean noBroadcast;
    private long[] unicast = {};
    private long[] multicast = {};
    private boolean unicastOverflow;
    private boolean multicastOverflow;

    /** As after a reset: the tables are empty, and every address is wanted until the driver says otherwise, as with QEMU. */
    void start(Features negotiated, MacAddress address) {
        byAddress = negotiated.has(NetFeature.CTRL_RX);
        byVlan = negotiated.has(NetFeature.CTRL_VLAN);
        mac = negotiated.has(NetFeature.MAC) ? address.value() : UNKNOWN;
        promiscuous = true;
        allMulticast = false;
        allUnicast = false;
        noMulticast = false;
        noUnicast = false;
        noBroadcast = false;
        addresses(new long[0], new long[0]);
        Arrays.fill(vlans, 0);
    }

    void mac(MacAddress address) {
        mac = address.value();
    }

    void promiscuous(boolean on) {
        promiscuous = on;
    }

    void allMulticast(boolean on) {
        allMulticast = on;
    }

    void allUnicast(boolean on) {
        allUnicast = on;
    }

    void noMulticast(boolean on) {
        noMulticast = on;
    }

    void noUnicast(boolean on) {
        noUnicast = on;
    }

    void noBroadcast(boolean on) {
        noBroadcast = on;
    }

    /** Replaces the table. */
    void addresses(long[] unicastAddresses, long[] multicastAddresses) {
        unicastOverflow = unicastAddresses.length > MAX_ADDRESSES;
        multicastOverflow = multicastAddresses.length > MAX_ADDRESSES;
        unicast = unicastOverflow ? new long[0] : unicastAddresses;
        multicast = multicastOverflow ? new long[0] : multicastAddresses;
    }

    void addVlan(int id) {
        vlans[id >>> 6] |= 1L << id;
    }

    void removeVlan(int id) {
        vlans[id >>> 6] &= ~(1L << id);
    }

    /** True if every frame is wanted: they need not be looked at. */
    boolean isOpen() {
        return !byVlan && (!byAddress || (promiscuous && !noMulticast && !noUnicast && !noBroadcast));
    }

    /** @param frame of at least an Ethernet header */
    Outcome check(FrameMemory frame, int length) {
        MemorySegment memory = frame.segment(0);
        long at = frame.offset(0);
        if (frame.length(0) < NEEDED) {
            frame.copyTo(0, scratch, 0, Math.min(NEEDED, length));
            memory = scratch;
            at = 0;
        }
        if (byVlan && length >= NEEDED && (memory.get(BE16, at + TYPE_AT) & 0xffff) == TAGGED
                && !hasVlan(memory.get(BE16, at + TYPE_AT + 2) & VLANS - 1)) {
            return Outcome.OTHER_VLAN;
        }
        return !byAddress || isWanted(memory.get(BE64, at) >>> 16) ? Outcome.WANTED : Outcome.OTHER_ADDRESS;
    }

    private boolean hasVlan(int id) {
        return (vlans[id >>> 6] >>> id & 1) != 0;
    }

    /** What is refused wins over what is allowed (virtio 1.4 §5.1.9.5.1.1). */
    private boolean isWanted(long destination) {
        if (destination == BROADCAST) {
            return !noBroadcast;
        }
        if ((destination & GROUP) != 0) {
            return !noMulticast && (promiscuous || allMulticast || multicastOverflow
                    || contains(multicast, destination));
        }
        return !noUnicast && (destination == mac || mac == UNKNOWN || promiscuous || allUnicast || unicastOverflow
                || contains(unicast, destination));
    }

    private static boolean contains(long[] addresses, long address) {
        for (long one : addresses) {
            if (one == address) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        region.close();
    }
}
