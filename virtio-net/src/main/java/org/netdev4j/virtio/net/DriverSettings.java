package org.netdev4j.virtio.net;

import static org.netdev4j.virtio.net.ControlLayout.*;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.Coalescing;
import org.netdev4j.netdev.FlowHashType;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.ReceiveMode;
import org.netdev4j.netdev.RssConfig;
import org.netdev4j.virtio.Features;

/**
 * What the user set on a device, told to it by control commands: at once while it runs, and again after every start, since a
 * reset forgets it. Under the driver's control lock.
 */
final class DriverSettings {
    private static final Set<Capability> LARGE_RECEIVE = Set.of(Capability.RX_CHECKSUM, Capability.RX_TSO4,
            Capability.RX_TSO6, Capability.RX_TSO_ECN, Capability.RX_USO4, Capability.RX_USO6);

    private final ControlQueue control;
    private final Set<Integer> vlans = new TreeSet<>();
    private final Map<Integer, Coalescing> queueCoalescing = new TreeMap<>();
    private Features negotiated = Features.NONE;
    /** Null: the device's own. */
    private MacAddress mac;
    /** As devices begin, so that nobody misses a frame unasked. */
    private boolean promiscuous = true;
    private boolean allMulticast;
    private final Set<ReceiveMode> modes = EnumSet.noneOf(ReceiveMode.class);
    private Set<MacAddress> multicast = Set.of();
    private RssConfig rss;
    private Coalescing rxCoalescing = Coalescing.NONE;
    private Coalescing txCoalescing = Coalescing.NONE;
    /** Null: all that was negotiated. */
    private Set<Capability> rxOffloads;
    private boolean running;

    DriverSettings(ControlQueue control) {
        this.control = control;
    }

    /**
     * The device runs with {@code features} and so many pairs: tells it everything.
     *
     * @param own the driver's address where the device has another or none, or null
     */
    void start(Features features, int pairs, MacAddress own) {
        negotiated = features;
        running = control.isOpen();
        if (!running) {
            return;
        }
        if (pairs > 1 || has(NetFeature.MQ)) {
            tellPairs(pairs);
        }
        if (rss != null && has(NetFeature.RSS)) {
            tellSteering(pairs);
        }
        MacAddress address = mac == null ? own : mac;
        if (address != null && has(NetFeature.CTRL_MAC_ADDR)) {
            tellMac(address);
        }
        if (has(NetFeature.CTRL_RX)) {
            tellMode(RX_PROMISC, promiscuous, "set promiscuous mode");
            tellMode(RX_ALLMULTI, allMulticast, "set all-multicast mode");
            if (!multicast.isEmpty()) {
                tellMulticast();
            }
        }
        if (has(NetFeature.CTRL_RX_EXTRA)) {
            modes.forEach(mode -> tellMode(mode, true));
        }
        if (has(NetFeature.CTRL_VLAN)) {
            vlans.forEach(id -> tellVlan(VLAN_ADD, id));
        }
        if (has(NetFeature.NOTF_COAL)) {
            tellCoalescing();
        }
        if (has(NetFeature.VQ_NOTF_COAL)) {
            queueCoalescing.forEach(this::tellQueueCoalescing);
        }
        if (rxOffloads != null && has(NetFeature.CTRL_GUEST_OFFLOADS)) {
            tellOffloads();
        }
    }

    void stop() {
        running = false;
    }

    private boolean has(NetFeature feature) {
        return negotiated.has(feature);
    }

    private void tellPairs(int pairs) {
        if (has(NetFeature.MQ)) {
            control.begin(CLASS_MQ, MQ_VQ_PAIRS_SET).add16(pairs).send("use " + pairs + " queue pairs");
        }
    }

    MacAddress mac() {
        return mac;
    }

    void mac(MacAddress address) {
        MacAddress before = mac;
        mac = address;
        orUndo(() -> tellMac(address), () -> mac = before);
    }

    private void tellMac(MacAddress address) {
        control.begin(CLASS_MAC, MAC_ADDR_SET).add(address).send("set the MAC address to " + address);
    }

    boolean promiscuous() {
        return promiscuous;
    }

    void promiscuous(boolean on) {
        boolean before = promiscuous;
        promiscuous = on;
        orUndo(() -> tellMode(RX_PROMISC, on, "set promiscuous mode"), () -> promiscuous = before);
    }

