package org.netdev4j.virtio.net.device;

/**
 * The Toeplitz hash (virtio 1.4 §5.1.9.4.3) under one key: for each byte of the input a table of what its 256 values add.
 */
final class Toeplitz {
    /** Longest input, bytes: two IPv6 addresses and two ports. */
    static final int MAX_INPUT = 36;
    /** Bytes of a key that cover it: 32 bits of key for the last bit of input. */
    static final int KEY_BYTES = MAX_INPUT + Integer.BYTES;

    private final int[] table = new int[MAX_INPUT << 8];

    /** @param key of up to {@link #KEY_BYTES} bytes; what is missing is 0 */
    Toeplitz(byte[] key) {
        for (int at = 0; at < MAX_INPUT; at++) {
            for (int bit = 0; bit < 8; bit++) {
                int window = window(key, 8 * at + bit);
                int step = 0x80 >>> bit;
                for (int value = step; value < 256; value = (value + 1) | step) {
                    table[(at << 8) | value] ^= window;
                }
            }
        }
    }

    /** 32 bits of the key from bit {@code first} on. */
    private static int window(byte[] key, int first) {
        int window = 0;
        for (int bit = first; bit < first + Integer.SIZE; bit++) {
            int at = bit >>> 3;
            int one = at < key.length ? (key[at] >>> (7 - (bit & 7))) & 1 : 0;
            window = (window << 1) | one;
        }
        return window;
    }

    /** The hash of the first {@code length} bytes of {@code input}. */
    int hash(byte[] input, int length) {
        int hash = 0;
        for (int i = 0; i < length; i++) {
            hash ^= table[(i << 8) | (input[i] & 0xff)];
        }
        return hash;
    }
}
