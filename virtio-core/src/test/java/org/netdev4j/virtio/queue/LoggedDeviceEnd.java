package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * A device end whose writes are logged, with buffers taken and completed one by one or in bursts. Each buffer that is completed has to be in the log as far as it was written, and all that
 * changed in the ring by the time that the driver is shown something.
 */
final class LoggedDeviceEnd implements DeviceEnd {
    private final DeviceQueue queue;
    private final BounceMemory memory;
    private final RealDeviceEnd end;
    private final boolean inBursts;
    /** By the buffer's id: completes it with so many bytes written. */
    private final Map<Integer, IntConsumer> completions = new HashMap<>();
    private final Map<Integer, List<Buffer.Piece>> pieces = new HashMap<>();
    private final List<Buffer.Piece> loggedPieces = new ArrayList<>();
    private final BitSet changed = new BitSet();
    private final BitSet logged = new BitSet();

    LoggedDeviceEnd(DeviceQueue queue, BounceMemory memory, boolean inBursts) {
        this.inBursts = inBursts;
        this.queue = queue;
        this.memory = memory;
        end = new RealDeviceEnd(queue, memory.deviceSide());
        queue.logWrites((address, bytes) -> loggedPieces.add(new Buffer.Piece(address, (int) bytes, true)),
                (address, bytes) -> {
                    int from = (int) (address - memory.deviceSide().deviceAddress());
                    logged.set(from, from + (int) bytes);
                });
    }

    @Override
    public Taken next() {
        Taken taken = inBursts ? nextInBurst() : null;
        if (taken == null) {
            taken = nextByItself();
        }
        if (taken != null) {
            pieces.put(taken.id(), taken.pieces());
        }
        return taken;
    }

    private Taken nextByItself() {
        RealDeviceEnd once = new RealDeviceEnd(queue, memory.deviceSide());
        Taken taken = once.next();
        if (taken != null) {
            completions.put(taken.id(), written -> queue.complete(once.chain(), written));
        }
        return taken;
    }

    private Taken nextInBurst() {
        DescriptorBurst burst = new DescriptorBurst(1);
        if (queue.next(burst, 1, false) == 0 && queue.next(burst, 1, true) == 0) {
            return null;
        }
        completions.put(burst.id(0), written -> queue.complete(burst, 1, new int[]{written}));
        long host = burst.segment().asSlice(burst.offset(0), burst.length(0)).address();
        long address = host - memory.deviceSide().segment().address() + memory.deviceSide().deviceAddress();
        return new Taken(burst.id(0), List.of(new Buffer.Piece(address, burst.length(0), burst.isWritable())));
    }

    @Override
    public void putBack(int buffers) {
        end.putBack(buffers);
    }

    @Override
    public boolean hasAvailable() {
        return end.hasAvailable();
    }

    @Override
    public void complete(int id, int written) {
        completions.remove(id).accept(written);
        memory.noteDifferences(changed);
        assertEquals(new Buffer(0, pieces.remove(id)).writtenPieces(written), loggedPieces, "logged of a buffer");
        loggedPieces.clear();
    }

    @Override
    public boolean publish() {
        boolean interrupt = queue.publish();
        memory.noteDifferences(changed);
        changed.andNot(logged);
        assertEquals(new BitSet(), changed, "bytes of the ring that changed and are not logged");
        logged.clear();
        return interrupt;
    }

    @Override
    public boolean armKick() {
        boolean armed = end.armKick();
        memory.noteDifferences(changed);
        return armed;
    }

    @Override
    public void disarmKick() {
        end.disarmKick();
        memory.noteDifferences(changed);
    }
}