    boolean allMulticast() {
        return allMulticast;
    }

    void allMulticast(boolean on) {
        boolean before = allMulticast;
        allMulticast = on;
        orUndo(() -> tellMode(RX_ALLMULTI, on, "set all-multicast mode"), () -> allMulticast = before);
    }

    private void tellMode(int command, boolean on, String what) {
        control.begin(CLASS_RX, command).add8(on ? 1 : 0).send(what);
    }

    Set<ReceiveMode> receiveModes() {
        return Set.copyOf(modes);
    }

    /** Each mode is a command: should one be refused, those before it are as asked, and {@link #receiveModes()} says so. */
    void receiveModes(Set<ReceiveMode> wanted) {
        for (ReceiveMode mode : ReceiveMode.values()) {
            boolean on = wanted.contains(mode);
            if (modes.contains(mode) != on) {
                if (running) {
                    tellMode(mode, on);
                }
                if (on) {
                    modes.add(mode);
                } else {
                    modes.remove(mode);
                }
            }
        }
    }

    private void tellMode(ReceiveMode mode, boolean on) {
        int command = switch (mode) {
            case ALL_UNICAST -> ControlLayout.RX_ALLUNI;
            case NO_UNICAST -> ControlLayout.RX_NOUNI;
            case NO_MULTICAST -> ControlLayout.RX_NOMULTI;
            case NO_BROADCAST -> ControlLayout.RX_NOBCAST;
        };
        tellMode(command, on, "switch " + mode + (on ? " on" : " off"));
    }

    Set<MacAddress> multicast() {
        return multicast;
    }

    void multicast(Set<MacAddress> addresses) {
        Set<MacAddress> before = multicast;
        multicast = Set.copyOf(addresses);
        orUndo(this::tellMulticast, () -> multicast = before);
    }

    private void tellMulticast() {
        if (6L * multicast.size() > 8000) {
            throw new NetDevException(multicast.size() + " multicast addresses: the driver passes on 1333 at most");
        }
        control.begin(CLASS_MAC, MAC_TABLE_SET).add32(0).add32(multicast.size());
        multicast.forEach(control::add);
        control.send("set the multicast list");
    }

    Set<Integer> vlans() {
        return Set.copyOf(vlans);
    }

    void addVlan(int id) {
        if (vlans.add(id)) {
            orUndo(() -> tellVlan(VLAN_ADD, id), () -> vlans.remove(id));
        }
    }

    void removeVlan(int id) {
        if (vlans.remove(id)) {
            orUndo(() -> tellVlan(VLAN_DEL, id), () -> vlans.add(id));
        }
    }

    private void tellVlan(int command, int id) {
        control.begin(CLASS_VLAN, command).add16(id).send((command == VLAN_ADD ? "add" : "remove") + " VLAN " + id);
    }

    void steering(RssConfig config, int pairs) {
        RssConfig before = rss;
        rss = config;
        orUndo(() -> tellSteering(pairs), () -> rss = before);
    }

    /** Without a configuration by pairs alone, which ends steering by hash. */
    private void tellSteering(int pairs) {
        if (rss == null) {
            tellPairs(pairs);
            return;
        }
        int[] table = rss.table();
        control.begin(CLASS_MQ, MQ_RSS_CONFIG).add32(bits(rss.types())).add16(table.length - 1)
                .add16(rss.unclassified());
        for (int queue : table) {
            control.add16(queue);
        }
        byte[] key = rss.key();
        control.add16(pairs).add8(key.length).add(key).send("steer by hash");
    }

    void flowHash(Set<FlowHashType> types, byte[] key) {
        if (running) {
            control.begin(CLASS_MQ, MQ_HASH_CONFIG).add32(bits(types)).add64(0).add8(key.length).add(key)
                    .send("report hashes");
        }
    }

    static int bits(Set<FlowHashType> types) {
        int bits = 0;
        for (FlowHashType type : types) {
            bits |= HashType.valueOf(type.name()).bit();
        }
        return bits;
    }

    void coalescing(Coalescing rx, Coalescing tx) {
        Coalescing rxBefore = rxCoalescing;
        Coalescing txBefore = txCoalescing;
        rxCoalescing = rx;
        txCoalescing = tx;
        orUndo(this::tellCoalescing, () -> {
            rxCoalescing = rxBefore;
            txCoalescing = txBefore;
        });
    }

