package org.netdev4j.virtio.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.DeviceStatus;
import org.netdev4j.virtio.FeatureBit;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.VirtioTransport;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.queue.DescriptorChain;
import org.netdev4j.virtio.queue.DeviceMemory;
import org.netdev4j.virtio.queue.DeviceQueue;
import org.netdev4j.virtio.queue.QueuePlacement;

/**
 * A network device that does what a test tells it, registers and rings laid open. Its addresses are not the host's. What is
 * wrong with it is set in its fields before or while a driver uses it.
 */
final class ScriptedDevice implements VirtioTransport {
    static final int RX = 0;
    static final int TX = 1;
    static final byte[] PLAIN_HEADER = new byte[NetHeader.LENGTH];

    /** Far from any host address. */
    private static final long FIRST_DEVICE_ADDRESS = 0x4000_0000L;
    private static final ValueLayout.OfShort LE16 = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

    Features offered = Features.of(VirtioFeature.VERSION_1);
    byte[] config = new byte[NetConfigLayout.LENGTH];
    int generation;
    int deviceType = NetFeatures.DEVICE_TYPE;
    int maxQueueSize = 1024;
    /** Queue pairs; the control queue comes behind them. */
    int pairs = 1;
    /** What the device answers to a command, ack and result; null: nothing, ever. */
    Function<byte[], byte[]> onCommand = command -> new byte[]{ControlLayout.OK};
    boolean refusesFeatures;
    boolean refusesMemory;
    boolean hangsInReset;
    boolean cannotBeToldOfFailure;
    int queueItCannotEnable = -1;
    Runnable onConfigRead = () -> {};
    Runnable onClose = () -> {};

    Features accepted = Features.NONE;
    int status;
    /** Register writes in order, by name. */
    final List<String> history = new ArrayList<>();
    /** The commands that came, and the room that each left for the answer, as the driver had filled it. */
    final List<byte[]> commands = new ArrayList<>();
    final List<byte[]> rooms = new ArrayList<>();
    boolean closed;

    private final DeviceMemory memory = new DeviceMemory();
    private final List<MemoryRegion> attached = new ArrayList<>();
    private final Map<Integer, QueuePlacement> placements = new HashMap<>();
    private final Map<Integer, DeviceQueue> queues = new HashMap<>();
    private final Map<Integer, EventFd> interrupts = new HashMap<>();
    private PeerListener peerListener;
    private final EventFd configInterrupt = EventFd.create();
    private final DescriptorChain chain = new DescriptorChain(1024);
    private final DescriptorChain commandChain = new DescriptorChain(64);
    private long nextDeviceAddress = FIRST_DEVICE_ADDRESS;

    /** A packet that the driver transmitted, as it lay in the ring. */
    static final class Sent {
        final int descriptors;
        final byte[] header;
        final byte[] frame;

        Sent(int descriptors, byte[] all) {
            this.descriptors = descriptors;
            header = Arrays.copyOf(all, NetHeader.LENGTH);
            frame = Arrays.copyOfRange(all, NetHeader.LENGTH, all.length);
        }
    }

    // What a test sets and sees

    ScriptedDevice offers(FeatureBit... bits) {
        offered = offered.or(Features.of(bits));
        return this;
    }

    ScriptedDevice config16(int offset, int value) {
        config[offset] = (byte) value;
        config[offset + 1] = (byte) (value >>> 8);
        return this;
    }

    /** As {@link #config16}, while the driver runs: with generation and notification. */
    void changeConfig16(int offset, int value) {
        config16(offset, value);
        generation++;
        configInterrupt.signal();
    }

    void needReset() {
        status |= DeviceStatus.DEVICE_NEEDS_RESET;
        configInterrupt.signal();
    }

    /** The other end goes, and forgets its queues. */
    void leave() {
        placements.clear();
        queues.clear();
        peerListener.peerChanged(false);
    }

    void comeBack() {
        peerListener.peerChanged(true);
    }

    boolean has(int queue) {
        return queues.containsKey(queue);
    }

    QueuePlacement placement(int queue) {
        return placements.get(queue);
    }

    int regions() {
        return attached.size();
    }

    long kicks(int queue) {
        return history.stream().filter(("kick " + queue)::equals).count();
    }

