package org.netdev4j.stack;

/**
 * An address and the subnet it is in, {@code 10.7.0.2/24}.
 *
 * @param address the host's own address, as in {@link Ipv4Address}
 * @param prefixLength leading bits that all addresses of the subnet share, 0..32
 */
public record Ipv4Cidr(int address, int prefixLength) {
    private static final int MAX_PREFIX = 32;
    /** A subnet of one or two addresses has no address of its own and no broadcast (RFC 3021 §2.1). */
    private static final int FIRST_PREFIX_WITHOUT_BROADCAST = 31;

    /** @throws IllegalArgumentException if the prefix length is out of range */
    public Ipv4Cidr {
        if (prefixLength < 0 || prefixLength > MAX_PREFIX) {
            throw new IllegalArgumentException("prefix length " + prefixLength + " is not possible: expected 0 to 32");
        }
    }

    /**
     * Parses {@code ADDRESS/PREFIX}.
     *
     * @throws IllegalArgumentException naming the text and what was expected
     */
    public static Ipv4Cidr parse(String text) {
        int slash = text.indexOf('/');
        String prefix = slash < 0 ? "" : text.substring(slash + 1);
        boolean number = !prefix.isEmpty() && prefix.length() <= 2
                && prefix.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!number || Integer.parseInt(prefix) > MAX_PREFIX) {
            throw new IllegalArgumentException("\"" + text
                    + "\" is not an address with a prefix length of 0 to 32: expected ADDRESS/PREFIX, 10.7.0.2/24");
        }
        return new Ipv4Cidr(Ipv4Address.parse(text.substring(0, slash)), Integer.parseInt(prefix));
    }

    /** Whether {@code other} is in this subnet. */
    public boolean contains(int other) {
        return ((address ^ other) & mask()) == 0;
    }

    /** Whether {@code other} means all hosts of this subnet: its last address, or its first one, as RFC 1122 §3.3.6 asks. */
    boolean isBroadcast(int other) {
        if (prefixLength >= FIRST_PREFIX_WITHOUT_BROADCAST || !contains(other)) {
            return false;
        }
        int host = other & ~mask();
        return host == 0 || host == ~mask();
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return Ipv4Address.format(address) + "/" + prefixLength;
    }

    private int mask() {
        return prefixLength == 0 ? 0 : -1 << (MAX_PREFIX - prefixLength);
    }
}
