package org.netdev4j.netdev;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** A 48-bit Ethernet address in the low bits of a long, first byte on the wire highest. */
public record MacAddress(long value) {
    public static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);

    /** Bytes of an address on the wire. */
    public static final int BYTES = 6;

    private static final Pattern TEXT = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");
    private static final long GROUP = 1L << 40;
    private static final long LOCAL = 1L << 41;

    /** @throws IllegalArgumentException if {@code value} has more than 48 bits */
    public MacAddress {
        if (value >>> 48 != 0) {
            throw new IllegalArgumentException("0x" + Long.toHexString(value) + " has more than 48 bits");
        }
    }

    /** @throws IllegalArgumentException unless {@code text} is six bytes in hexadecimal with colons */
    public static MacAddress parse(String text) {
        if (!TEXT.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a MAC address: expected six bytes in hexadecimal with colons");
        }
        return new MacAddress(HexFormat.fromHexDigitsToLong(text.replace(":", "")));
    }

    /** The address whose six bytes are at {@code offset}, in the order of the wire. */
    public static MacAddress read(MemorySegment memory, long offset) {
        long value = 0;
        for (int i = 0; i < BYTES; i++) {
            value = (value << 8) | (memory.get(ValueLayout.JAVA_BYTE, offset + i) & 0xff);
        }
        return new MacAddress(value);
    }

    /** A unicast address of the locally administered kind, the other 46 bits random. */
    public static MacAddress randomLocal(RandomGenerator random) {
        return new MacAddress(((random.nextLong() >>> 16) & ~GROUP) | LOCAL);
    }

    /** Stores the six bytes at {@code offset}, in the order of the wire. */
    public void write(MemorySegment memory, long offset) {
        for (int i = 0; i < BYTES; i++) {
            memory.set(ValueLayout.JAVA_BYTE, offset + i, (byte) (value >> (40 - 8 * i)));
        }
    }

    /** Bit 0 of the first byte: a group address (broadcast included). */
    public boolean isMulticast() {
        return (value & GROUP) != 0;
    }

    /** Bit 1 of the first byte: not assigned by a manufacturer. */
    public boolean isLocallyAdministered() {
        return (value & LOCAL) != 0;
    }

    /** Six bytes in hexadecimal with colons, lower case. */
    @Override
    public String toString() {
        return HexFormat.ofDelimiter(":")
                .formatHex(new byte[]{(byte) (value >> 40), (byte) (value >> 32), (byte) (value >> 24),
                    (byte) (value >> 16), (byte) (value >> 8), (byte) value});
    }
}
