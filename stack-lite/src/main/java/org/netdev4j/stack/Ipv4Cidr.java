package org.netdev4j.stack;

/**
 * An address and the subnet it is in, {@code 10.7.0.2/24}.
 *
 * @param address the host's own address, as in {@link Ipv4Address}
 * @param prefixLength leading bits that all addresses of the subnet share, 0..32
 */
public record Ipv4Cidr(int address, int prefixLength) {
    /**
     * Parses {@code ADDRESS/PREFIX}.
     *
     * @throws IllegalArgumentException naming the text and what was expected
     */
    public static Ipv4Cidr parse(String text) {
        throw new UnsupportedOperationException();
    }

    /** Whether {@code other} is in this subnet. */
    public boolean contains(int other) {
        throw new UnsupportedOperationException();
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        throw new UnsupportedOperationException();
    }
}
