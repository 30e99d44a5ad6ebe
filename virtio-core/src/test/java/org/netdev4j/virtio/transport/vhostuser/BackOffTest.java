package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.netdev4j.virtio.testing.Rule;

class BackOffTest {
    @Test
    @Rule({"VU30", "VU31"})
    void attemptsBecomeRarerButNeverRarerThanOneASecond() {
        BackOff pauses = new BackOff();
        assertEquals(List.of(10, 20, 40, 80, 160, 320, 640, 1000, 1000, 1000),
                Stream.generate(pauses::nextMillis).limit(10).toList());
    }
}
