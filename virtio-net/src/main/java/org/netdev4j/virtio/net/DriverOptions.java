package org.netdev4j.virtio.net;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.netdev4j.netdev.DeviceString;
import org.netdev4j.netdev.DeviceStringException;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.FeatureBit;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;

/**
 * What a user can tell the driver about one device.
 *
 * @param wanted features to accept where the device offers them
 * @param needed of these, the features without which the device is not wanted
 * @param ringSize default size of the queues, descriptors, or 0: the driver's choice
 * @param mtu MTU to start with, bytes, or 0: the device's, 1500 if it has none
 * @param mac address to use instead of the device's, or null
 */
public record DriverOptions(Features wanted, Features needed, int ringSize, int mtu, MacAddress mac) {
    /** Everything the driver can do, the device's own settings. */
    public static final DriverOptions DEFAULT = new DriverOptions(NetFeatures.IMPLEMENTED, 0, 0, null);

    /** The keys of a device string that {@link #parse} reads. */
    public static final Set<String> KEYS = Set.of("ring", "features", "size", "mtu", "mac");

    private static final int MAX_RING_SIZE = 32768;
    private static final Pattern FEATURE_CHANGE = Pattern.compile("\\G([+-])([A-Za-z0-9_]+)");

    /** Options that need no more than the driver itself does. */
    public DriverOptions(Features wanted, int ringSize, int mtu, MacAddress mac) {
        this(wanted, NetFeatures.NEEDED, ringSize, mtu, mac);
    }

    /**
     * Reads {@link #KEYS} from a device string and leaves the other keys to others. What is switched on by name is needed, what
     * is switched off is not wanted; {@code ring=packed} is {@code features=+RING_PACKED}, {@code ring=split} the contrary.
     *
     * @throws DeviceStringException naming the key, its value and what is allowed
     */
    public static DriverOptions parse(DeviceString device) {
        Map<String, String> options = device.options();
        DriverOptions features = DEFAULT.withRing(options.get("ring")).withFeatures(options.get("features"));
        boolean packed = features.needed.has(VirtioFeature.RING_PACKED);
        String size = options.get("size");
        String mtu = options.get("mtu");
        String mac = options.get("mac");
        return new DriverOptions(features.wanted, features.needed, size == null ? 0 : ringSize(size, packed),
                mtu == null ? 0 : number("mtu", mtu, NetConfigLayout.MIN_MTU, NetConfigLayout.MAX_MTU),
                mac == null ? null : address(mac));
    }

    private DriverOptions withRing(String layout) {
        return switch (layout) {
            case null -> this;
            case "split" -> with(VirtioFeature.RING_PACKED, false);
            case "packed" -> with(VirtioFeature.RING_PACKED, true);
            default -> throw new DeviceStringException("ring=" + layout + ": expected split or packed");
        };
    }

    private DriverOptions with(FeatureBit feature, boolean on) {
        return new DriverOptions(on ? wanted.with(feature) : wanted.without(feature),
                on ? needed.with(feature) : needed.without(feature), ringSize, mtu, mac);
    }

    private DriverOptions withFeatures(String changes) {
        if (changes == null) {
            return this;
        }
        DriverOptions changed = this;
        Matcher change = FEATURE_CHANGE.matcher(changes);
        int end = 0;
        while (change.find()) {
            FeatureBit feature = feature(change.group(2).toUpperCase(Locale.ROOT));
            boolean on = change.group(1).equals("+");
            if (!on && NetFeatures.NEEDED.has(feature)) {
                throw new DeviceStringException("features=-" + feature.name() + ": the driver cannot do without it");
            }
            changed = changed.with(feature, on);
            end = change.end();
        }
        if (end != changes.length() || changes.isEmpty()) {
            throw new DeviceStringException(
                    "features=" + changes + ": expected +NAME or -NAME at '" + changes.substring(end) + "'");
        }
        return changed;
    }

    private static FeatureBit feature(String name) {
        FeatureBit feature = NetFeatures.TABLE.find(name);
        if (feature == null || !NetFeatures.IMPLEMENTED.has(feature)) {
            throw new DeviceStringException("features=" + name + ": the virtio-net driver has "
                    + String.join(", ", NetFeatures.TABLE.names(NetFeatures.IMPLEMENTED)));
        }
        return feature;
    }

    private static int ringSize(String value, boolean packed) {
        int size = number("size", value, 2, MAX_RING_SIZE);
        if (!packed && Integer.bitCount(size) != 1) {
            throw new DeviceStringException("size=" + value + ": expected a power of two unless ring=packed");
        }
        return size;
    }

    private static int number(String key, String value, int min, int max) {
        try {
            int number = Integer.parseInt(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Not a number or too large for one: the message below says what is expected.
        }
        throw new DeviceStringException(key + "=" + value + ": expected a number from " + min + " to " + max);
    }

    private static MacAddress address(String value) {
        MacAddress mac;
        try {
            mac = MacAddress.parse(value);
        } catch (IllegalArgumentException e) {
            throw new DeviceStringException("mac=" + value + ": expected six bytes like 02:00:00:00:00:01");
        }
        if (mac.isMulticast()) {
            throw new DeviceStringException("mac=" + value + ": a multicast address cannot be a device's own");
        }
        return mac;
    }
}
