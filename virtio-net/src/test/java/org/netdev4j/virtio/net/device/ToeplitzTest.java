package org.netdev4j.virtio.net.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** The hash against the vectors that Microsoft published for receive side scaling, and against its definition, bit by bit. */
class ToeplitzTest {
    static final byte[] KEY = HexFormat.of().parseHex(
            "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa");

    @ParameterizedTest
    @CsvSource({
        "66.9.149.187, 2794, 161.142.100.80, 1766, 323e8fc2, 51ccc178",
        "199.92.111.2, 14230, 65.69.140.83, 4739, d718262a, c626b0ea",
        "24.19.198.95, 12898, 12.22.207.184, 38024, d2d0a5de, 5c2b394a",
        "38.27.205.30, 48228, 209.142.163.6, 2217, 82989176, afc7327f",
        "153.39.163.191, 44251, 202.188.127.2, 1303, 5d1809c5, 10e828a2",
        "3ffe:2501:200:1fff::7, 2794, 3ffe:2501:200:3::1, 1766, 2cc18cd5, 40207d3d",
        "3ffe:501:8::260:97ff:fe40:efab, 14230, ff02::1, 4739, 0f0c461c, dde51bbf",
        "3ffe:1900:4545:3:200:f8ff:fe21:67cf, 44251, fe80::200:f8ff:fe21:67cf, 38024, 4b61e985, 02d1feef"})
    void hashesOfThePublishedFlows(String source, int sourcePort, String destination, int destinationPort,
            String addresses, String ports) throws UnknownHostException {
        byte[] from = InetAddress.getByName(source).getAddress();
        byte[] to = InetAddress.getByName(destination).getAddress();
        byte[] input = ByteBuffer.allocate(2 * from.length + 4).put(from).put(to).putShort((short) sourcePort)
                .putShort((short) destinationPort).array();
        Toeplitz toeplitz = new Toeplitz(KEY);
        assertEquals(HexFormat.fromHexDigits(addresses), toeplitz.hash(input, 2 * from.length));
        assertEquals(HexFormat.fromHexDigits(ports), toeplitz.hash(input, input.length));
    }

    @Property
    void isItsDefinition(@ForAll @Size(max = Toeplitz.KEY_BYTES) byte[] key,
            @ForAll @Size(max = Toeplitz.MAX_INPUT) byte[] input) {
        assertEquals(bitByBit(Arrays.copyOf(key, Toeplitz.KEY_BYTES), input),
                new Toeplitz(key).hash(input, input.length));
    }

    /** For each bit of the input that is set, the 32 bits of the key from there on. */
    private static int bitByBit(byte[] key, byte[] input) {
        int hash = 0;
        for (int bit = 0; bit < 8 * input.length; bit++) {
            if (bit(input, bit) == 1) {
                for (int i = 0; i < 32; i++) {
                    hash ^= bit(key, bit + i) << (31 - i);
                }
            }
        }
        return hash;
    }

    private static int bit(byte[] bytes, int index) {
        return bytes[index / 8] >>> (7 - index % 8) & 1;
    }
}
