package org.netdev4j.virtio.net;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.Coalescing;
import org.netdev4j.netdev.DeviceListener;
import org.netdev4j.netdev.FlowHashType;
import org.netdev4j.netdev.LinkState;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.NetDevInfo;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.netdev.QueueInfo;
import org.netdev4j.netdev.ReceiveMode;
import org.netdev4j.netdev.RssConfig;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;
import org.netdev4j.virtio.DeviceStatus;
import org.netdev4j.virtio.DriverHandshake;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.VirtioTransport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One network device and its life: probed, its queues prepared, started, stopped, closed. */
final class VirtioNetOps implements NetDevOps {
    private static final Logger LOG = LoggerFactory.getLogger(VirtioNetOps.class);

    private final VirtioTransport transport;
    private final DriverOptions options;
    /** Held around every control call to the transport: the configuration monitor makes them on a thread of its own. */
    private final Object control = new Object();
    private final ConfigMonitor monitor;
    private final DriverContext context;
    private final ControlQueue controlQueue;
    private final DriverSettings settings;

    private Discovery found;
    private int mtu;
    /** What the last start agreed on; what probing did before the first. */
    private Features negotiated;
    private QueueSet queues;
    private boolean closed;

    VirtioNetOps(VirtioTransport transport, DriverOptions options) {
        this.transport = transport;
        this.options = options;
        controlQueue = new ControlQueue(transport, System::nanoTime);
        settings = new DriverSettings(controlQueue);
        monitor = new ConfigMonitor(transport, control, () -> queues.alarm(), settings::announced);
        queues = new QueueSet(transport, controlQueue, 0, 0);
        context = new DriverContext(transport, control, monitor::raise);
        transport.onPeerChange(this::peerChanged);
    }

    @Override
    public String driverName() {
        return "virtio-net";
    }

    @Override
    public void probe() {
        found = control("probe", () -> {
            Discovery discovery = Discovery.probe(transport, options);
            monitor.probe(discovery.negotiated(), discovery.config());
            return discovery;
        });
        negotiated = found.negotiated();
        mtu = found.mtu();
    }

    @Override
    public NetDevInfo info() {
        return found.info(negotiated);
    }

    @Override
    public QueueInfo rxQueueInfo(int index) {
        return queueInfo(VirtioRxQueue.virtqueueIndex(index));
    }

    @Override
    public QueueInfo txQueueInfo(int index) {
        return queueInfo(VirtioTxQueue.virtqueueIndex(index));
    }

    private QueueInfo queueInfo(int virtqueueIndex) {
        return control("ask for the queues of",
                () -> found.queueInfo(transport, virtqueueIndex, options.ringSize()));
    }

    // Queues

    @Override
    public void configure(NetDevConfig config) {
        int most = found.pairs(negotiated);
        if (config.rxQueues() != config.txQueues() || config.rxQueues() > most) {
            throw new NetDevException("cannot use " + config.rxQueues() + " receive and " + config.txQueues()
                    + " transmit queues: queues come in pairs, at most " + most);
        }
        queues = new QueueSet(transport, controlQueue, config.rxQueues(), config.txQueues());
        settings.steering(null, config.rxQueues());
    }

    @Override
    public RxQueue configureRxQueue(int index, RxQueueConfig config) {
        int size = rxQueueInfo(index).check(config.size());
        int frame = found.maxMtu() + EthernetFrame.HEADER;
        if (found.negotiated().has(NetFeature.MTU) && !found.negotiated().has(NetFeature.MRG_RXBUF)
                && config.pool().dataSize() < frame) {
            throw new NetDevException("the device " + transport.name() + " delivers frames of up to " + frame
                    + " bytes, the buffers of the pool " + config.pool().name() + " hold " + config.pool().dataSize()
                    + ": use larger ones");
        }
        attachMemory(config.pool().region());
        VirtioRxQueue queue = new VirtioRxQueue(index, config, size, context);
        queues.rx(index, queue);
        return queue;
    }

    @Override
    public TxQueue configureTxQueue(int index, TxQueueConfig config) {
        int size = txQueueInfo(index).check(config.size());
        VirtioTxQueue queue = new VirtioTxQueue(index, config, size, context, this::reaches);
        queue.mtu(mtu);
        queues.tx(index, queue);
        return queue;
    }

    @Override
    public MemoryRegion allocateMemory(String name, long bytes) {
        return control("allocate memory for", () -> transport.allocateMemory(name, bytes));
    }

