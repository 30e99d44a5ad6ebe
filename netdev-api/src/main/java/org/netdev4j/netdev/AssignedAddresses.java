package org.netdev4j.netdev;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Addresses that whoever runs the program assigns to a device; a stack asks for them with {@link NetDev#extendedInfo}. They
 * count more than those a driver knows. Written as the option {@code ip} of any device string, or put around a device:
 *
 * <pre>{@code
 * NetDev.open("tap:nd0,ip=10.7.0.2/24:10.7.0.1");
 * NetDev.open("tap:nd0", AssignedAddresses.parse("10.7.0.2/24:10.7.0.1::9.9.9.9"));
 * }</pre>
 */
public final class AssignedAddresses implements NetDevDecorator {
    /** Key of the option of a device string. */
    static final String OPTION = "ip";

    private static final String FORM = "CIDR[:GATEWAY[:DNS0[:DNS1[:HOSTNAME[:DOMAIN]]]]]";
    private static final List<ExtendedInfo> FIELDS = List.of(ExtendedInfo.IPV4_CIDR, ExtendedInfo.IPV4_GATEWAY,
            ExtendedInfo.IPV4_DNS0, ExtendedInfo.IPV4_DNS1, ExtendedInfo.IPV4_HOSTNAME, ExtendedInfo.IPV4_DOMAIN);

    private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final String IPV4 = BYTE + "(?:\\." + BYTE + "){3}";
    private static final Pattern ADDRESS = Pattern.compile(IPV4);
    private static final Pattern CIDR = Pattern.compile(IPV4 + "/(?:3[0-2]|[12]?\\d)");
    /** RFC 1123 §2.1. */
    private static final Pattern NAME = Pattern
            .compile(
                    "(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");

    private final Map<ExtendedInfo, String> assigned;

    private AssignedAddresses(Map<ExtendedInfo, String> assigned) {
        this.assigned = assigned;
    }

    /**
     * Reads {@code CIDR[:GATEWAY[:DNS0[:DNS1[:HOSTNAME[:DOMAIN]]]]]}; an empty field is not assigned.
     *
     * @throws IllegalArgumentException naming the field and what is expected
     */
    public static AssignedAddresses parse(String text) {
        String[] fields = text.split(":", -1);
        if (fields.length > FIELDS.size()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" has " + fields.length + " fields, the form is " + FORM);
        }
        Map<ExtendedInfo, String> assigned = new EnumMap<>(ExtendedInfo.class);
        for (int i = 0; i < fields.length; i++) {
            if (!fields[i].isEmpty()) {
                check(text, FIELDS.get(i), fields[i]);
                assigned.put(FIELDS.get(i), fields[i]);
            }
        }
        return new AssignedAddresses(assigned);
    }

    private static void check(String text, ExtendedInfo field, String value) {
        Pattern pattern = switch (field) {
            case IPV4_CIDR -> CIDR;
            case IPV4_HOSTNAME, IPV4_DOMAIN -> NAME;
            default -> ADDRESS;
        };
        Matcher matcher = pattern.matcher(value);
        if (!matcher.matches()) {
            String expected = switch (field) {
                case IPV4_CIDR -> "an IPv4 address with the length of its prefix, like 10.7.0.2/24";
                case IPV4_HOSTNAME, IPV4_DOMAIN -> "a host name";
                default -> "an IPv4 address";
            };
            throw new IllegalArgumentException(
                    "\"" + text + "\": \"" + value + "\" is not " + expected + "; the form is " + FORM);
        }
    }

    @Override
    public NetDevOps decorate(NetDevOps device, String name) {
        return new ForwardingNetDevOps(device) {
            @Override
            public String extendedInfo(ExtendedInfo key) {
                String value = assigned.get(key);
                return value == null ? inner.extendedInfo(key) : value;
            }
        };
    }
}
