package org.netdev4j.virtio.net.device;

import static org.netdev4j.virtio.net.ControlLayout.ERR;
import static org.netdev4j.virtio.net.ControlLayout.HEADER;
import static org.netdev4j.virtio.net.ControlLayout.OK;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import org.netdev4j.virtio.queue.DescriptorChain;
import org.netdev4j.virtio.queue.DeviceQueue;

/**
 * The device end of a control queue (virtio 1.4 §5.1.9.5): takes commands however the driver split them into descriptors, has
 * them executed before they are acknowledged, and acknowledges what is malformed with ERR.
 */
final class ControlQueue {
    /** Most commands taken before others have their turn. */
    private static final int BUDGET = 16;

    private final ControlHandler handler;
    private final DescriptorChain chain;
    private final ControlData data = new ControlData();
    private final ControlData result = new ControlData();
    private final MemorySegment scratch = Arena.ofAuto().allocate(HEADER);
    private DeviceQueue queue;
    private long commands;
    private long executed;
    private long malformed;

    ControlQueue(ControlHandler handler, int maxQueueSize) {
        this.handler = handler;
        chain = new DescriptorChain(maxQueueSize);
    }

    void use(DeviceQueue controlQueue) {
        queue = controlQueue;
    }

    /** The queue, or null while there is none to use. */
    DeviceQueue queue() {
        return queue;
    }

    /** Commands taken since {@link #reset()}. */
    long commands() {
        return commands;
    }

    /** Of these, the ones acknowledged with OK. */
    long executed() {
        return executed;
    }

    /** Commands without room for an acknowledgement, ever. */
    long malformed() {
        return malformed;
    }

    void reset() {
        commands = 0;
        executed = 0;
    }

    /** Executes what waits. @return commands taken, not published yet */
    int serve() {
        DeviceQueue available = queue;
        int done = 0;
        while (available != null && done < BUDGET && available.next(chain)) {
            available.complete(chain, answer());
            done++;
        }
        return done;
    }

    boolean armKick() {
        return queue == null || queue.armKick();
    }

    void disarmKick() {
        if (queue != null) {
            queue.disarmKick();
        }
    }

    /** @return bytes written */
    private int answer() {
        commands++;
        if (chain.writableLength() < 1) {
            malformed++;
            return 0;
        }
        result.length(0);
        boolean done = chain.readableLength() >= HEADER && chain.readableLength() - HEADER <= ControlData.CAPACITY
                && execute();
        scratch.set(ValueLayout.JAVA_BYTE, 0, (byte) (done ? OK : ERR));
        chain.write(0, scratch, 0, 1);
        if (!done) {
            return 1;
        }
        executed++;
        int told = Math.min(result.length(), chain.writableLength() - 1);
        chain.write(1, result.bytes(), 0, told);
        return 1 + told;
    }

    private boolean execute() {
        chain.read(0, scratch, 0, HEADER);
        data.length(chain.read(HEADER, data.bytes(), 0, chain.readableLength() - HEADER));
        return handler.execute(scratch.get(ValueLayout.JAVA_BYTE, 0) & 0xff,
                scratch.get(ValueLayout.JAVA_BYTE, 1) & 0xff, data, result);
    }
}
