package org.netdev4j.netdev.offload;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;

import org.netdev4j.netbuf.GsoType;

/**
 * Frames built byte by byte from their fields, each header and checksum made from nothing: what segmentation is compared with.
 *
 * @param vlans VLAN tags
 * @param extras 32-bit words of IPv4 options, or 8-byte extension headers of IPv6
 * @param tcpOptions 32-bit words of TCP options
 * @param tcpFlags byte 13 of the TCP header
 * @param payloadLength bytes after the transport header; the length decides which
 */
public record SampleFrame(int vlans, boolean ipv6, int extras, boolean udp, int tcpOptions, int tcpFlags, int id,
        int sequence,
        int payloadLength) {
    static final int FIN = 0x01;
    static final int PSH = 0x08;
    static final int ACK = 0x10;
    static final int CWR = 0x80;

    private static final int[] EXTENSIONS = {0, 60, 43};

    /** TCP over IPv4 with a timestamp option. */
    public static SampleFrame tcp4(int payloadLength) {
        return new SampleFrame(0, false, 0, false, 3, ACK, 7, 1000, payloadLength);
    }

    /** UDP over IPv4. */
    public static SampleFrame udp4(int payloadLength) {
        return new SampleFrame(0, false, 0, true, 0, 0, 7, 0, payloadLength);
    }

    /** With other TCP flags. */
    public SampleFrame withFlags(int flags) {
        return new SampleFrame(vlans, ipv6, extras, udp, tcpOptions, flags, id, sequence, payloadLength);
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** What cuts it. */
    public GsoType gsoType() {
        if (udp) {
            return GsoType.UDP;
        }
        return ipv6 ? GsoType.TCP_IPV6 : GsoType.TCP_IPV4;
    }

    /** Where the transport header begins, bytes. */
    public int transport() {
        return 14 + 4 * vlans + (ipv6 ? 40 + 8 * extras : 20 + 4 * extras);
    }

    /** Bytes of all headers. */
    public int headers() {
        return transport() + (udp ? 8 : 20 + 4 * tcpOptions);
    }

    /** Where its checksum is in the transport header, bytes. */
    public int checksumOffset() {
        return udp ? 6 : 16;
    }

    /** The whole frame, its checksum field with the sum of the pseudo-header. */
    public byte[] partial() {
        byte[] frame = build(id, sequence, tcpFlags, bytes(payloadLength));
        put16(frame, transport() + checksumOffset(), sum(pseudoHeader(frame)));
        return frame;
    }

    /** What a device that cuts at {@code gsoSize} bytes puts on the wire as frame {@code index}. */
    public byte[] segment(int index, int gsoSize) {
        int from = index * gsoSize;
        int to = Math.min(payloadLength, from + gsoSize);
        int flags = tcpFlags;
        if (index > 0) {
            flags &= ~CWR;
        }
        if (to < payloadLength) {
            flags &= ~(FIN | PSH);
        }
        byte[] frame = build(id + index, sequence + from, flags, Arrays.copyOfRange(bytes(payloadLength), from, to));
        byte[] covered = Arrays.copyOfRange(frame, transport(), frame.length);
        int checksum = ~fold((long) sum(pseudoHeader(frame)) + sum(covered)) & 0xffff;
        put16(frame, transport() + checksumOffset(), checksum == 0 ? 0xffff : checksum);
        return frame;
    }

    /** How many {@link #segment} there are. */
    public int segments(int gsoSize) {
        return Math.max(1, (payloadLength + gsoSize - 1) / gsoSize);
    }

    private byte[] build(int ipId, int tcpSequence, int flags, byte[] data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[]{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1});
        for (int i = 0; i < vlans; i++) {
            put(out, vlans - i > 1 ? 0x88a8 : 0x8100, 5 + i);
        }
        int transportLength = headers() - transport() + data.length;
        if (ipv6) {
            put(out, 0x86dd, 0x6000, 0, 8 * extras + transportLength);
            out.write(extras == 0 ? protocol() : EXTENSIONS[0]);
            out.write(64);
            out.writeBytes(addresses());
            for (int i = 1; i <= extras; i++) {
                out.write(i == extras ? protocol() : EXTENSIONS[i % EXTENSIONS.length]);
                out.writeBytes(new byte[]{0, 1, 4, 0, 0, 0, 0});
            }
        } else {
            byte[] header = new byte[20 + 4 * extras];
            header[0] = (byte) (0x45 + extras);
            put16(header, 2, header.length + transportLength);
            put16(header, 4, ipId);
            header[6] = 0x40;
            header[8] = 64;
            header[9] = (byte) protocol();
            System.arraycopy(addresses(), 0, header, 12, 8);
            Arrays.fill(header, 20, header.length, (byte) 1);
            put16(header, 10, ~sum(header));
            put(out, 0x0800);
            out.writeBytes(header);
        }
        if (udp) {
            put(out, 4000, 5000, transportLength, 0);
        } else {
            put(out, 4000, 5000, tcpSequence >>> 16, tcpSequence, 0, 99);
            put(out, (5 + tcpOptions) << 12 | flags, 512, 0, 0);
            for (int i = 0; i < tcpOptions; i++) {
                put(out, 0x0101, 0x0101);
            }
        }
        out.writeBytes(data);
        return out.toByteArray();
    }

    private int protocol() {
        return udp ? 17 : 6;
    }

    private byte[] addresses() {
        byte[] addresses = new byte[ipv6 ? 32 : 8];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = (byte) (i * 37 + 10);
        }
        return addresses;
    }

    /** RFC 9293 §3.1, RFC 768, RFC 8200 §8.1. */
    private byte[] pseudoHeader(byte[] frame) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int length = frame.length - transport();
        out.writeBytes(addresses());
        put(out, length >>> 16, length, protocol());
        return out.toByteArray();
    }

    private static int sum(byte[] bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.length; i++) {
            sum += (long) (bytes[i] & 0xff) << ((i & 1) == 0 ? 8 : 0);
        }
        return fold(sum);
    }

    private static int fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) folded;
    }

    private static void put(ByteArrayOutputStream out, int... words) {
        for (int word : words) {
            out.write(word >>> 8);
            out.write(word);
        }
    }

    private static void put16(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }
}
