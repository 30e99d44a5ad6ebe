package org.netdev4j.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class NetStackTest {
    @Test
    void answersAnEchoRequest() {
        try (Host host = new Host()) {
            host.receive(Frames.echoRequest(7, 1, new byte[]{1, 2, 3}));
            host.assertSent(Frames.ipv4FromUs(Frames.PEER_IP, Frames.ICMP,
                    Frames.icmp(0, 0, 7, 1, new byte[]{1, 2, 3})));
            assertEquals(1, host.count(StackCounter.ECHO_REQUESTS_ANSWERED));
        }
    }
}
