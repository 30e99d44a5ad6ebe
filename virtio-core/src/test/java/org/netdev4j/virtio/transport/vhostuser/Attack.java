package org.netdev4j.virtio.transport.vhostuser;

import java.util.Arrays;

import org.junit.jupiter.api.Named;

/** What a hostile front-end does; the connection does not outlive it. */
@FunctionalInterface
interface Attack {
    /** @param event a descriptor to send along */
    void on(RawFrontEnd raw, BackEndFixture fixture, int event);

    static Named<Attack> named(String name, Attack attack) {
        return Named.of(name, attack);
    }

    /** A message that is a message, but must not be sent. */
    static Named<Attack> message(FrontEndRequest request, Payload payload) {
        return named(request + " " + payload, (raw, fixture, event) -> raw.send(request, payload));
    }

    /** The same with a descriptor. */
    static Named<Attack> withFd(FrontEndRequest request, Payload payload) {
        return named(request + " " + payload + " with fd", (raw, fixture, event) -> raw.send(request, payload, event));
    }

    /** The same with the descriptor of memory. */
    static Named<Attack> withMemory(FrontEndRequest request, Payload payload) {
        return named(request + " " + payload,
                (raw, fixture, event) -> raw.send(request, payload, memoryFds(fixture, payload)));
    }

    private static int[] memoryFds(BackEndFixture fixture, Payload payload) {
        int count = payload instanceof Payload.MemoryTable table ? table.regions().size() : 1;
        int[] fds = new int[count];
        Arrays.fill(fds, fixture.memory.fd());
        return fds;
    }
}
