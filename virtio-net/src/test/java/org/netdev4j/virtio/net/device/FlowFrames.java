package org.netdev4j.virtio.net.device;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Frames of flows, with as much in them as a hash is made of. */
final class FlowFrames {
    static final int TCP = 6;
    static final int UDP = 17;
    static final int ICMP = 1;
    static final byte[] NO_EXTENSIONS = {};

    static final int HOP_BY_HOP = 0;
    static final int DESTINATION_OPTIONS = 60;

    private FlowFrames() {}

    static byte[] address(String text) {
        try {
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Over IPv4 or IPv6, as the addresses are. */
    static byte[] frame(String source, int sourcePort, String destination, int destinationPort, int protocol) {
        return frame(address(source), sourcePort, address(destination), destinationPort, protocol);
    }

    static byte[] frame(byte[] source, int sourcePort, byte[] destination, int destinationPort, int protocol) {
        return source.length == 4
                ? ipv4(source, sourcePort, destination, destinationPort, protocol, 0)
                : ipv6(source, sourcePort, destination, destinationPort, protocol, protocol, NO_EXTENSIONS);
    }

    /** @param fragment flags and offset */
    static byte[] ipv4(byte[] source, int sourcePort, byte[] destination, int destinationPort, int protocol,
            int fragment) {
        return ByteBuffer.allocate(14 + 20 + 20).position(12).putShort((short) 0x0800)
                .put((byte) 0x45).put((byte) 0).putShort((short) 40).putShort((short) 1).putShort((short) fragment)
                .put((byte) 64).put((byte) protocol).putShort((short) 0).put(source).put(destination)
                .putShort((short) sourcePort).putShort((short) destinationPort).array();
    }

    /**
     * With extension headers.
     *
     * @param next the kind of the first, or the protocol
     * @param extensions whose last names the protocol
     */
    static byte[] ipv6(byte[] source, int sourcePort, byte[] destination, int destinationPort, int protocol, int next,
            byte[] extensions) {
        int kind = extensions.length == 0 ? protocol : next;
        return ByteBuffer.allocate(14 + 40 + extensions.length + 20).position(12).putShort((short) 0x86dd)
                .putInt(0x6000_0000).putShort((short) (extensions.length + 20)).put((byte) kind).put((byte) 64)
                .put(source).put(destination).put(extensions)
                .putShort((short) sourcePort).putShort((short) destinationPort).array();
    }

    /** A hop-by-hop header of padding. */
    static byte[] hopByHop(int protocol) {
        return new byte[]{(byte) protocol, 0, 1, 4, 0, 0, 0, 0};
    }

    /** Destination options with a home address (RFC 6275 §6.3). */
    static byte[] homeAddress(int protocol, byte[] home) {
        return ByteBuffer.allocate(24).put((byte) protocol).put((byte) 2).put((byte) 1).put((byte) 2)
                .putShort((short) 0)
                .put((byte) 0xc9).put((byte) 16).put(home).array();
    }
}
