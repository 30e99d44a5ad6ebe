package org.netdev4j.examples;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.netdev4j.netdev.fault.RateLimit;
import org.netdev4j.stack.Ipv4Address;
import org.netdev4j.stack.Ipv4Cidr;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How the text of an option becomes its value; each says in one sentence what is wrong with the text. */
final class Converters {
    private static final Pattern QUANTITY = Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,9})?)([a-zA-Z]+)");

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

    /** 0 to 100, with any number of decimals, as a probability. */
    static final class Percent implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            double percent;
            try {
                percent = new BigDecimal(text).doubleValue();
            } catch (NumberFormatException e) {
                throw new TypeConversionException("\"" + text + "\" is not a number of percent");
            }
            if (percent < 0 || percent > 100) {
                throw new TypeConversionException("\"" + text + "\" is not within 0..100 percent");
            }
            return percent / 100;
        }
    }

    /** A number with its unit, {@code 1.5ms}, as nanoseconds; 0 needs no unit. */
    static final class Time implements ITypeConverter<Long> {
        private static final BigDecimal MOST = BigDecimal.valueOf(3600).movePointRight(9);

        @Override
        public Long convert(String text) {
            if (text.equals("0")) {
                return 0L;
            }
            BigDecimal nanos = quantity(text, "a time: a number and ns, us, ms or s, at most an hour",
                    Map.of("ns", 0, "us", 3, "ms", 6, "s", 9));
            if (nanos.compareTo(MOST) > 0) {
                throw new TypeConversionException("\"" + text + "\" is more than an hour");
            }
            return nanos.longValue();
        }
    }

    /** A number with its unit, {@code 10Mbit} or {@code 1000pps}. */
    static final class Rate implements ITypeConverter<RateLimit> {
        private static final BigDecimal MOST = BigDecimal.valueOf(1_000_000_000_000L);

        @Override
        public RateLimit convert(String text) {
            boolean bits = text.toLowerCase(Locale.ROOT).endsWith("bit");
            BigDecimal rate = quantity(text, "a rate: a number and bit, kbit, Mbit, Gbit or pps, kpps, Mpps",
                    Map.of("bit", 0, "kbit", 3, "mbit", 6, "gbit", 9, "pps", 0, "kpps", 3, "mpps", 6));
            if (rate.compareTo(BigDecimal.ONE) < 0 || rate.compareTo(MOST) > 0) {
                throw new TypeConversionException("\"" + text + "\" is not within 1.." + MOST + " a second");
            }
            return new RateLimit(rate.longValue(), bits ? RateLimit.Unit.BITS : RateLimit.Unit.PACKETS);
        }
    }

    /** Packets a second, {@code 1000}, {@code 50k} or {@code 1.5M}; 0 is no limit. */
    static final class PacketRate implements ITypeConverter<Long> {
        private static final Pattern RATE = Pattern.compile("([0-9]{1,10}(?:\\.[0-9]{1,6})?)([kM]?)");

        @Override
        public Long convert(String text) {
            Matcher matcher = RATE.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException("\"" + text
                        + "\" is not a number of packets a second: 1000, 50k or 1.5M");
            }
            int power = switch (matcher.group(2)) {
                case "k" -> 3;
                case "M" -> 6;
                default -> 0;
            };
            BigDecimal rate = new BigDecimal(matcher.group(1)).movePointRight(power);
            if (rate.signum() > 0 && rate.compareTo(BigDecimal.ONE) < 0) {
                throw new TypeConversionException("\"" + text + "\" is less than 1 packet a second");
            }
            return rate.longValue();
        }
    }

    /** 1..65535. */
    static final class UdpPort implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return parse(text, Converters::port);
        }
    }

    /** @param powers of ten that units stand for */
    private static BigDecimal quantity(String text, String what, Map<String, Integer> powers) {
        Matcher matcher = QUANTITY.matcher(text);
        Integer power = matcher.matches() ? powers.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
        if (power == null) {
            throw new TypeConversionException("\"" + text + "\" is not " + what);
        }
        return new BigDecimal(matcher.group(1)).movePointRight(power);
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
