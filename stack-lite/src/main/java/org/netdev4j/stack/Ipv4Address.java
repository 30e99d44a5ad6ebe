package org.netdev4j.stack;

/** An IPv4 address is an {@code int} here, first byte on the wire highest; this class is its text form. */
public final class Ipv4Address {
    private static final int PARTS = 4;
    private static final int THIS_NETWORK = 0;
    private static final int LOOPBACK = 127;
    private static final int FIRST_MULTICAST = 224;

    private Ipv4Address() {}

    /**
     * The address that {@code text} writes as four decimal numbers with dots.
     *
     * @throws IllegalArgumentException naming the text and what was expected
     */
    public static int parse(String text) {
        int address = 0;
        int part = 0;
        int parts = 0;
        int digits = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '.';
            if (c == '.' && digits > 0) {
                address = address << 8 | part;
                parts++;
                part = 0;
                digits = 0;
            } else if (c >= '0' && c <= '9' && !(digits > 0 && part == 0)) {
                part = part * 10 + c - '0';
                digits++;
            } else {
                throw malformed(text);
            }
            if (part > 255 || parts > PARTS) {
                throw malformed(text);
            }
        }
        if (parts != PARTS) {
            throw malformed(text);
        }
        return address;
    }

    /** Four decimal numbers with dots. */
    public static String format(int address) {
        return (address >>> 24) + "." + (address >> 16 & 0xff) + "." + (address >> 8 & 0xff) + "." + (address & 0xff);
    }

    /** Whether a host can have this address and others can send to it: not 0/8, 127/8, multicast, class E or broadcast. */
    static boolean isHost(int address) {
        int first = address >>> 24;
        return first != THIS_NETWORK && first != LOOPBACK && first < FIRST_MULTICAST;
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "\"" + text + "\" is not an IPv4 address: expected four numbers of 0 to 255 with dots, 10.7.0.2");
    }
}
