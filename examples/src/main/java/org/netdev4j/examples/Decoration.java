package org.netdev4j.examples;

import java.util.ArrayList;
import java.util.List;

import org.netdev4j.netdev.NetDevDecorator;
import org.netdev4j.netdev.capture.FileCapture;

/**
 * What goes around a device; to be closed after it.
 *
 * @param capture one of the decorators, or null
 */
record Decoration(List<NetDevDecorator> decorators, FileCapture capture) implements AutoCloseable {
    static final Decoration NONE = new Decoration(List.of(), null);

    Decoration {
        decorators = List.copyOf(decorators);
    }

    /** The first nearest to the device: a capture shows what is on the wire, whatever the others do to it. */
    static Decoration of(FileCapture capture, List<NetDevDecorator> others) {
        List<NetDevDecorator> all = new ArrayList<>(others);
        if (capture != null) {
            all.addFirst(capture);
        }
        return new Decoration(all, capture);
    }

    NetDevDecorator[] toArray() {
        return decorators.toArray(NetDevDecorator[]::new);
    }

    @Override
    public void close() {
        if (capture != null) {
            capture.close();
        }
    }
}
