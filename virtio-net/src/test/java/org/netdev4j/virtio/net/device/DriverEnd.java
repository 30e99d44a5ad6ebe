package org.netdev4j.virtio.net.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.DriverHandshake;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.ControlLayout;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetFeatures;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.queue.Virtqueue;
import org.netdev4j.virtio.transport.inprocess.InProcessTransport;

/**
 * The driver end of one device, moved by hand, in memory whose device addresses are not its host addresses. It sends and
 * receives header and frame in one, split as the test says.
 */
public final class DriverEnd implements AutoCloseable {
    public static final Features PLAIN = Features.of(VirtioFeature.VERSION_1);
    public static final Features RESETTABLE = PLAIN.with(VirtioFeature.RING_RESET);
    public static final Features CHECKSUMS = PLAIN.with(NetFeature.CSUM).with(NetFeature.GUEST_CSUM);
    public static final int QUEUE_SIZE = 256;
    /** No checksum offset, and one buffer. */
    private static final byte[] ONE_BUFFER = {0, 0, 1, 0};
    private static final long DEVICE_ADDRESS = 0x5000_0000_0000L;
    private static final int GAP = 16;
    private static final int CONTROL_QUEUE_SIZE = 64;
    private static final int MAX_PAIRS_AT = 8;

    public final InProcessTransport transport;
    final DeviceLoop loop;
    final MemoryRegion memory;
    final Virtqueue receiveQueue;
    final Virtqueue transmitQueue;
    private final Virtqueue[] queues;
    /** Null without CTRL_VQ, or where the device leaves it to its transport. */
    private Virtqueue controlQueue;
    private final List<MemorySlice[]> buffers = new ArrayList<>();

    /** A driver of {@code device} that accepted exactly {@code features} and is ready. */
    public DriverEnd(VirtioNetDevice device, DeviceLoop loop, Features features) {
        this(device, loop, features, 1);
    }

    /** A driver that starts the queues of so many pairs. */
    public DriverEnd(VirtioNetDevice device, DeviceLoop loop, Features features, int pairs) {
        this.loop = loop;
        transport = new InProcessTransport("test", device, loop);
        Arena arena = Arena.ofShared();
        MemorySegment mapping = arena.allocate(2 << 20, 4096);
        memory = MemoryRegion.of("driver", mapping, DEVICE_ADDRESS, null, arena::close);
        transport.attachMemory(memory);
        DriverHandshake.negotiate(transport, NetFeatures.TABLE, features, features);
        queues = new Virtqueue[2 * pairs];
        for (int i = 0; i < queues.length; i++) {
            queues[i] = Virtqueue.create(memory, QUEUE_SIZE, features);
            transport.enableQueue(i, queues[i].placement());
        }
        int control = features.has(NetFeature.MQ) ? 2 * transport.readConfig16(MAX_PAIRS_AT) : 2;
        if (features.has(NetFeature.CTRL_VQ) && transport.maxQueueSize(control) > 0) {
            controlQueue = Virtqueue.create(memory, CONTROL_QUEUE_SIZE, features);
            transport.enableQueue(control, controlQueue.placement());
        }
        receiveQueue = queues[VirtioNetDevice.RECEIVE_QUEUE];
        transmitQueue = queues[VirtioNetDevice.TRANSMIT_QUEUE];
        DriverHandshake.ready(transport);
    }

    /**
     * Has a command executed.
     *
     * @param room bytes for ack and result
     * @param pieces lengths in which the command is split, the rest last; then those of the answer, one
     * @return what the device wrote
     */
    byte[] command(byte[] command, int room, int... pieces) {
        ScatterGatherList list = new ScatterGatherList(CONTROL_QUEUE_SIZE);
        try (MemorySlice request = memory.cut(Math.max(1, command.length), 1);
                MemorySlice answer = memory.cut(Math.max(1, room), 1)) {
            MemorySegment.copy(command, 0, request.segment(), ValueLayout.JAVA_BYTE, 0, command.length);
            int at = 0;
            for (int piece : pieces) {
                list.append(request.deviceAddress() + at, piece, false);
                at += piece;
            }
            if (at < command.length) {
                list.append(request.deviceAddress() + at, command.length - at, false);
            }
            if (room > 0) {
                list.append(answer.deviceAddress(), room, true);
            }
            if (!controlQueue.add(list, 0)) {
                throw new IllegalStateException("control queue is full");
            }
            controlQueue.publish();
            run();
            int[] written = new int[1];
            if (controlQueue.pop(new int[1], written, 1) != 1) {
                throw new AssertionError("the command was not answered");
            }
            return Arrays.copyOf(answer.segment().toArray(ValueLayout.JAVA_BYTE), written[0]);
        }
    }

    /** True if the device acknowledges a command, given in hexadecimal, with OK. */
    boolean executes(String hex) {
        return command(HexFormat.of().parseHex(hex), 1)[0] == ControlLayout.OK;
    }

    /** Makes a receive buffer in pieces of these lengths available. */
    public void post(int... pieces) {
        add(receiveQueue, true, null, pieces);
    }

    /** As {@link #post}, on queue pair {@code pair}. */
    void postOn(int pair, int... pieces) {
        add(queues[2 * pair], true, null, pieces);
    }

