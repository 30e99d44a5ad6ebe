package org.netdev4j.virtio.net;

/** The internet checksum as RFC 1071 defines it, byte pair by byte pair: what the real one is compared with. */
final class NaiveChecksum {
    private NaiveChecksum() {}

    static int of(byte[] bytes, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i += 2) {
            int high = bytes[i] & 0xff;
            int low = i + 1 < to ? bytes[i + 1] & 0xff : 0;
            sum += high << 8 | low;
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return ~sum & 0xffff;
    }
}