    private void tellCoalescing() {
        tell(NOTF_COAL_RX_SET, rxCoalescing, "hold receive interrupts back");
        tell(NOTF_COAL_TX_SET, txCoalescing, "hold transmit interrupts back");
    }

    private void tell(int command, Coalescing coalescing, String what) {
        control.begin(CLASS_NOTF_COAL, command).add32(coalescing.maxPackets()).add32(coalescing.maxMicros()).send(what);
    }

    /** @param virtqueue its index in the device */
    void queueCoalescing(int virtqueue, Coalescing coalescing) {
        Coalescing before = queueCoalescing.put(virtqueue, coalescing);
        orUndo(() -> tellQueueCoalescing(virtqueue, coalescing), () -> {
            queueCoalescing.remove(virtqueue);
            if (before != null) {
                queueCoalescing.put(virtqueue, before);
            }
        });
    }

    private void tellQueueCoalescing(int virtqueue, Coalescing coalescing) {
        control.begin(CLASS_NOTF_COAL, NOTF_COAL_VQ_SET).add16(virtqueue).add16(0).add32(coalescing.maxPackets())
                .add32(coalescing.maxMicros()).send("hold the interrupts of virtqueue " + virtqueue + " back");
    }

    /** What the device says, or what it will be told at the next start. */
    Coalescing queueCoalescing(int virtqueue) {
        if (!running) {
            return queueCoalescing.getOrDefault(virtqueue, (virtqueue & 1) == 0 ? rxCoalescing : txCoalescing);
        }
        control.begin(CLASS_NOTF_COAL, NOTF_COAL_VQ_GET).add16(virtqueue).add16(0)
                .send("tell how the interrupts of virtqueue " + virtqueue + " are held back", 12);
        if (control.resultBytes() < 12) {
            throw new NetDevException("the device tells " + control.resultBytes()
                    + " bytes of how interrupts are held back, 12 are expected");
        }
        return new Coalescing(Math.max(0, control.result32(4)), Math.max(0, control.result32(8)));
    }

    void rxOffloads(Set<Capability> wanted) {
        Set<Capability> before = rxOffloads;
        rxOffloads = wanted.stream().filter(LARGE_RECEIVE::contains).collect(Collectors.toUnmodifiableSet());
        orUndo(this::tellOffloads, () -> rxOffloads = before);
    }

    private void tellOffloads() {
        Features on = Features.NONE;
        for (Capability offload : rxOffloads) {
            on = on.with(switch (offload) {
                case RX_CHECKSUM -> NetFeature.GUEST_CSUM;
                case RX_TSO4 -> NetFeature.GUEST_TSO4;
                case RX_TSO6 -> NetFeature.GUEST_TSO6;
                case RX_TSO_ECN -> NetFeature.GUEST_ECN;
                case RX_USO4 -> NetFeature.GUEST_USO4;
                default -> NetFeature.GUEST_USO6;
            });
        }
        control.begin(CLASS_GUEST_OFFLOADS, GUEST_OFFLOADS_SET).add64(on.and(negotiated).low())
                .send("change the receive offloads");
    }

    /** The driver announced itself (virtio 1.4 §5.1.9.5.4.1). */
    void announced() {
        if (running && has(NetFeature.GUEST_ANNOUNCE)) {
            control.begin(CLASS_ANNOUNCE, ANNOUNCE_ACK).send("hear that it was announced");
        }
    }

    /** Counters that the device keeps, by name; empty if it keeps none. A device whose answer makes no sense tells nothing. */
    Map<String, Long> deviceStatistics(int pairs) {
        Map<String, Long> counters = new LinkedHashMap<>();
        if (running && has(NetFeature.DEVICE_STATS)) {
            new StatisticsQuery(control).putInto(counters, pairs);
        }
        return counters;
    }

    /** Before the device runs, or where it cannot be told, what was set is told at the next start. */
    private void orUndo(Runnable telling, Runnable undo) {
        if (!running) {
            return;
        }
        try {
            telling.run();
        } catch (RuntimeException e) {
            undo.run();
            throw e;
        }
    }
}
