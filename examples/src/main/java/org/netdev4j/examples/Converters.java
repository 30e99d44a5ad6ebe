package org.netdev4j.examples;

import java.math.BigDecimal;
import java.util.function.Function;

import org.netdev4j.stack.Ipv4Address;
import org.netdev4j.stack.Ipv4Cidr;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How the text of an option becomes its value; each says in one sentence what is wrong with the text. */
final class Converters {
    private Converters() {}

    /** An address, as {@link Ipv4Address} has it. */
    static final class Address implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return parse(text, Ipv4Address::parse);
        }
    }

    /** An address and the length of its subnet's prefix. */
    static final class Cidr implements ITypeConverter<Ipv4Cidr> {
        @Override
        public Ipv4Cidr convert(String text) {
            return parse(text, Ipv4Cidr::parse);
        }
    }

    /** Seconds with any number of decimals, as nanoseconds. */
    static final class Seconds implements ITypeConverter<Long> {
        private static final BigDecimal MOST = BigDecimal.valueOf(1_000_000_000);

        @Override
        public Long convert(String text) {
            BigDecimal seconds;
            try {
                seconds = new BigDecimal(text);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("\"" + text + "\" is not a number of seconds");
            }
            if (seconds.signum() < 0 || seconds.compareTo(MOST) > 0) {
                throw new TypeConversionException("\"" + text + "\" is not within 0.." + MOST + " seconds");
            }
            return seconds.movePointRight(9).longValue();
        }
    }

    /** 1..65535. */
    static final class UdpPort implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return parse(text, Converters::port);
        }
    }

    private static int port(String text) {
        if (text.matches("[0-9]{1,5}")) {
            int port = Integer.parseInt(text);
            if (port >= 1 && port <= 65535) {
                return port;
            }
        }
        throw new IllegalArgumentException("\"" + text + "\" is not a port, 1..65535");
    }

    private static <T> T parse(String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