    /** Buffers the driver has made available and the device has not taken. */
    int available(int queue) {
        int taken = 0;
        while (queues.get(queue).next(chain)) {
            taken++;
        }
        queues.get(queue).putBack(taken);
        return taken;
    }

    /** Takes the next transmitted packet without completing it, or null. */
    Sent take() {
        if (!queues.get(TX).next(chain)) {
            return null;
        }
        byte[] all = new byte[chain.readableLength()];
        chain.read(0, MemorySegment.ofArray(all), 0, all.length);
        return new Sent(chain.size(), all);
    }

    /** Completes the packet taken last. */
    void complete() {
        queues.get(TX).complete(chain, 0);
        publish(TX);
    }

    /** Takes and completes the next transmitted packet, or null. */
    Sent transmitted() {
        Sent sent = take();
        if (sent != null) {
            complete();
        }
        return sent;
    }

    /** Takes and completes everything that was transmitted. */
    List<Sent> drain() {
        List<Sent> all = new ArrayList<>();
        for (Sent sent = transmitted(); sent != null; sent = transmitted()) {
            all.add(sent);
        }
        return all;
    }

    /** Delivers a frame with a plain header; false if the driver has no buffer there. */
    boolean deliver(byte[] frame) {
        return deliver(PLAIN_HEADER, frame);
    }

    boolean deliver(byte[] header, byte[] frame) {
        if (!fill(header, frame)) {
            return false;
        }
        publish(RX);
        return true;
    }

    /** Writes a frame into the next receive buffer and completes it, not yet published. */
    boolean fill(byte[] header, byte[] frame) {
        return fill(header, frame, header.length + frame.length);
    }

    private boolean fill(byte[] header, byte[] frame, int written) {
        if (!queues.get(RX).next(chain)) {
            return false;
        }
        chain.write(0, MemorySegment.ofArray(header), 0, header.length);
        chain.write(header.length, MemorySegment.ofArray(frame), 0, frame.length);
        queues.get(RX).complete(chain, written);
        return true;
    }

    /** Writes more into the next receive buffer than it says it wrote. */
    void deliver(byte[] header, byte[] frame, int written) {
        if (!fill(header, frame, written)) {
            throw new AssertionError("no receive buffer is available");
        }
        publish(RX);
    }

    /** Completes the next receive buffer with a length of the test's choosing. */
    void deliverLength(int written) {
        if (!queues.get(RX).next(chain)) {
            throw new AssertionError("no receive buffer is available");
        }
        queues.get(RX).complete(chain, written);
        publish(RX);
    }

    /** The next receive buffer as it lies in the ring: pieces, bytes of each. Nothing is taken. */
    List<Integer> nextReceivePieces() {
        List<Integer> lengths = new ArrayList<>();
        if (queues.get(RX).next(chain)) {
            for (int i = 0; i < chain.size(); i++) {
                lengths.add(chain.length(i));
            }
            queues.get(RX).putBack(1);
        }
        return lengths;
    }

    void publish(int queue) {
        if (queues.get(queue).publish()) {
            interrupts.get(queue).signal();
        }
    }

    void interrupt(int queue) {
        interrupts.get(queue).signal();
    }

    boolean driverIsBeingInterrupted(int queue) {
        return queues.get(queue).publish();
    }

    /** Writes a used entry behind the back of the device end, and publishes it. */
    void cheat(int queue, int usedIndex, int id, int length) {
        QueuePlacement at = placements.get(queue);
        MemorySegment used = memory.slice("used ring", at.deviceAddress(), 6 + 8L * at.size());
        int entry = 4 + 8 * (usedIndex % at.size());
        used.set(LE32, entry, id);
        used.set(LE32, entry + 4, length);
        used.set(LE16, 2, (short) (usedIndex + 1));
    }

    // VirtioTransport

    @Override
    public String name() {
        return "scripted";
    }

    @Override
    public int deviceType() {
        return deviceType;
    }

    @Override
    public Features deviceFeatures() {
        return offered;
    }

