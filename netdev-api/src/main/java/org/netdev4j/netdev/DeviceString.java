package org.netdev4j.netdev;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A device by name, one grammar everywhere: {@code KIND[:ADDRESS][,key=value...]}, for example
 * {@code tap:nd0,mtu=9000,queues=2}.
 * <p>
 * Kind and keys are lower-case letters, digits and hyphens, a letter first. An address is anything without a comma:
 * {@code pci:0000:00:05.0}, {@code pcap:in.pcapng>out.pcapng}. A value is anything without a comma; a key may stand alone
 * ({@code vhost-user:/run/nd.sock,server}), it is a flag then and its value here is the empty string.
 * <p>
 * The accessors of options are for drivers: each says in its error which option is wrong, what was given and what is
 * allowed.
 *
 * @param kind which driver, lower case
 * @param address what the driver is to open, or the empty string
 * @param options keys and values in the order given; unmodifiable
 */
public record DeviceString(String kind, String address, Map<String, String> options) {
    private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9-]*");

    /** @throws IllegalArgumentException if a part cannot be written in the grammar */
    public DeviceString {
        requireWord("kind", kind);
        requireNoComma("address", address);
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
        options.forEach((key, value) -> {
            requireWord("option", key);
            requireNoComma("value of option " + key, value);
        });
    }

    /** @throws DeviceStringException with the position and what was expected there */
    public static DeviceString parse(String text) {
        return new DeviceStringParser(text).parse();
    }

    /** In the grammar: parses to an equal device string. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(kind);
        if (!address.isEmpty()) {
            text.append(':').append(address);
        }
        options.forEach((key, value) -> {
            text.append(',').append(key);
            if (!value.isEmpty()) {
                text.append('=').append(value);
            }
        });
        return text.toString();
    }

    /** The same without that option. */
    public DeviceString without(String key) {
        Map<String, String> others = new LinkedHashMap<>(options);
        others.remove(key);
        return new DeviceString(kind, address, others);
    }

    /**
     * The address.
     *
     * @param what it names, for the error: "the name of an interface"
     * @throws DeviceStringException if there is none
     */
    public String requireAddress(String what) {
        if (address.isEmpty()) {
            throw error("needs " + what + " after \"" + kind + ":\"");
        }
        return address;
    }

    /** @throws DeviceStringException if there is an address */
    public void rejectAddress() {
        if (!address.isEmpty()) {
            throw error(kind + " takes no address, but \"" + address + "\" was given");
        }
    }

    /** @throws DeviceStringException naming an option that is not allowed, and those that are */
    public void rejectUnknown(Collection<String> allowed) {
        for (String key : options.keySet()) {
            if (!allowed.contains(key)) {
                throw error("unknown option \"" + key + "\"" + ClosestMatch.hint(key, allowed) + "; "
                        + (allowed.isEmpty() ? kind + " takes none" : "known: " + listed(allowed)));
            }
        }
    }

    /** True if {@code key} is given; it must stand alone. */
    public boolean flag(String key) {
        String value = options.get(key);
        if (value != null && !value.isEmpty()) {
            throw error("option " + key + " takes no value, but \"" + value + "\" was given");
        }
        return value != null;
    }

    /** The value of {@code key}, or {@code fallback} (may be null) if it is absent. */
    public String option(String key, String fallback) {
        String value = options.get(key);
        if (value != null && value.isEmpty()) {
            throw error("option " + key + " needs a value: " + key + "=...");
        }
        return value == null ? fallback : value;
    }

    /** The decimal value of {@code key}, between the limits; or {@code fallback} if it is absent. */
    public int intOption(String key, int fallback, int min, int max) {
        String value = option(key, null);
        if (value == null) {
            return fallback;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw wrongValue(key, value, "a number from " + min + " to " + max, e);
        }
        throw wrongValue(key, value, "a number from " + min + " to " + max, null);
    }

    /** The value of {@code key}, one of those allowed; or {@code fallback} (may be null) if it is absent. */
    public String choiceOption(String key, String fallback, List<String> allowed) {
        String value = option(key, null);
        if (value == null) {
            return fallback;
        }
        if (!allowed.contains(value)) {
            throw wrongValue(key, value, "one of " + listed(allowed), null);
        }
        return value;
    }

    /** The unicast MAC address that {@code key} gives, or {@code fallback} (may be null) if it is absent. */
    public MacAddress macOption(String key, MacAddress fallback) {
        String value = option(key, null);
        if (value == null) {
            return fallback;
        }
        try {
            MacAddress address = MacAddress.parse(value);
            if (!address.isMulticast()) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            throw wrongValue(key, value, "six bytes in hexadecimal with colons", e);
        }
        throw wrongValue(key, value, "a unicast address: bit 0 of the first byte clear", null);
    }

    /** An error about this device string, for a driver to throw. */
    public DeviceStringException error(String message) {
        return new DeviceStringException("device \"" + this + "\": " + message);
    }

    static boolean isWord(String text) {
        return WORD.matcher(text).matches();
    }

    private DeviceStringException wrongValue(String key, String value, String allowed, Throwable cause) {
        DeviceStringException e = error("option " + key + " is \"" + value + "\", allowed is " + allowed);
        e.initCause(cause);
        return e;
    }

    private static String listed(Collection<String> words) {
        return String.join(", ", words.stream().sorted().toList());
    }

    private static void requireWord(String what, String text) {
        if (!isWord(Objects.requireNonNull(text, what))) {
            throw new IllegalArgumentException(
                    what + " \"" + text + "\" is not a word of lower-case letters, digits and hyphens");
        }
    }

    private static void requireNoComma(String what, String text) {
        if (Objects.requireNonNull(text, what).indexOf(',') >= 0) {
            throw new IllegalArgumentException(what + " \"" + text + "\" has a comma in it");
        }
    }
}