    @Override
    public void attachMemory(MemoryRegion region) {
        control("attach the memory region " + region.name() + " to", () -> {
            transport.attachMemory(region);
            return null;
        });
    }

    @Override
    public void detachMemory(MemoryRegion region) {
        control("detach the memory region " + region.name() + " from", () -> {
            transport.detachMemory(region);
            return null;
        });
        queues.forgetUnreachable();
    }

    private boolean reaches(MemoryRegion region) {
        synchronized (control) {
            return transport.isAttached(region);
        }
    }

    // Start and stop

    @Override
    public void start() {
        negotiated = control("start", () -> {
            Features agreed = DriverHandshake.negotiate(transport, NetFeatures.TABLE, wanted(), options.needed());
            try {
                // What an earlier attempt left with a device that could not be reset then.
                queues.close();
                queues.open(agreed, maxFrameLength(agreed), found.controlIndex(agreed));
                if (agreed.has(VirtioFeature.VERSION_1)) {
                    DriverHandshake.ready(transport);
                } else {
                    DriverHandshake.readyLegacy(transport);
                }
                settings.start(agreed, queues.pairs(),
                        found.mac().equals(agreed.has(NetFeature.MAC) ? found.config().mac() : null)
                                ? null
                                : found.mac());
                monitor.start(agreed);
                queues.run();
            } catch (RuntimeException e) {
                giveUp(e);
                throw e;
            }
            return agreed;
        });
    }

    /** Larger packets than the MTU only where there is room for them (virtio 1.4 §5.1.9.3.1). */
    private Features wanted() {
        boolean merged = found.wanted().has(NetFeature.MRG_RXBUF)
                && transport.deviceFeatures().has(NetFeature.MRG_RXBUF);
        int room = queues.smallestBuffer();
        if (merged || room >= EthernetFrame.MAX_LARGE) {
            return found.wanted();
        }
        Features insistedOn = options.needed().and(NetFeatures.LARGE_RECEIVE);
        if (!insistedOn.isEmpty()) {
            throw new NetDevException(names(insistedOn) + " needs receive buffers of " + EthernetFrame.MAX_LARGE
                    + " bytes, or MRG_RXBUF: the smallest hold " + room);
        }
        return found.wanted().minus(NetFeatures.LARGE_RECEIVE);
    }

    /** Longest frame the device may deliver (virtio 1.4 §5.1.4.1), bytes. */
    private int maxFrameLength(Features agreed) {
        return agreed.has(NetFeature.MTU)
                ? found.maxMtu() + EthernetFrame.HEADER + EthernetFrame.VLAN_TAG
                : Integer.MAX_VALUE;
    }

