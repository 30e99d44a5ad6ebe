package org.netdev4j.virtio.net;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

import org.netdev4j.virtio.queue.DescriptorChain;
import org.netdev4j.virtio.queue.DeviceQueue;
import org.netdev4j.virtio.transport.vhostuser.QueueSwitch;

/**
 * The device end of a control queue whose data queues are a vhost-user back-end's: of the commands (virtio 1.4 §5.1.9.5) it
 * does those that need nothing of the back-end but to enable queues, and refuses the others.
 */
final class LocalControl {
    private static final int DATA = ControlLayout.HEADER;
    private static final int LONGEST = DATA + Short.BYTES;

    private final int maxPairs;
    private final Runnable onAnnounced;
    private final byte[] command = new byte[LONGEST];

    /** @param onAnnounced called when the driver says that it announced itself */
    LocalControl(int maxPairs, Runnable onAnnounced) {
        this.maxPairs = maxPairs;
        this.onAnnounced = onAnnounced;
    }

    void serve(DeviceQueue queue, QueueSwitch dataQueues) {
        DescriptorChain chain = new DescriptorChain(queue.size());
        byte[] ack = new byte[1];
        while (queue.next(chain)) {
            ack[0] = (byte) (execute(chain, dataQueues) ? ControlLayout.OK : ControlLayout.ERR);
            queue.complete(chain, chain.write(0, MemorySegment.ofArray(ack), 0, 1));
        }
    }

    private boolean execute(DescriptorChain chain, QueueSwitch dataQueues) {
        MemorySegment bytes = MemorySegment.ofArray(command);
        if (chain.writableLength() == 0 || chain.read(0, bytes, 0, LONGEST) < ControlLayout.HEADER) {
            return false;
        }
        int dataLength = chain.readableLength() - DATA;
        return switch (((bytes.get(JAVA_BYTE, 0) & 0xff) << 8) | (bytes.get(JAVA_BYTE, 1) & 0xff)) {
            case (ControlLayout.CLASS_MQ << 8) | ControlLayout.MQ_VQ_PAIRS_SET ->
                dataLength == Short.BYTES && usePairs(pairs(bytes), dataQueues);
            case (ControlLayout.CLASS_ANNOUNCE << 8) | ControlLayout.ANNOUNCE_ACK -> dataLength == 0 && announced();
            default -> false;
        };
    }

    private static int pairs(MemorySegment bytes) {
        return bytes.get(JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), DATA) & 0xffff;
    }

    private boolean usePairs(int pairs, QueueSwitch dataQueues) {
        return pairs >= 1 && pairs <= maxPairs && dataQueues.use(2 * pairs);
    }

    private boolean announced() {
        onAnnounced.run();
        return true;
    }
}
