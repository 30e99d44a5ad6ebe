package org.netdev4j.virtio.transport.vhostuser;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import org.netdev4j.virtio.linux.EventFd;

/** The device configuration that the driver reads, made by the stand-in of what the back-end says. One thread at a time. */
final class ConfigRegisters implements AutoCloseable {
    final EventFd interrupt = EventFd.create();
    private final StandIn standIn;
    /** What the back-end says it is, or the last one said. */
    private BackEndOffer offer;
    private boolean connected;
    private int generation;

    ConfigRegisters(StandIn standIn) {
        this.standIn = standIn;
    }

    /** The first back-end: there is nobody yet to be told. */
    void begin(BackEndOffer first) {
        offer = first;
        connected = true;
    }

    /** The back-end changed its configuration, or is another one. */
    void changed(BackEndOffer now) {
        offer = now;
        connected = true;
        tell();
    }

    /** The back-end is gone. */
    void lost() {
        connected = false;
        tell();
    }

    private void tell() {
        generation++;
        interrupt.signal();
    }

    int generation() {
        return generation;
    }

    /** All of it, little-endian. */
    ByteBuffer bytes() {
        return ByteBuffer.wrap(standIn.config(offer, connected)).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {
        interrupt.close();
    }
}