    private void giveUp(RuntimeException cause) {
        try {
            DriverHandshake.fail(transport);
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
        unwatch();
        try {
            shutDown();
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    @Override
    public void stop() {
        control("stop", () -> {
            shutDown();
            return null;
        });
    }

    /** Resets the device, and only then takes back what it could reach (virtio 1.4 §3.3.1). */
    private void shutDown() {
        transport.reset();
        unwatch();
        queues.detach();
        queues.close();
    }

    private void unwatch() {
        settings.stop();
        monitor.stop();
        queues.unwatch();
    }

    @Override
    public void close() {
        synchronized (control) {
            if (closed) {
                return;
            }
            closed = true;
            try {
                shutDown();
            } catch (RuntimeException e) {
                LOG.warn("{}: the device could not be reset, it is let go as it is", transport.name(), e);
            } finally {
                unwatch();
            }
        }
        // Without the lock: a transport waits for its own thread, which may be about to tell of its peer.
        try {
            transport.close();
        } finally {
            queues.close();
        }
    }

    /** On the transport's thread. */
    private void peerChanged(boolean present) {
        synchronized (control) {
            if (!closed) {
                monitor.peerChanged(present);
                queues.peerChanged(present);
            }
        }
    }

    // Settings

    @Override
    public MacAddress macAddress() {
        return settings.mac() == null ? found.mac() : settings.mac();
    }

    @Override
    public void macAddress(MacAddress address) {
        tell("set the MAC address of", () -> settings.mac(address));
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public void mtu(int bytes) {
        mtu = bytes;
        queues.mtu(bytes);
    }

    /** Until told otherwise, a device delivers every frame. */
    @Override
    public boolean promiscuous() {
        return settings.promiscuous();
    }

    @Override
    public void promiscuous(boolean on) {
        tell("set promiscuous mode of", () -> settings.promiscuous(on));
    }

    @Override
    public boolean allMulticast() {
        return settings.allMulticast();
    }

    @Override
    public void allMulticast(boolean on) {
        tell("set all-multicast mode of", () -> settings.allMulticast(on));
    }

    @Override
    public Set<ReceiveMode> receiveModes() {
        return settings.receiveModes();
    }

    @Override
    public void receiveModes(Set<ReceiveMode> modes) {
        tell("set receive modes of", () -> settings.receiveModes(modes));
    }

    @Override
    public Set<MacAddress> multicastList() {
        return settings.multicast();
    }

    @Override
    public void multicastList(Set<MacAddress> addresses) {
        tell("set the multicast list of", () -> settings.multicast(addresses));
    }

    @Override
    public Set<Integer> vlans() {
        return settings.vlans();
    }

    @Override
    public void addVlan(int vlanId) {
        tell("add a VLAN to", () -> settings.addVlan(vlanId));
    }

    @Override
    public void removeVlan(int vlanId) {
        tell("remove a VLAN from", () -> settings.removeVlan(vlanId));
    }

    @Override
    public void steering(RssConfig config) {
        if (config != null) {
            found.check(config);
        }
        tell("steer", () -> settings.steering(config, queues.pairs()));
    }

    @Override
    public void flowHash(Set<FlowHashType> types, byte[] key) {
        found.check(types, key);
        tell("have hashes told by", () -> settings.flowHash(types, key));
    }

    @Override
    public void coalescing(Coalescing rx, Coalescing tx) {
        tell("hold interrupts back of", () -> settings.coalescing(rx, tx));
    }

    @Override
    public void rxCoalescing(int index, Coalescing coalescing) {
        tell("hold interrupts back of",
                () -> settings.queueCoalescing(VirtioRxQueue.virtqueueIndex(index), coalescing));
    }

    @Override
    public void txCoalescing(int index, Coalescing coalescing) {
        tell("hold interrupts back of",
                () -> settings.queueCoalescing(VirtioTxQueue.virtqueueIndex(index), coalescing));
    }

    @Override
    public Coalescing rxCoalescing(int index) {
        return control("ask", () -> settings.queueCoalescing(VirtioRxQueue.virtqueueIndex(index)));
    }

    @Override
    public Coalescing txCoalescing(int index) {
        return control("ask", () -> settings.queueCoalescing(VirtioTxQueue.virtqueueIndex(index)));
    }

    @Override
    public void rxOffloads(Set<Capability> offloads) {
        tell("change the receive offloads of", () -> settings.rxOffloads(offloads));
    }

    @Override
    public int linkSpeedMbps() {
        return monitor.speedMbps();
    }

    @Override
    public LinkState linkState() {
        return monitor.linkState();
    }

    @Override
    public void onEvent(DeviceListener listener) {
        monitor.listener(listener);
    }

    // For a person to read

    @Override
    public Map<String, String> details() {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("features offered", names(control("look at", transport::deviceFeatures)));
        details.put("features wanted", names(found == null ? options.wanted() : found.wanted()));
        if (negotiated != null) {
            details.put("features negotiated", names(negotiated));
        }
        details.put("queue sizes", queues.sizes());
        details.put("device status", DeviceStatus.describe(control("look at", transport::status)));
        if (monitor.needsReset()) {
            details.put("needs reset", "the device asked for it");
        }
        if (monitor.isAway()) {
            details.put("other end", "gone");
        }
        queues.putBroken(details);
        return details;
    }

    private static String names(Features features) {
        return String.join(" ", NetFeatures.TABLE.names(features));
    }

    @Override
    public Map<String, Long> counters() {
        Map<String, Long> counters = new LinkedHashMap<>();
        queues.putCounters(counters);
        monitor.putCounters(counters);
        counters.putAll(control("ask", () -> settings.deviceStatistics(queues.pairs())));
        return counters;
    }

    private void tell(String what, Runnable call) {
        control(what, () -> {
            call.run();
            return null;
        });
    }

    /** Runs a control call, alone; what fails is a NetDevException that names the device. */
    private <T> T control(String what, Supplier<T> call) {
        synchronized (control) {
            try {
                return call.get();
            } catch (NetDevException e) {
                throw e;
            } catch (RuntimeException e) {
                throw new NetDevException("cannot " + what + " " + transport.name() + ": " + e.getMessage(), e);
            }
        }
    }
}
