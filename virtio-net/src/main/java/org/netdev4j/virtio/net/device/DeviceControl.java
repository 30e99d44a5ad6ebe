package org.netdev4j.virtio.net.device;

import static org.netdev4j.virtio.net.ControlLayout.*;

import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.net.HashType;
import org.netdev4j.virtio.net.NetFeature;

/** What the commands of the control queue do to a device (virtio 1.4 §5.1.9.5); a command whose feature is missing fails. */
final class DeviceControl implements ControlHandler {
    private static final int MAC_BYTES = 6;
    private static final int COUNT_BYTES = 4;
    private static final int MAX_COALESCING_MICROS = 10_000_000;

    private final DeviceSettings settings;
    private final ReceiveFilter filter;
    private final Steering steering;
    private final QueuePair[] pairs;
    private final DeviceStatistics statistics;
    private final Changes changes;
    private Features features = Features.NONE;
    private Offloads guestOffloads = Offloads.NONE;

    /** What a device does itself when a command asks for it. */
    interface Changes {
        void mac(MacAddress address);

        void announced();

        void pairsInUse(int count);

        void guestOffloads(Offloads offloads);
    }

    DeviceControl(DeviceSettings settings, ReceiveFilter filter, Steering steering, QueuePair[] pairs,
            DeviceStatistics statistics, Changes changes) {
        this.settings = settings;
        this.filter = filter;
        this.steering = steering;
        this.pairs = pairs;
        this.statistics = statistics;
        this.changes = changes;
    }

    void start(Features negotiated) {
        features = negotiated;
        guestOffloads = Offloads.ofGuest(negotiated);
    }

    @Override
    public boolean execute(int commandClass, int command, ControlData data, ControlData result) {
        return switch (commandClass) {
            case CLASS_RX -> data.length() == 1 && data.u8(0) <= 1 && receiveMode(command, data.u8(0) == 1);
            case CLASS_MAC -> mac(command, data);
            case CLASS_VLAN -> data.length() == 2 && vlan(command, data.u16(0));
            case CLASS_ANNOUNCE -> announce(command);
            case CLASS_MQ -> queues(command, data);
            case CLASS_GUEST_OFFLOADS -> data.length() == Long.BYTES && guestOffloads(command, data.u64(0));
            case CLASS_NOTF_COAL -> coalescing(command, data, result);
            case CLASS_STATS -> has(NetFeature.DEVICE_STATS) && statistics(command, data, result);
            default -> false;
        };
    }

    private boolean has(NetFeature feature) {
        return features.has(feature);
    }

