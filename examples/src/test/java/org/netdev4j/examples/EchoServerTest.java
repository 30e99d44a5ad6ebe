package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.netdev4j.stack.Ipv4Cidr;
import org.netdev4j.stack.UdpSocket;

@Timeout(30)
class EchoServerTest {
    private static final Ipv4Cidr SERVER = Ipv4Cidr.parse("10.7.0.1/24");
    private static final Ipv4Cidr CLIENT = Ipv4Cidr.parse("10.7.0.2/24");

    @Test
    void anotherEchoServerIsNotAnswered() {
        List<String> answers = new ArrayList<>();
        try (Host server = Host.open("hub:echo-test", SERVER, null, true);
                Host client = Host.open("hub:echo-test", CLIENT, null, true);
                EchoServer _ = new EchoServer(server, 1007, WaitMode.INTERRUPT, () -> {});
                Arena arena = Arena.ofConfined()) {
            MemorySegment payload = arena.allocate(8);
            for (int port : new int[]{7, 1007, 40_000}) {
                UdpSocket socket = client.stack().bindUdp(port, datagram -> answers.add("port " + port));
                socket.send(SERVER.address(), 1007, payload, 0, 8);
            }
            // In order: once the last is answered, the first two were not.
            while (answers.isEmpty()) {
                client.stack().doWork();
            }
        }
        assertEquals(List.of("port 40000"), answers);
    }
}