    @Override
    public void driverFeatures(Features features) {
        history.add("features");
        accepted = features;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public void status(int written) {
        if (cannotBeToldOfFailure && (written & DeviceStatus.FAILED) != 0) {
            throw new VirtioException("scripted: status cannot be written");
        }
        int added = written & ~status;
        status = refusesFeatures ? written & ~DeviceStatus.FEATURES_OK : written;
        if (added != 0) {
            history.add(DeviceStatus.describe(added));
        }
    }

    @Override
    public void reset() {
        if (hangsInReset) {
            throw new VirtioException("scripted: reset timed out");
        }
        history.add("reset");
        status = 0;
        accepted = Features.NONE;
        placements.clear();
        queues.clear();
    }

    @Override
    public int configGeneration() {
        return generation;
    }

    @Override
    public int configSize() {
        return config.length;
    }

    @Override
    public int readConfig8(int offset) {
        onConfigRead.run();
        return config[offset] & 0xff;
    }

    @Override
    public int readConfig16(int offset) {
        onConfigRead.run();
        return (config[offset] & 0xff) | ((config[offset + 1] & 0xff) << 8);
    }

    @Override
    public int readConfig32(int offset) {
        return readConfig16(offset) | (readConfig16(offset + 2) << 16);
    }

    @Override
    public int maxQueueSize(int index) {
        return index < 2 * pairs || index == controlQueue() ? maxQueueSize : 0;
    }

    @Override
    public void enableQueue(int index, QueuePlacement placement) {
        if (index == queueItCannotEnable) {
            throw new VirtioException("scripted: queue " + index + " cannot be enabled");
        }
        history.add("enable " + index);
        placements.put(index, placement);
        queues.put(index, DeviceQueue.create(memory, placement, accepted));
    }

    @Override
    public void resetQueue(int index) {
        history.add("reset " + index);
        placements.remove(index);
        queues.remove(index);
    }

    private int controlQueue() {
        return offered.has(NetFeature.CTRL_VQ) ? 2 * (accepted.has(NetFeature.MQ) ? pairs : 1) : -1;
    }

    @Override
    public void driveDevice() {
        DeviceQueue control = queues.get(controlQueue());
        while (control != null && control.next(commandChain)) {
            byte[] command = new byte[commandChain.readableLength()];
            commandChain.read(0, MemorySegment.ofArray(command), 0, command.length);
            commands.add(command);
            rooms.add(commandChain.segment(commandChain.readable())
                    .asSlice(commandChain.offset(commandChain.readable()), commandChain.writableLength())
                    .toArray(ValueLayout.JAVA_BYTE));
            history.add("command " + command[0] + "." + command[1]);
            byte[] answer = onCommand.apply(command);
            if (answer != null) {
                control.complete(commandChain, commandChain.write(0, MemorySegment.ofArray(answer), 0, answer.length));
                control.publish();
            }
        }
    }

    @Override
    public Kick kick(int index) {
        return data -> history.add("kick " + index);
    }

    @Override
    public EventFd queueInterrupt(int index) {
        return interrupts.computeIfAbsent(index, i -> EventFd.create());
    }

    @Override
    public EventFd configInterrupt() {
        return configInterrupt;
    }

    @Override
    public void onPeerChange(PeerListener listener) {
        peerListener = listener;
    }

    @Override
    public MemoryRegion allocateMemory(String name, long bytes) {
        if (refusesMemory) {
            throw new VirtioException("scripted: no memory");
        }
        MemoryRegion region = foreignMemory(name, bytes);
        attachMemory(region);
        return region;
    }

    /** Memory at device addresses of this device, not attached. */
    MemoryRegion foreignMemory(String name, long bytes) {
        long size = (bytes + 4095) & -4096L;
        Arena arena = Arena.ofShared();
        long deviceAddress = nextDeviceAddress;
        nextDeviceAddress += size + (1 << 20);
        return MemoryRegion.of(name, arena.allocate(size, 4096), deviceAddress, null, arena::close);
    }

    @Override
    public void attachMemory(MemoryRegion region) {
        if (!attached.contains(region)) {
            attached.add(region);
            memory.add(region);
        }
    }

    @Override
    public boolean isAttached(MemoryRegion region) {
        return attached.contains(region);
    }

    @Override
    public void detachMemory(MemoryRegion region) {
        attached.remove(region);
        memory.remove(region);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            onClose.run();
            configInterrupt.close();
            interrupts.values().forEach(EventFd::close);
        }
    }
}
