package org.netdev4j.stack;

import java.nio.ByteBuffer;
import java.util.Arrays;

import org.netdev4j.netdev.MacAddress;

/** Frames as bytes, made without any code of the stack. */
final class Frames {
    static final String OUR_MAC = "02:00:00:00:00:02";
    static final String PEER_MAC = "02:00:00:00:00:01";
    static final String BROADCAST = "ff:ff:ff:ff:ff:ff";
    static final String OUR_IP = "10.7.0.2";
    static final String PEER_IP = "10.7.0.1";

    static final int ETHERNET = 14;
    static final int IPV4 = 20;
    static final int L4 = ETHERNET + IPV4;
    static final int ICMP = 1;
    static final int UDP = 17;

    private Frames() {}

    static byte[] ethernet(String destination, String source, int etherType, byte... payload) {
        ByteBuffer frame = ByteBuffer.allocate(ETHERNET + payload.length);
        return frame.put(mac(destination)).put(mac(source)).putShort((short) etherType).put(payload).array();
    }

    /** An ARP packet from the peer, to us if it is a reply, else to everybody. */
    static byte[] arp(int operation, String senderMac, String senderIp, String targetMac, String targetIp) {
        ByteBuffer packet = ByteBuffer.allocate(28);
        packet.putShort((short) 1).putShort((short) 0x0800).put((byte) 6).put((byte) 4).putShort((short) operation);
        packet.put(mac(senderMac)).putInt(ip(senderIp)).put(mac(targetMac)).putInt(ip(targetIp));
        return ethernet(operation == 1 ? BROADCAST : targetMac, senderMac, 0x0806, packet.array());
    }

    static byte[] arpRequest(String senderMac, String senderIp, String targetIp) {
        return arp(1, senderMac, senderIp, "00:00:00:00:00:00", targetIp);
    }

    /** An answer to us. */
    static byte[] arpReply(String senderMac, String senderIp) {
        return arp(2, senderMac, senderIp, OUR_MAC, OUR_IP);
    }

    /** A packet from the peer's MAC address to ours. */
    static byte[] ipv4(String source, String destination, int protocol, byte... payload) {
        return ethernet(OUR_MAC, PEER_MAC, 0x0800, packet(source, destination, protocol, payload));
    }

    /** As the stack sends it: to the peer's MAC address, DF set, no identification, 64 hops. */
    static byte[] ipv4FromUs(String destination, int protocol, byte... payload) {
        return ethernet(PEER_MAC, OUR_MAC, 0x0800, packet(OUR_IP, destination, protocol, payload));
    }

    static byte[] packet(String source, String destination, int protocol, byte... payload) {
        ByteBuffer packet = ByteBuffer.allocate(IPV4 + payload.length);
        packet.putShort((short) 0x4500).putShort((short) packet.capacity()).putShort((short) 0)
                .putShort((short) 0x4000);
        packet.put((byte) 64).put((byte) protocol).putShort((short) 0).putInt(ip(source)).putInt(ip(destination));
        packet.put(payload);
        return sumHeader(packet.array(), 0);
    }

    static byte[] icmp(int type, int code, int identifier, int sequence, byte... payload) {
        ByteBuffer message = ByteBuffer.allocate(8 + payload.length);
        message.put((byte) type).put((byte) code).putShort((short) 0).putShort((short) identifier)
                .putShort((short) sequence).put(payload);
        return message.putShort(2, (short) ~sum(message.array(), 0, message.capacity(), 0)).array();
    }

    static byte[] echoRequest(int identifier, int sequence, byte... payload) {
        return ipv4(PEER_IP, OUR_IP, ICMP, icmp(8, 0, identifier, sequence, payload));
    }

    static byte[] udp(String source, int sourcePort, String destination, int destinationPort, byte... payload) {
        ByteBuffer datagram = ByteBuffer.allocate(8 + payload.length);
        datagram.putShort((short) sourcePort).putShort((short) destinationPort);
        datagram.putShort((short) datagram.capacity()).putShort((short) 0).put(payload);
        int sum = sum(datagram.array(), 0, datagram.capacity(), pseudoHeader(source, destination, datagram.capacity()));
        return datagram.putShort(6, (short) (sum == 0xffff ? sum : ~sum)).array();
    }

    /** A datagram from the peer to us. */
    static byte[] datagram(int sourcePort, int destinationPort, byte... payload) {
        return ipv4(PEER_IP, OUR_IP, UDP, udp(PEER_IP, sourcePort, OUR_IP, destinationPort, payload));
    }

    /** The sum that a sender leaves in the checksum field when the device is to complete it. */
    static int pseudoHeader(String source, String destination, int length) {
        ByteBuffer header = ByteBuffer.allocate(12).putInt(ip(source)).putInt(ip(destination)).putShort((short) UDP)
                .putShort((short) length);
        return sum(header.array(), 0, 12, 0);
    }

    /** Corrects the IPv4 header checksum of a packet that begins at {@code at}. */
    static byte[] sumHeader(byte[] packet, int at) {
        ByteBuffer buffer = ByteBuffer.wrap(packet).putShort(at + 10, (short) 0);
        buffer.putShort(at + 10, (short) ~sum(packet, at, (packet[at] & 0xf) * 4, 0));
        return packet;
    }

    /** Bytes that count from 0. */
    static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    /** The frame with one byte of it replaced. */
    static byte[] with(byte[] frame, int index, int value) {
        byte[] changed = frame.clone();
        changed[index] = (byte) value;
        return changed;
    }

    /** As {@link #with}, in the IPv4 header, whose checksum is made right again. */
    static byte[] withHeader(byte[] frame, int index, int value) {
        return sumHeader(with(frame, ETHERNET + index, value), ETHERNET);
    }

    /** The frame with more bytes behind it. */
    static byte[] padded(byte[] frame, int bytes) {
        return Arrays.copyOf(frame, frame.length + bytes);
    }

    static int ip(String text) {
        int address = 0;
        for (String part : text.split("\\.", -1)) {
            address = address << 8 | Integer.parseInt(part);
        }
        return address;
    }

    /** The ones' complement sum, word by word. */
    static int sum(byte[] bytes, int from, int length, int start) {
        int sum = start;
        for (int i = 0; i < length; i++) {
            sum += (bytes[from + i] & 0xff) << (i % 2 == 0 ? 8 : 0);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    private static byte[] mac(String text) {
        ByteBuffer bytes = ByteBuffer.allocate(8).putLong(MacAddress.parse(text).value());
        return Arrays.copyOfRange(bytes.array(), 2, 8);
    }
}
