package org.netdev4j.virtio.net.device;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetHeader;

/**
 * The kinds of work that a frame may leave to whoever takes it, each direction for itself (virtio 1.4 §5.1.9.2, §5.1.9.4).
 *
 * @param bits of the constants here
 */
public record Offloads(int bits) {
    /** A checksum of which only the pseudo-header is summed. */
    public static final int CHECKSUM = 1;
    /** TCP over IPv4 larger than the MTU. */
    public static final int TSO4 = 1 << 1;
    /** TCP over IPv6 larger than the MTU. */
    public static final int TSO6 = 1 << 2;
    /** TCP with the CWR flag, where TCP is taken. */
    public static final int ECN = 1 << 3;
    /** UDP over IPv4 larger than the MTU. */
    public static final int USO4 = 1 << 4;
    /** UDP over IPv6 larger than the MTU. */
    public static final int USO6 = 1 << 5;

    /** Complete frames of the MTU at most. */
    public static final Offloads NONE = new Offloads(0);
    /** Of all there is the checksum alone. */
    public static final Offloads PARTIAL_CHECKSUM = new Offloads(CHECKSUM);
    public static final Offloads ALL = new Offloads(CHECKSUM | TSO4 | TSO6 | ECN | USO4 | USO6);

    private static final int SEGMENTS = TSO4 | TSO6 | USO4 | USO6;

    public Offloads {
        if ((bits & ~(CHECKSUM | TSO4 | TSO6 | ECN | USO4 | USO6)) != 0) {
            throw new IllegalArgumentException("unknown offloads 0x" + Integer.toHexString(bits));
        }
    }

    /** What the driver takes in frames that it receives. */
    public static Offloads ofGuest(Features negotiated) {
        return new Offloads(bit(negotiated, NetFeature.GUEST_CSUM, CHECKSUM)
                | bit(negotiated, NetFeature.GUEST_TSO4, TSO4) | bit(negotiated, NetFeature.GUEST_TSO6, TSO6)
                | bit(negotiated, NetFeature.GUEST_ECN, ECN) | bit(negotiated, NetFeature.GUEST_USO4, USO4)
                | bit(negotiated, NetFeature.GUEST_USO6, USO6));
    }

    /** What the driver may ask for in frames that it transmits. */
    public static Offloads ofHost(Features negotiated) {
        return new Offloads(bit(negotiated, NetFeature.CSUM, CHECKSUM)
                | bit(negotiated, NetFeature.HOST_TSO4, TSO4) | bit(negotiated, NetFeature.HOST_TSO6, TSO6)
                | bit(negotiated, NetFeature.HOST_ECN, ECN) | bit(negotiated, NetFeature.HOST_USO, USO4 | USO6));
    }

    private static int bit(Features negotiated, NetFeature feature, int bit) {
        return negotiated.has(feature) ? bit : 0;
    }

    public boolean has(int offload) {
        return (bits & offload) == offload;
    }

    /** True if frames may be larger than the MTU. */
    public boolean hasSegments() {
        return (bits & SEGMENTS) != 0;
    }

    /**
     * True if these kinds cover all that {@code request} asks for; false for a type of segmentation that is none.
     *
     * @param ipv6 the frame is IPv6; matters for UDP segments alone
     */
    public boolean cover(OffloadRequest request, boolean ipv6) {
        int needed = request.needsChecksum() ? CHECKSUM : 0;
        int gsoType = request.gsoType();
        needed |= switch (gsoType & ~NetHeader.GSO_ECN) {
            case NetHeader.GSO_NONE -> 0;
            case NetHeader.GSO_TCPV4 -> TSO4;
            case NetHeader.GSO_TCPV6 -> TSO6;
            case NetHeader.GSO_UDP_L4 -> ipv6 ? USO6 : USO4;
            default -> -1;
        };
        if ((gsoType & NetHeader.GSO_ECN) != 0) {
            needed |= ECN;
        }
        return (bits & needed) == needed;
    }
}
