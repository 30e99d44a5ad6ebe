package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceContext;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.net.HashType;
import org.netdev4j.virtio.net.NetConfigLayout;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetFeatures;
import org.netdev4j.virtio.queue.DeviceQueue;

/**
 * A virtio network device (virtio 1.4 §5.1) in front of a {@link NetBackend}, with one or more queue pairs and a control queue.
 * It checks everything the driver says, does what the other side does not take over (checksums, segments), delivers what the
 * driver wants to the queue it belongs to, and passes the back-end's back-pressure on: what cannot be taken now stays in the
 * driver's queue.
 */
public final class VirtioNetDevice implements DeviceModel {
    /** Index of the first queue to the driver; that of pair i is twice i more. */
    public static final int RECEIVE_QUEUE = 0;
    /** Index of the first queue from the driver; that of pair i is twice i more. */
    public static final int TRANSMIT_QUEUE = 1;

    /** Whoever serves the control queue may keep these from the device: DPDK's virtio-user does, whatever its driver accepted. */
    private static final Features OF_FRONT_END = Features.of(NetFeature.CTRL_VQ, NetFeature.STATUS, NetFeature.MAC);

    private final DeviceSettings settings;
    private final NetBackend backend;
    private final CounterSet<DeviceCounter> counters = new CounterSet<>(DeviceCounter.class);
    private final FrameCopy copy = new FrameCopy();
    private final QueuePair[] pairs;
    private final ReceiveFilter filter = new ReceiveFilter();
    private final Steering steering = new Steering();
    private final FlowHash hash = new FlowHash();
    private final ControlQueue control;
    private final DeviceControl commands;
    private MacAddress mac;
    private boolean announcing;
    private DeviceContext context;
    private int controlIndex;
    private int pairsInUse;

    /** A device in front of {@code backend}, which it owns from now on. */
    public VirtioNetDevice(DeviceSettings settings, NetBackend backend) {
        this(settings, backend, System::nanoTime);
    }

    /** @param nanoTime as {@link System#nanoTime()}, for notifications that the driver wants to be held back */
    public VirtioNetDevice(DeviceSettings settings, NetBackend backend, LongSupplier nanoTime) {
        this.settings = settings;
        this.backend = backend;
        mac = settings.mac();
        pairs = new QueuePair[settings.maxPairs()];
        TransmitPath.TransmitListener listener = pairs.length > 1 ? steering::sent : null;
        Arrays.setAll(pairs, i -> new QueuePair(settings, i, backend, counters, copy, listener, nanoTime));
        DeviceStatistics statistics = new DeviceStatistics(pairs, () -> controlIndex);
        commands = new DeviceControl(settings, filter, steering, pairs, statistics, new DriverChanges());
        control = new ControlQueue(commands, settings.maxQueueSize());
        statistics.control(control);
        backend.attach(new BackendSide());
    }

    @Override
    public int deviceType() {
        return NetFeatures.DEVICE_TYPE;
    }

    @Override
    public Features offeredFeatures() {
        return settings.offered();
    }

    @Override
    public boolean acceptFeatures(Features accepted) {
        Features ofDriver = settings.controlQueue() ? accepted : accepted.or(settings.offered().and(OF_FRONT_END));
        return accepted.isSubsetOf(settings.offered()) && accepted.has(VirtioFeature.VERSION_1)
                && NetFeatures.TABLE.close(ofDriver).equals(ofDriver);
    }

    @Override
    public int maxQueueSize(int index) {
        int queues = 2 * pairs.length + (hasControlQueue() ? 1 : 0);
        return index >= 0 && index < queues ? settings.maxQueueSize() : 0;
    }

    private boolean hasControlQueue() {
        return settings.controlQueue() && settings.offered().has(NetFeature.CTRL_VQ);
    }

