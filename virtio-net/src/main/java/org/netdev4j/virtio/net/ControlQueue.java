package org.netdev4j.virtio.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioTransport;
import org.netdev4j.virtio.queue.Virtqueue;

/**
 * The driver end of the control queue (virtio 1.4 §5.1.9.5): one command at a time, under the driver's control lock, each with a
 * time limit. A device that does not answer in time keeps the command's memory until it does or is reset; meanwhile every
 * other command fails at once, and the data queues go on.
 */
final class ControlQueue implements AutoCloseable {
    /** What a device that is alive needs at the very most. */
    static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(1);

    private static final ValueLayout.OfShort LE16 = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int SIZE = 64;
    private static final int ALIGNMENT = 128;
    private static final int REQUEST_BYTES = 8192;
    private static final int ANSWER_BYTES = 1024;
    private static final int MAX_RESULT = ANSWER_BYTES - 1;
    /** Neither OK nor ERR: what is left there when the device wrote nothing. */
    private static final byte NO_ACK = (byte) 0xff;
    private static final int SPINS = 1_000;
    private static final long PAUSE_NS = 50_000;

    private final VirtioTransport transport;
    private final LongSupplier nanoTime;
    private final ScatterGatherList pieces = new ScatterGatherList(2);
    private final int[] token = new int[SIZE];
    private final int[] written = new int[SIZE];
    private Virtqueue ring;
    private MemorySlice memory;
    private MemorySegment request;
    private MemorySegment answer;
    private VirtioTransport.Kick doorbell;
    private int index;
    private int length;
    private int resultBytes;
    /** The command that the device did not answer, or null. */
    private String unanswered;

    /** @param nanoTime as {@link System#nanoTime()} */
    ControlQueue(VirtioTransport transport, LongSupplier nanoTime) {
        this.transport = transport;
        this.nanoTime = nanoTime;
    }

    static long memoryBytes(Features negotiated) {
        return Virtqueue.memoryBytes(SIZE, negotiated) + REQUEST_BYTES + ANSWER_BYTES + 2 * ALIGNMENT;
    }

    /** Creates the virtqueue and enables it in the device; between FEATURES_OK and DRIVER_OK. */
    void open(int queueIndex, MemoryRegion region, Features negotiated) {
        index = queueIndex;
        int max = transport.maxQueueSize(index);
        if (max < 2) {
            throw new NetDevException("the control queue of " + transport.name() + " has " + max
                    + " descriptors, the driver needs 2 at least");
        }
        memory = region.cut(REQUEST_BYTES + ANSWER_BYTES, ALIGNMENT);
        request = memory.segment().asSlice(0, REQUEST_BYTES);
        answer = memory.segment().asSlice(REQUEST_BYTES, ANSWER_BYTES);
        ring = Virtqueue.create(region, Math.min(SIZE, Integer.highestOneBit(max)), negotiated);
        transport.enableQueue(index, ring.placement());
        doorbell = transport.kick(index);
        unanswered = null;
    }

    /** True from {@link #open} to {@link #close}. */
    boolean isOpen() {
        return ring != null;
    }

    int index() {
        return index;
    }

    /** The device was reset, or never had the queue. Idempotent. */
    @Override
    public void close() {
        if (ring != null) {
            ring.close();
            ring = null;
        }
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }

    /** Starts a command; its data follows by the methods that add. */
    ControlQueue begin(int commandClass, int command) {
        requireFree();
        length = 0;
        return add8(commandClass).add8(command);
    }

    private void requireFree() {
        if (unanswered != null && ring.pop(token, written, 1) == 0) {
            throw new NetDevException(
                    "the device " + transport.name() + " has not answered the command to " + unanswered
                            + " yet; stop and start it");
        }
        unanswered = null;
    }

    ControlQueue add8(int value) {
        request.set(ValueLayout.JAVA_BYTE, length, (byte) value);
        length++;
        return this;
    }

    ControlQueue add16(int value) {
        request.set(LE16, length, (short) value);
        length += Short.BYTES;
        return this;
    }

    ControlQueue add32(int value) {
        request.set(LE32, length, value);
        length += Integer.BYTES;
        return this;
    }

    ControlQueue add64(long value) {
        request.set(LE64, length, value);
        length += Long.BYTES;
        return this;
    }

    ControlQueue add(MacAddress address) {
        address.write(request, length);
        length += 6;
        return this;
    }

    ControlQueue add(byte[] bytes) {
        MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, length, bytes.length);
        length += bytes.length;
        return this;
    }

    /**
     * Sends the command and waits for its acknowledgement.
     *
     * @param what it does, for messages: "set promiscuous mode"
     * @throws NetDevException if the device refuses it or does not answer in time
     */
    void send(String what) {
        send(what, 0);
    }

    /** As {@link #send(String)}, for a command with a result of up to {@code expected} bytes. */
    void send(String what, int expected) {
        answer.fill(NO_ACK);
        pieces.clear();
        pieces.append(memory.deviceAddress(), length, false);
        pieces.append(memory.deviceAddress() + REQUEST_BYTES, 1 + Math.min(expected, MAX_RESULT), true);
        if (!ring.add(pieces, 0)) {
            throw new NetDevException("the control queue of " + transport.name() + " is broken: "
                    + ring.brokenReason() + "; stop and start the device");
        }
        if (ring.publish()) {
            doorbell.kick(ring.notificationData(index));
        }
        await(what);
        int ack = answer.get(ValueLayout.JAVA_BYTE, 0);
        if (ack != ControlLayout.OK) {
            throw new NetDevException("the device " + transport.name() + " refuses to " + what + " (acknowledgement "
                    + (ack & 0xff) + ")");
        }
        resultBytes = Math.max(0, written[0] - 1);
    }

    private void await(String what) {
        long begun = nanoTime.getAsLong();
        int round = 0;
        while (ring.pop(token, written, 1) == 0) {
            transport.driveDevice();
            if (ring.isBroken()) {
                throw new NetDevException("the control queue of " + transport.name() + " broke: " + ring.brokenReason()
                        + "; stop and start the device");
            }
            if (nanoTime.getAsLong() - begun > TIMEOUT_NS) {
                unanswered = what;
                throw new NetDevException("the device " + transport.name() + " does not answer the command to " + what
                        + ", waited " + TimeUnit.NANOSECONDS.toMillis(TIMEOUT_NS) + " ms");
            }
            if (round++ < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    /** Bytes of the last command's result. */
    int resultBytes() {
        return resultBytes;
    }

    int result8(int at) {
        return answer.get(ValueLayout.JAVA_BYTE, 1 + at) & 0xff;
    }

    int result16(int at) {
        return answer.get(LE16, 1 + at) & 0xffff;
    }

    int result32(int at) {
        return answer.get(LE32, 1 + at);
    }

    long result64(int at) {
        return answer.get(LE64, 1 + at);
    }
}
