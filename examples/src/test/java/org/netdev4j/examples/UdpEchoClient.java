package org.netdev4j.examples;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.Random;

/**
 * Linux's own UDP as a client of the echo service, to be run in a namespace: {@code UdpEchoClient HOST PORT FROM TO}
 * sends a datagram of each size, random bytes, and compares what comes back. Exit code 0 if nothing was lost or changed.
 */
final class UdpEchoClient {
    private UdpEchoClient() {}

    public static void main(String[] args) throws Exception {
        InetAddress host = InetAddress.getByName(args[0]);
        int port = Integer.parseInt(args[1]);
        Random random = new Random(port);
        int lost = 0;
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(2000);
            for (int size = Integer.parseInt(args[2]); size <= Integer.parseInt(args[3]); size++) {
                byte[] sent = new byte[size];
                random.nextBytes(sent);
                socket.send(new DatagramPacket(sent, size, host, port));
                DatagramPacket received = new DatagramPacket(new byte[65536], 65536);
                try {
                    socket.receive(received);
                } catch (SocketTimeoutException e) {
                    System.out.println("lost: " + size + " bytes");
                    lost++;
                    continue;
                }
                if (!Arrays.equals(sent, Arrays.copyOf(received.getData(), received.getLength()))) {
                    System.out.println("changed: " + size + " bytes");
                    lost++;
                }
            }
        }
        System.out.println(lost + " lost or changed");
        System.exit(lost == 0 ? 0 : 1);
    }
}
