package org.netdev4j.virtio.net.device;

import java.util.Arrays;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.net.HashType;
import org.netdev4j.virtio.net.NetFeature;

/**
 * Which receive queue a frame goes to (virtio 1.4 §5.1.9.5.6, §5.1.9.5.7): by a table over its hash if the driver configured
 * one, else to the pair on which the other direction of its flow was sent last. Computes the hash that is reported too.
 */
final class Steering {
    /** Bytes of the longest key. */
    static final int MAX_KEY = Toeplitz.KEY_BYTES;
    /** Entries of the longest indirection table. */
    static final int MAX_TABLE = 128;

    private static final int FLOWS = 4096;
    private static final int UNKNOWN = -1;

    private final FlowParser parser = new FlowParser();
    private final byte[] input = new byte[Toeplitz.MAX_INPUT];
    /** By the hash of a flow: the pair it was sent on last. */
    private final short[] flows = new short[FLOWS];
    private int pairs = 1;
    private boolean reported;
    private int hashTypes;
    private Toeplitz toeplitz = new Toeplitz(new byte[0]);
    /** Pairs by hash, a power of two; null: not configured. */
    private int[] table;
    private int unclassified;

    void start(Features negotiated) {
        reported = negotiated.has(NetFeature.HASH_REPORT);
        hashTypes = 0;
        automatic(1);
    }

    /** So many pairs are in use, steered by flow. */
    void automatic(int pairsInUse) {
        pairs = pairsInUse;
        table = null;
        Arrays.fill(flows, (short) UNKNOWN);
    }

    /** Hashes are computed over {@code types} with {@code key}. */
    void hash(int types, byte[] key) {
        hashTypes = types;
        toeplitz = new Toeplitz(key);
    }

    /**
     * Steers by hash.
     *
     * @param pairsByHash a power of two of entries
     * @param unclassifiedPair for frames without a hash
     */
    void byHash(int[] pairsByHash, int unclassifiedPair, int pairsInUse) {
        pairs = pairsInUse;
        table = pairsByHash;
        unclassified = unclassifiedPair;
    }

    /** Pairs that the driver uses. */
    int pairs() {
        return pairs;
    }

    boolean isByHash() {
        return table != null;
    }

    /** True if a frame must be looked at before it goes anywhere. */
    boolean isNeeded() {
        return pairs > 1 || table != null || (reported && hashTypes != 0);
    }

    /** True if the frames that a back-end steered need not be looked at: they go where it says. */
    boolean isLeftToBackend() {
        return table == null && !(reported && hashTypes != 0);
    }

    /** The driver sent {@code frame}: the other direction of its flow belongs to the same pair. */
    void sent(Frame frame) {
        if (pairs > 1 && table == null) {
            parser.parse(frame, frame.length());
            flows[parser.symmetricHash() & FLOWS - 1] = (short) frame.pair();
        }
    }

    /**
     * The pair for {@code frame}; {@code hash} becomes what is reported of it.
     *
     * @param hint the pair that the back-end steered it to, or negative
     */
    int pair(Frame frame, int hint, FlowHash hash) {
        hash.clear();
        boolean hashed = hashTypes != 0 && (table != null || reported);
        if (table == null && !hashed && (hint >= 0 || pairs == 1)) {
            return hint >= 0 && hint < pairs ? hint : 0;
        }
        parser.parse(frame, frame.length());
        if (hashed) {
            hash(hash);
        }
        if (table != null) {
            return hash.isPresent() ? table[hash.value() & table.length - 1] : unclassified;
        }
        if (hint >= 0) {
            return hint < pairs ? hint : 0;
        }
        int flow = parser.symmetricHash();
        int pair = flows[flow & FLOWS - 1];
        return pair == UNKNOWN || pair >= pairs ? (flow >>> 16) % pairs : pair;
    }

    /**
     * The first type that is enabled and fits, in the order of the specification. With extension headers those types come first
     * that take their addresses, then those that skip them.
     */
    private void hash(FlowHash hash) {
        if (parser.isIpv4()) {
            choose(hash, HashType.TCPV4, HashType.UDPV4, HashType.IPV4, false);
            return;
        }
        if (parser.isIpv6() && parser.isExtended()) {
            choose(hash, HashType.TCPV6_EX, HashType.UDPV6_EX, HashType.IPV6_EX, true);
        }
        if (parser.isIpv6() && !hash.isPresent()) {
            choose(hash, HashType.TCPV6, HashType.UDPV6, HashType.IPV6, false);
        }
    }

    private void choose(FlowHash hash, HashType tcp, HashType udp, HashType ip, boolean extended) {
        if (parser.protocol() == FlowParser.TCP && isEnabled(tcp)) {
            set(hash, tcp, true, extended);
        } else if (parser.protocol() == FlowParser.UDP && isEnabled(udp)) {
            set(hash, udp, true, extended);
        } else if (isEnabled(ip)) {
            set(hash, ip, false, extended);
        }
    }

    private boolean isEnabled(HashType type) {
        return (hashTypes & type.bit()) != 0;
    }

    private void set(FlowHash hash, HashType type, boolean withPorts, boolean extended) {
        hash.set(toeplitz.hash(input, parser.input(input, withPorts, extended)), type);
    }
}
