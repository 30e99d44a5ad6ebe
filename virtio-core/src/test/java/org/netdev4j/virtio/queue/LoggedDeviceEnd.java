package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A device end whose writes are logged. Each buffer that is completed has to be in the log as far as it was written, and all that
 * changed in the ring by the time that the driver is shown something.
 */
final class LoggedDeviceEnd implements DeviceEnd {
    private final DeviceQueue queue;
    private final BounceMemory memory;
    private final RealDeviceEnd end;
    private final Map<Integer, DescriptorChain> chains = new HashMap<>();
    private final Map<Integer, List<Buffer.Piece>> pieces = new HashMap<>();
    private final List<Buffer.Piece> loggedPieces = new ArrayList<>();
    private final BitSet changed = new BitSet();
    private final BitSet logged = new BitSet();

    LoggedDeviceEnd(DeviceQueue queue, BounceMemory memory) {
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
        RealDeviceEnd once = new RealDeviceEnd(queue, memory.deviceSide());
        Taken taken = once.next();
        if (taken != null) {
            chains.put(taken.id(), once.chain());
            pieces.put(taken.id(), taken.pieces());
        }
        return taken;
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
        queue.complete(chains.remove(id), written);
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
