package org.netdev4j.stack;

/** An IPv4 address is an {@code int} here, first byte on the wire highest; this class is its text form. */
public final class Ipv4Address {
    private Ipv4Address() {}

    /**
     * The address that {@code text} writes as four decimal numbers with dots.
     *
     * @throws IllegalArgumentException naming the text and what was expected
     */
    public static int parse(String text) {
        throw new UnsupportedOperationException();
    }

    /** Four decimal numbers with dots. */
    public static String format(int address) {
        throw new UnsupportedOperationException();
    }
}
