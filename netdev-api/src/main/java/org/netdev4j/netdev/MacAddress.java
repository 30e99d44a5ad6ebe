package org.netdev4j.netdev;

/** A 48-bit Ethernet address in the low bits of a long, first byte on the wire highest. */
public record MacAddress(long value) {
    public static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);

    /** @throws IllegalArgumentException unless {@code text} is six bytes in hexadecimal with colons */
    public static MacAddress parse(String text) {
        throw new UnsupportedOperationException();
    }

    /** Bit 0 of the first byte: a group address (broadcast included). */
    public boolean isMulticast() {
        return (value >> 40 & 1) != 0;
    }

    /** Six bytes in hexadecimal with colons, lower case. */
    @Override
    public String toString() {
        throw new UnsupportedOperationException();
    }
}