    /** {@code struct virtio_net_config}, virtio 1.4 §5.1.4. */
    @Override
    public byte[] config() {
        byte[] config = new byte[NetConfigLayout.LENGTH];
        mac.write(MemorySegment.ofArray(config), NetConfigLayout.MAC);
        ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN)
                .putShort(NetConfigLayout.STATUS, (short) ((backend.linkUp() ? NetConfigLayout.STATUS_LINK_UP : 0)
                        | (announcing ? NetConfigLayout.STATUS_ANNOUNCE : 0)))
                .putShort(NetConfigLayout.MAX_VIRTQUEUE_PAIRS, (short) pairs.length)
                .putShort(NetConfigLayout.MTU, (short) settings.mtu())
                .putInt(NetConfigLayout.SPEED, settings.speedMbps())
                .put(NetConfigLayout.DUPLEX, (byte) NetConfigLayout.DUPLEX_FULL)
                .put(NetConfigLayout.RSS_MAX_KEY_SIZE, (byte) Steering.MAX_KEY)
                .putShort(NetConfigLayout.RSS_MAX_INDIRECTION_TABLE_LENGTH, (short) Steering.MAX_TABLE)
                .putInt(NetConfigLayout.SUPPORTED_HASH_TYPES, HashType.ALL_BITS);
        return config;
    }

    @Override
    public void start(DeviceContext running) {
        context = running;
        Features features = running.features();
        boolean severalPairs = features.has(NetFeature.MQ) || features.has(NetFeature.RSS);
        controlIndex = hasControlQueue() && features.has(NetFeature.CTRL_VQ)
                ? 2 * (severalPairs ? pairs.length : 1)
                : -1;
        filter.start(settings.controlQueue() ? features : Features.NONE, mac);
        steering.start(features);
        commands.start(features);
        control.reset();
        for (QueuePair pair : pairs) {
            pair.start(features);
        }
        backend.start();
        pairsInUse = 0;
        usePairs(1);
    }

    private void usePairs(int count) {
        if (pairsInUse != count) {
            pairsInUse = count;
            backend.pairsInUse(count);
        }
    }

    /** A device that waits for its reset takes no queue. */
    @Override
    public void queueStarted(int index) {
        if (context != null) {
            use(index, context.queue(index));
        }
    }

    @Override
    public void queueStopped(int index) {
        use(index, null);
    }

    private void use(int index, DeviceQueue queue) {
        if (index == controlIndex) {
            control.use(queue);
            return;
        }
        QueuePair pair = pairs[index >>> 1];
        if ((index & 1) == 0) {
            pair.receive.use(queue);
            pair.rxModeration.restart();
            countReadyPairs();
        } else {
            pair.transmit.use(queue);
            pair.txModeration.restart();
        }
    }

    @Override
    public void queueEnabled(int index, boolean enabled) {
        if (index == controlIndex) {
            return;
        }
        QueuePair pair = pairs[index >>> 1];
        if ((index & 1) == 0) {
            pair.receive.enabled(enabled);
            countReadyPairs();
        } else {
            pair.transmit.enabled(enabled);
        }
    }

    /** Where someone else serves the control queue, the receive queues that are there say which pairs are in use. */
    private void countReadyPairs() {
        if (settings.controlQueue() || context == null) {
            return;
        }
        int ready = 0;
        while (ready < pairs.length && pairs[ready].receive.isReady()) {
            ready++;
        }
        int count = Math.max(1, ready);
        if (count != pairsInUse) {
            steering.automatic(count);
            usePairs(count);
        }
    }

    /** Asks the driver to announce itself to its network, since others may not know where it is (virtio 1.4 §5.1.9.5.4). */
    public void announce() {
        if (context != null && context.features().has(NetFeature.GUEST_ANNOUNCE)) {
            announcing = true;
            context.configChanged();
        }
    }

    @Override
    public void stop() {
        if (context != null) {
            backend.stop();
            for (QueuePair pair : pairs) {
                pair.stop();
            }
            control.use(null);
            announcing = false;
            mac = settings.mac();
            context = null;
        }
    }

    @Override
    public int poll() {
        int work = serveControl();
        tellOfRoom();
        for (QueuePair pair : pairs) {
            int sent = pair.transmit.drain();
            if (sent > 0) {
                work += sent;
                if (pair.txModeration.add(sent, pair.transmit.queue().publish())) {
                    interruptTx(pair);
                }
            }
        }
        work += backend.poll();
        for (QueuePair pair : pairs) {
            int delivered = pair.receive.unpublished();
            if (delivered > 0) {
                work += delivered;
                pair.receive.published();
                if (pair.rxModeration.add(delivered, pair.receive.queue().publish())) {
                    interruptRx(pair);
                }
            }
        }
        tellWhatIsDue();
        checkQueues();
        return work;
    }

    private void tellOfRoom() {
        boolean room = false;
        for (QueuePair pair : pairs) {
            room |= pair.receive.hasRoomAgain();
        }
        if (room) {
            backend.resume();
        }
    }

    private int serveControl() {
        int served = control.serve();
        if (served > 0 && control.queue().publish()) {
            context.interrupt(controlIndex);
        }
        return served;
    }

    private void interruptRx(QueuePair pair) {
        pair.countRxInterrupt();
        context.interrupt(pair.rxIndex);
    }

    private void interruptTx(QueuePair pair) {
        pair.countTxInterrupt();
        context.interrupt(pair.txIndex);
    }

    /** An interrupt that was held back; the driver may not want it any more (virtio 1.4 §5.1.9.5.10.6). */
    private void interruptRxLate(QueuePair pair) {
        if (isWantedNow(pair.receive.queue())) {
            interruptRx(pair);
        }
    }

    private void interruptTxLate(QueuePair pair) {
        if (isWantedNow(pair.transmit.queue())) {
            interruptTx(pair);
        }
    }

    private static boolean isWantedNow(DeviceQueue queue) {
        return queue != null && !queue.interruptsAreDisabled();
    }

    private void tellWhatIsDue() {
        for (QueuePair pair : pairs) {
            if (pair.rxModeration.isDue()) {
                interruptRxLate(pair);
            }
            if (pair.txModeration.isDue()) {
                interruptTxLate(pair);
            }
        }
    }

    private void checkQueues() {
        for (QueuePair pair : pairs) {
            checkQueue("transmit", pair.txIndex, pair.transmit.queue());
            checkQueue("receive", pair.rxIndex, pair.receive.queue());
        }
        checkQueue("control", controlIndex, control.queue());
    }

    /** A broken queue hands back what it holds, the malformed buffer too, and is the end of the device until its reset. */
    private void checkQueue(String name, int index, DeviceQueue queue) {
        if (queue != null && queue.isBroken()) {
            if (queue.publish()) {
                context.interrupt(index);
            }
            String reason = name + " queue is broken: " + queue.brokenReason();
            counters.increment(DeviceCounter.BROKEN_QUEUES);
            DeviceContext broken = context;
            stop();
            broken.needsReset(reason);
        }
    }

    @Override
    public boolean armWakeUps() {
        for (QueuePair pair : pairs) {
            if (pair.receive.unpublished() > 0) {
                return false;
            }
            if (pair.rxModeration.flush()) {
                interruptRxLate(pair);
            }
            if (pair.txModeration.flush()) {
                interruptTxLate(pair);
            }
            if (!pair.transmit.armKick() || !pair.receive.armKick()) {
                return false;
            }
        }
        return control.armKick() && backend.armWakeUps();
    }

    @Override
    public void disarmWakeUps() {
        for (QueuePair pair : pairs) {
            pair.transmit.disarmKick();
            pair.receive.disarmKick();
        }
        control.disarmKick();
    }

    /**
     * Counters by name to show a person, {@code device rx frames} and {@code back-end queued} for example; those that never
     * counted are absent. Any thread.
     */
    public Map<String, Long> counters() {
        Map<String, Long> all = new LinkedHashMap<>();
        counters.snapshot().forEach((name, value) -> all.put("device " + name, value));
        for (int i = 0; i < pairs.length; i++) {
            pairs[i].receive.statistics().putInto(all, "device rx" + i);
            pairs[i].transmit.statistics().putInto(all, "device tx" + i);
        }
        backend.counters().forEach((name, value) -> all.put("back-end " + name, value));
        return all;
    }

    @Override
    public void close() {
        stop();
        backend.close();
        for (QueuePair pair : pairs) {
            pair.close();
        }
        filter.close();
        copy.close();
    }

    /** What the driver's commands change. */
    private final class DriverChanges implements DeviceControl.Changes {
        @Override
        public void mac(MacAddress address) {
            mac = address;
            filter.mac(address);
        }

        /** The driver did; it reads that before it sees its command used (virtio 1.4 §5.1.9.5.4.2). */
        @Override
        public void announced() {
            announcing = false;
        }

        @Override
        public void pairsInUse(int count) {
            usePairs(count);
        }

        @Override
        public void guestOffloads(Offloads offloads) {
            for (QueuePair pair : pairs) {
                pair.receive.accept(offloads);
            }
            backend.offloadsChanged();
        }
    }

    /** The device as its back-end sees it. */
    private final class BackendSide implements FrameReceiver {
        private static final int NOT_STEERED = -1;
        private FrameMemory borrowed;

        @Override
        public Verdict receive(Frame frame) {
            return receive(frame, NOT_STEERED);
        }

        @Override
        public Verdict receive(Frame frame, int pair) {
            int length = frame.length();
            if (length >= Frame.HEADER_LENGTH && !isWanted(frame, length)) {
                return Verdict.DROPPED;
            }
            return pairs[steer(frame, pair)].receive.receive(frame, hash);
        }

        /** Where no frame needs to be looked at they go to one queue together. */
        @Override
        public int receive(FrameBurst frames, int pair) {
            if (!filter.isOpen() || !steering.isLeftToBackend()) {
                return FrameReceiver.super.receive(frames, pair);
            }
            int to = pair < steering.pairs() && pairs[pair].receive.isReady() ? pair : 0;
            return pairs[to].receive.receive(frames);
        }

        /** A queue that is not there has no frames; without a table another one takes them (virtio 1.4 §5.1.9.5.6.2). */
        private int steer(Frame frame, int hint) {
            if (!steering.isNeeded()) {
                return 0;
            }
            int pair = steering.pair(frame, hint, hash);
            return steering.isByHash() || pairs[pair].receive.isReady() ? pair : 0;
        }

        private boolean isWanted(FrameMemory frame, int length) {
            if (filter.isOpen()) {
                return true;
            }
            ReceiveFilter.Outcome outcome = filter.check(frame, length);
            if (outcome == ReceiveFilter.Outcome.WANTED) {
                return true;
            }
            counters.increment(outcome == ReceiveFilter.Outcome.OTHER_VLAN
                    ? DeviceCounter.RX_DROP_OTHER_VLAN
                    : DeviceCounter.RX_DROP_OTHER_ADDRESS);
            return false;
        }

        @Override
        public boolean lends() {
            return pairsInUse == 1 && !steering.isNeeded() && pairs[0].receive.lends();
        }

        @Override
        public FrameMemory borrow() {
            borrowed = pairs[0].receive.borrow();
            return borrowed;
        }

        @Override
        public Verdict commit(int length, OffloadRequest offload) {
            if (borrowed != null && length >= Frame.HEADER_LENGTH && length <= borrowed.length()
                    && !isWanted(borrowed, length)) {
                borrowed = null;
                pairs[0].receive.giveBack();
                return Verdict.DROPPED;
            }
            borrowed = null;
            return pairs[0].receive.commit(length, offload);
        }

        @Override
        public void giveBack() {
            pairs[0].receive.giveBack();
        }

        @Override
        public Offloads accepts() {
            return pairs[0].receive.accepts();
        }

        @Override
        public void resume() {
            for (QueuePair pair : pairs) {
                pair.transmit.resume();
            }
        }

        @Override
        public void linkChanged() {
            if (context != null) {
                context.configChanged();
            }
        }
    }
}