    private boolean receiveMode(int command, boolean on) {
        if (!has(command <= RX_ALLMULTI ? NetFeature.CTRL_RX : NetFeature.CTRL_RX_EXTRA)) {
            return false;
        }
        switch (command) {
            case RX_PROMISC -> filter.promiscuous(on);
            case RX_ALLMULTI -> filter.allMulticast(on);
            case RX_ALLUNI -> filter.allUnicast(on);
            case RX_NOMULTI -> filter.noMulticast(on);
            case RX_NOUNI -> filter.noUnicast(on);
            case RX_NOBCAST -> filter.noBroadcast(on);
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean mac(int command, ControlData data) {
        if (command == MAC_ADDR_SET) {
            if (!has(NetFeature.CTRL_MAC_ADDR) || data.length() != MAC_BYTES || data.mac(0).isMulticast()) {
                return false;
            }
            changes.mac(data.mac(0));
            return true;
        }
        return command == MAC_TABLE_SET && has(NetFeature.CTRL_RX) && macTable(data);
    }

    /** Both counts are the driver's: each table must lie in the data, and both must be all of it. */
    private boolean macTable(ControlData data) {
        long unicast = count(data, 0);
        long multicastAt = COUNT_BYTES + MAC_BYTES * unicast;
        long multicast = unicast < 0 ? -1 : count(data, multicastAt);
        if (multicast < 0 || multicastAt + COUNT_BYTES + MAC_BYTES * multicast != data.length()) {
            return false;
        }
        filter.addresses(addresses(data, COUNT_BYTES, (int) unicast),
                addresses(data, (int) multicastAt + COUNT_BYTES, (int) multicast));
        return true;
    }

    /** @return -1 if there is no room for a count, or for what it counts */
    private static long count(ControlData data, long at) {
        if (at + COUNT_BYTES > data.length()) {
            return -1;
        }
        long count = Integer.toUnsignedLong(data.u32((int) at));
        return at + COUNT_BYTES + MAC_BYTES * count > data.length() ? -1 : count;
    }

    private static long[] addresses(ControlData data, int at, int count) {
        long[] addresses = new long[count];
        for (int i = 0; i < count; i++) {
            addresses[i] = data.mac(at + MAC_BYTES * i).value();
        }
        return addresses;
    }

    private boolean vlan(int command, int id) {
        if (!has(NetFeature.CTRL_VLAN) || id >= ReceiveFilter.VLANS) {
            return false;
        }
        switch (command) {
            case VLAN_ADD -> filter.addVlan(id);
            case VLAN_DEL -> filter.removeVlan(id);
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean announce(int command) {
        if (command != ANNOUNCE_ACK || !has(NetFeature.GUEST_ANNOUNCE)) {
            return false;
        }
        changes.announced();
        return true;
    }

    private boolean queues(int command, ControlData data) {
        return switch (command) {
            case MQ_VQ_PAIRS_SET -> has(NetFeature.MQ) && data.length() == 2 && pairsInUse(data.u16(0));
            case MQ_RSS_CONFIG -> has(NetFeature.RSS) && rss(data);
            case MQ_HASH_CONFIG -> has(NetFeature.HASH_REPORT) && hash(data);
            default -> false;
        };
    }

    private boolean pairsInUse(int count) {
        if (count < 1 || count > settings.maxPairs()) {
            return false;
        }
        steering.automatic(count);
        changes.pairsInUse(count);
        return true;
    }

    /** {@code struct virtio_net_rss_config}, whose table and key have the lengths that the driver says. */
    private boolean rss(ControlData data) {
        if (data.length() < 8) {
            return false;
        }
        int types = data.u32(0);
        int entries = data.u16(4) + 1;
        int unclassified = data.u16(6);
        int tableEnd = 8 + 2 * entries;
        if (entries > Steering.MAX_TABLE || Integer.bitCount(entries) != 1 || tableEnd + 3 > data.length()) {
            return false;
        }
        int transmitQueues = data.u16(tableEnd);
        byte[] key = key(data, tableEnd + 2);
        if (key == null || (types & ~HashType.ALL_BITS) != 0 || transmitQueues < 1
                || transmitQueues > settings.maxPairs() || unclassified >= settings.maxPairs()) {
            return false;
        }
        int[] table = new int[entries];
        int inUse = Math.max(transmitQueues, unclassified + 1);
        for (int i = 0; i < entries; i++) {
            table[i] = data.u16(8 + 2 * i);
            if (table[i] >= settings.maxPairs()) {
                return false;
            }
            inUse = Math.max(inUse, table[i] + 1);
        }
        steering.hash(types, key);
        steering.byHash(table, unclassified, inUse);
        changes.pairsInUse(inUse);
        return true;
    }

    private boolean hash(ControlData data) {
        if (data.length() < 13 || (data.u32(0) & ~HashType.ALL_BITS) != 0) {
            return false;
        }
        byte[] key = key(data, 12);
        if (key == null) {
            return false;
        }
        steering.hash(data.u32(0), key);
        return true;
    }

    /** A length and so many bytes, which end the data; or null. */
    private static byte[] key(ControlData data, int at) {
        int length = data.u8(at);
        if (length > Steering.MAX_KEY || at + 1 + length != data.length()) {
            return null;
        }
        byte[] key = new byte[length];
        for (int i = 0; i < length; i++) {
            key[i] = (byte) data.u8(at + 1 + i);
        }
        return key;
    }

    /** The bits are those of the features (virtio 1.4 §5.1.9.5.9); only negotiated ones can be switched on. */
    private boolean guestOffloads(int command, long bits) {
        if (command != GUEST_OFFLOADS_SET || !has(NetFeature.CTRL_GUEST_OFFLOADS)) {
            return false;
        }
        Features asked = new Features(bits, 0);
        Features known = Features.of(NetFeature.GUEST_CSUM, NetFeature.GUEST_TSO4, NetFeature.GUEST_TSO6,
                NetFeature.GUEST_ECN, NetFeature.GUEST_USO4, NetFeature.GUEST_USO6);
        if (!asked.isSubsetOf(known.and(features))) {
            return false;
        }
        Offloads offloads = Offloads.ofGuest(asked);
        if (!offloads.equals(guestOffloads)) {
            guestOffloads = offloads;
            changes.guestOffloads(offloads);
        }
        return true;
    }

    private boolean coalescing(int command, ControlData data, ControlData result) {
        return switch (command) {
            case NOTF_COAL_TX_SET, NOTF_COAL_RX_SET -> has(NetFeature.NOTF_COAL) && data.length() == 8
                    && isPossible(data.u32(4)) && coalesceAll(command == NOTF_COAL_RX_SET, data.u32(0), data.u32(4));
            case NOTF_COAL_VQ_SET -> has(NetFeature.VQ_NOTF_COAL) && data.length() == 12 && isPossible(data.u32(8))
                    && coalesceOne(data.u16(0), data.u32(4), data.u32(8));
            case NOTF_COAL_VQ_GET -> has(NetFeature.VQ_NOTF_COAL) && data.length() == 4
                    && coalescingOf(data.u16(0), result);
            default -> false;
        };
    }

    private static boolean isPossible(int micros) {
        return Integer.compareUnsigned(micros, MAX_COALESCING_MICROS) <= 0;
    }

    private boolean coalesceAll(boolean receive, int packets, int micros) {
        for (QueuePair pair : pairs) {
            (receive ? pair.rxModeration : pair.txModeration).setCommon(packets, micros);
        }
        return true;
    }

    private boolean coalesceOne(int index, int packets, int micros) {
        InterruptModeration moderation = moderation(index);
        if (moderation == null) {
            return false;
        }
        moderation.set(packets, micros);
        return true;
    }

    private boolean coalescingOf(int index, ControlData result) {
        InterruptModeration moderation = moderation(index);
        if (moderation == null) {
            return false;
        }
        result.add16(index).add16(0).add32(moderation.maxPackets()).add32(moderation.maxMicros());
        return true;
    }

    /** Of a queue that is there, or null. */
    private InterruptModeration moderation(int index) {
        if (index >= 2 * pairs.length) {
            return null;
        }
        QueuePair pair = pairs[index >>> 1];
        if ((index & 1) == 0) {
            return pair.receive.queue() == null ? null : pair.rxModeration;
        }
        return pair.transmit.queue() == null ? null : pair.txModeration;
    }

    private boolean statistics(int command, ControlData data, ControlData result) {
        return switch (command) {
            case STATS_QUERY -> data.length() == 0 && statistics.query(result);
            case STATS_GET -> statistics.get(data, result);
            default -> false;
        };
    }
}
