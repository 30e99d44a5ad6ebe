package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netdev.fault.RateLimit;
import org.netdev4j.stack.Ipv4Cidr;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

class ConvertersTest {
    @Test
    void addressIsFourNumbers() throws Exception {
        assertEquals(0x0a070001, new Converters.Address().convert("10.7.0.1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.7.0", "10.7.0.256", "10.7.0.1.2", "example.org", "-1.2.3.4", "10.7.0.1/24", "::1"})
    void whatIsNoAddressIsNamed(String text) {
        assertRefused(new Converters.Address(), text);
    }

    @Test
    void cidrIsAddressAndPrefixLength() throws Exception {
        assertEquals(new Ipv4Cidr(0x0a070002, 24), new Converters.Cidr().convert("10.7.0.2/24"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.7.0.2", "10.7.0.2/", "10.7.0.2/33", "10.7.0.2/-1", "10.7.0.2/24/24"})
    void whatIsNoCidrIsNamed(String text) {
        assertRefused(new Converters.Cidr(), text);
    }

    @ParameterizedTest
    @CsvSource({"1, 1000000000", "0.01, 10000000", "1.5, 1500000000", "0, 0", "1e-3, 1000000",
        "1000000000, 1000000000000000000"})
    void secondsBecomeNanoseconds(String text, long nanos) {
        assertEquals(nanos, new Converters.Seconds().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "one", "NaN", "1000000001", "1e999999999"})
    void whatIsNoTimeIsNamed(String text) {
        assertRefused(new Converters.Seconds(), text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "100, 1", "0.5, 0.005", "30, 0.3"})
    void percentsBecomeProbabilities(String text, double probability) {
        assertEquals(probability, new Converters.Percent().convert(text), 1e-12);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "100.1", "half", "NaN"})
    void whatIsNoPercentIsNamed(String text) {
        assertRefused(new Converters.Percent(), text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "150us, 150000", "1.5ms, 1500000", "2s, 2000000000", "7ns, 7", "3600s, 3600000000000"})
    void timesHaveUnits(String text, long nanos) {
        assertEquals(nanos, new Converters.Time().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "20", "-1ms", "1h", "ms", "3601s", "1 ms"})
    void aTimeWithoutItsUnitIsNamed(String text) {
        assertRefused(new Converters.Time(), text);
    }

    @ParameterizedTest
    @CsvSource({"64kbit, 64000, BITS", "10Mbit, 10000000, BITS", "1.5Gbit, 1500000000, BITS", "1000pps, 1000, PACKETS",
        "2Mpps, 2000000, PACKETS", "1bit, 1, BITS"})
    void ratesAreBitsOrPackets(String text, long perSecond, RateLimit.Unit unit) {
        assertEquals(new RateLimit(perSecond, unit), new Converters.Rate().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "100", "0pps", "fast", "0.1bit", "10Mbyte", "-5kbit"})
    void whatIsNoRateIsNamed(String text) {
        assertRefused(new Converters.Rate(), text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "1000, 1000", "50k, 50000", "1.5M, 1500000", "0.5k, 500"})
    void packetRatesArePacketsASecond(String text, long perSecond) {
        assertEquals(perSecond, new Converters.PacketRate().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fast", "-1", "10Mbit", "1000pps", "0.5", "1K", "1 k"})
    void whatIsNoPacketRateIsNamed(String text) {
        assertRefused(new Converters.PacketRate(), text);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 65535})
    void portIsWithin16Bits(int port) {
        assertEquals(port, new Converters.UdpPort().convert(String.valueOf(port)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "65536", "-7", "echo", "99999999999"})
    void whatIsNoPortIsNamed(String text) {
        assertRefused(new Converters.UdpPort(), text);
    }

    private static void assertRefused(ITypeConverter<?> converter, String text) {
        TypeConversionException refusal = assertThrows(TypeConversionException.class, () -> converter.convert(text));
        assertTrue(refusal.getMessage().contains(text), refusal.getMessage());
    }
}
