package org.netdev4j.virtio.net.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Finds in a frame what says which flow it belongs to: addresses and ports of IPv4 and IPv6, TCP and UDP. A fragment has no
 * ports. Reads bytes once; whatever they are, it ends and reads nothing outside the frame. Reused.
 */
final class FlowParser {
    static final int NO_PORTS = 0;
    static final int TCP = 6;
    static final int UDP = 17;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort BE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int MAX_HEADERS = 256;
    private static final int TYPE_IPV4 = 0x0800;
    private static final int TYPE_IPV6 = 0x86dd;
    private static final int TYPE_VLAN = 0x8100;
    private static final int TYPE_SERVICE_VLAN = 0x88a8;
    private static final int IPV6_ADDRESS = 16;
    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int DESTINATION_OPTIONS = 60;
    private static final int ROUTING_TYPE_2 = 2;
    private static final int PAD1 = 0;
    private static final int HOME_ADDRESS = 0xc9;

    private final MemorySegment bytes = Arena.ofAuto().allocate(MAX_HEADERS);
    private int known;
    private boolean ipv4;
    private boolean ipv6;
    private int protocol;
    private int source;
    private int destination;
    private boolean extended;
    private int extendedSource;
    private int extendedDestination;
    private int ports;

    /** Looks at the beginning of {@code frame}. */
    void parse(FrameMemory frame, int length) {
        known = Math.min(length, MAX_HEADERS);
        frame.copyTo(0, bytes, 0, known);
        ipv4 = false;
        ipv6 = false;
        protocol = NO_PORTS;
        int network = 14;
        int type = known >= network ? u16(network - 2) : 0;
        while ((type == TYPE_VLAN || type == TYPE_SERVICE_VLAN) && network + 4 <= known) {
            network += 4;
            type = u16(network - 2);
        }
        if (type == TYPE_IPV4) {
            parseIpv4(network);
        } else if (type == TYPE_IPV6) {
            parseIpv6(network);
        }
    }

    private void parseIpv4(int at) {
        if (at + 20 > known || u8(at) >>> 4 != 4) {
            return;
        }
        int headerLength = (u8(at) & 0xf) << 2;
        if (headerLength < 20) {
            return;
        }
        ipv4 = true;
        source = at + 12;
        destination = at + 16;
        if ((u16(at + 6) & 0x3fff) == 0) {
            transport(u8(at + 9), at + headerLength);
        }
    }

    private void parseIpv6(int at) {
        if (at + 40 > known || u8(at) >>> 4 != 6) {
            return;
        }
        ipv6 = true;
        source = at + 8;
        destination = at + 24;
        extended = false;
        extendedSource = source;
        extendedDestination = destination;
        int next = u8(at + 6);
        int header = at + 40;
        while (next == HOP_BY_HOP || next == ROUTING || next == DESTINATION_OPTIONS) {
            extended = true;
            if (header + 8 > known) {
                return;
            }
            int end = header + ((u8(header + 1) + 1) << 3);
            if (next == ROUTING) {
                routing(header, end);
            } else if (next == DESTINATION_OPTIONS) {
                options(header + 2, end);
            }
            next = u8(header);
            header = end;
        }
        if (next == FRAGMENT) {
            extended = true;
        } else {
            transport(next, header);
        }
    }

    /** The final destination (RFC 6275 §6.4). */
    private void routing(int header, int end) {
        if (u8(header + 2) == ROUTING_TYPE_2 && header + 8 + IPV6_ADDRESS <= Math.min(end, known)) {
            extendedDestination = header + 8;
        }
    }

    /** The home address (RFC 6275 §6.3). */
    private void options(int first, int end) {
        int at = first;
        int limit = Math.min(end, known);
        while (at + 1 < limit) {
            int option = u8(at);
            if (option == PAD1) {
                at++;
                continue;
            }
            int length = u8(at + 1);
            if (option == HOME_ADDRESS && length == IPV6_ADDRESS && at + 2 + IPV6_ADDRESS <= limit) {
                extendedSource = at + 2;
            }
            at += 2 + length;
        }
    }

    private void transport(int next, int at) {
        if ((next == TCP || next == UDP) && at + 4 <= known) {
            protocol = next;
            ports = at;
        }
    }

    boolean isIpv4() {
        return ipv4;
    }

    boolean isIpv6() {
        return ipv6;
    }

    /** {@link #TCP}, {@link #UDP} or {@link #NO_PORTS}. */
    int protocol() {
        return protocol;
    }

    /** True if there are extension headers behind the IPv6 header. */
    boolean isExtended() {
        return extended;
    }

    /**
     * Puts addresses, and ports if {@code withPorts}, into {@code input} as they are hashed.
     *
     * @param withExtensions take the addresses of extension headers
     * @return bytes
     */
    int input(byte[] input, boolean withPorts, boolean withExtensions) {
        int address = ipv4 ? 4 : IPV6_ADDRESS;
        copy(withExtensions ? extendedSource : source, input, 0, address);
        copy(withExtensions ? extendedDestination : destination, input, address, address);
        if (!withPorts) {
            return 2 * address;
        }
        copy(ports, input, 2 * address, 4);
        return 2 * address + 4;
    }

    private void copy(int from, byte[] input, int to, int length) {
        MemorySegment.copy(bytes, BYTE, from, input, to, length);
    }

    /** The same number for both directions of a flow; of a frame that is not IP, for both of its MAC addresses. */
    int symmetricHash() {
        int hash;
        if (ipv4) {
            hash = fold(source, 4) ^ fold(destination, 4);
        } else if (ipv6) {
            hash = fold(source, IPV6_ADDRESS) ^ fold(destination, IPV6_ADDRESS);
        } else {
            hash = known < 14 ? 0 : fold(0, 6) ^ fold(6, 6) ^ u16(12);
        }
        if (protocol != NO_PORTS) {
            hash ^= (u16(ports) ^ u16(ports + 2)) * 31 + protocol;
        }
        hash *= 0x9e3779b1;
        return hash ^ (hash >>> 15);
    }

    private int fold(int at, int length) {
        int folded = 0;
        for (int i = 0; i < length; i += 2) {
            folded = Integer.rotateLeft(folded, 5) + u16(at + i);
        }
        return folded;
    }

    private int u8(int at) {
        return bytes.get(BYTE, at) & 0xff;
    }

    private int u16(int at) {
        return bytes.get(BE16, at) & 0xffff;
    }
}