    /** As {@link #send(byte[])}, on queue pair {@code pair}. */
    void sendOn(int pair, byte[] frame) {
        byte[] bytes = Frames.concat(Frames.header(), frame);
        add(queues[2 * pair + 1], false, bytes, bytes.length);
    }

    /** Makes {@code count} receive buffers for frames of up to 1514 bytes available. */
    public void postMany(int count) {
        for (int i = 0; i < count; i++) {
            post(NetHeader.LENGTH + 1514);
        }
    }

    /** Makes a frame available, behind a header that asks for nothing and in the same piece. */
    public void send(byte[] frame) {
        send(Frames.header(), frame);
    }

    /** Makes header and frame available in one piece. */
    public void send(byte[] header, byte[] frame) {
        sendSplit(Frames.concat(header, frame), header.length + frame.length);
    }

    /** Makes {@code bytes}, header in front, available in pieces of these lengths. */
    public void sendSplit(byte[] bytes, int... pieces) {
        add(transmitQueue, false, bytes, pieces);
    }

    private void add(Virtqueue queue, boolean writable, byte[] bytes, int... pieces) {
        MemorySlice[] buffer = new MemorySlice[pieces.length];
        ScatterGatherList list = new ScatterGatherList(pieces.length);
        int position = 0;
        for (int i = 0; i < pieces.length; i++) {
            buffer[i] = memory.cut(pieces[i] + GAP, 1);
            if (bytes != null) {
                MemorySegment.copy(bytes, position, buffer[i].segment(), ValueLayout.JAVA_BYTE, 0, pieces[i]);
            } else {
                leaveGarbage(buffer[i].segment().asSlice(0, pieces[i]));
            }
            position += pieces[i];
            list.append(buffer[i].deviceAddress(), pieces[i], writable);
        }
        if (!queue.add(list, buffers.size())) {
            throw new IllegalStateException("queue is full");
        }
        buffers.add(buffer);
        queue.publish();
    }

    /** What a buffer holds that went round before: of a header that asks for nothing neither word, the first or the second. */
    private void leaveGarbage(MemorySegment piece) {
        piece.fill((byte) 0xa5);
        int kind = buffers.size() % 3;
        if (kind == 1 && piece.byteSize() >= Long.BYTES) {
            piece.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, 0);
        } else if (kind == 2 && piece.byteSize() >= NetHeader.LENGTH) {
            MemorySegment.copy(ONE_BUFFER, 0, piece, ValueLayout.JAVA_BYTE, NetHeader.CSUM_OFFSET, ONE_BUFFER.length);
        }
    }

    /** Lets the device work until it has nothing to do. */
    public void run() {
        while (loop.doWork() > 0) {
            // Until a round moves nothing.
        }
    }

    /** Takes the next received buffer: what the device says it wrote, header in front; null if there is none. */
    public byte[] received() {
        return receivedOn(0);
    }

    /** As {@link #received}, on queue pair {@code pair}. */
    byte[] receivedOn(int pair) {
        int[] token = new int[1];
        int[] written = new int[1];
        if (queues[2 * pair].pop(token, written, 1) == 0) {
            return null;
        }
        byte[] bytes = new byte[written[0]];
        int position = 0;
        for (MemorySlice piece : buffers.get(token[0])) {
            int now = (int) Math.min(piece.size() - GAP, bytes.length - position);
            MemorySegment.copy(piece.segment(), ValueLayout.JAVA_BYTE, 0, bytes, position, now);
            position += now;
            piece.close();
        }
        return bytes;
    }

    /** Takes back what the device has transmitted. @return how many buffers */
    public int reclaim() {
        int[] tokens = new int[QUEUE_SIZE];
        int count = transmitQueue.pop(tokens, null, QUEUE_SIZE);
        for (int i = 0; i < count; i++) {
            for (MemorySlice piece : buffers.get(tokens[i])) {
                piece.close();
            }
        }
        return count;
    }

    /** What a hostile driver does: makes a buffer available that is not in its memory. */
    void sendNowhere() {
        transmitQueue.add(DEVICE_ADDRESS - 4096, 72, false, buffers.size());
        buffers.add(new MemorySlice[0]);
        transmitQueue.publish();
    }

    /** Resets a queue; what was in flight is forgotten. */
    void resetQueue(int index) {
        transport.resetQueue(index);
        queue(index).reset(new int[QUEUE_SIZE]);
    }

    void enableQueue(int index) {
        transport.enableQueue(index, queue(index).placement());
    }

    Virtqueue queue(int index) {
        return queues[index];
    }

    /** What a hostile driver does: moves the index of the available ring beyond the queue. */
    void breakQueue(Virtqueue queue) {
        long index = queue.placement().driverAddress() - DEVICE_ADDRESS + 2;
        short now = memory.segment().get(ValueLayout.JAVA_SHORT, index);
        memory.segment().set(ValueLayout.JAVA_SHORT, index, (short) (now + QUEUE_SIZE + 1));
    }

    @Override
    public void close() {
        transport.close();
        for (Virtqueue queue : queues) {
            queue.close();
        }
        if (controlQueue != null) {
            controlQueue.close();
        }
        memory.close();
    }
}
