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

/**
 * What a user can tell the driver about one device.
 *
 * @param wanted features to accept where the device offers them
 * @param ringSize default size of the queues, descriptors, or 0: the driver's choice
 * @param mtu MTU to start with, bytes, or 0: the device's, 1500 if it has none
 * @param mac address to use instead of the device's, or null
 */
public record DriverOptions(Features wanted, int ringSize, int mtu, MacAddress mac) {
    /** Everything the driver can do, the device's own settings. */
    public static final DriverOptions DEFAULT = new DriverOptions(NetFeatures.IMPLEMENTED, 0, 0, null);

    /** The keys of a device string that {@link #parse} reads. */
    public static final Set<String> KEYS = Set.of("features", "size", "mtu", "mac");

    private static final int MAX_RING_SIZE = 32768;
    private static final Pattern FEATURE_CHANGE = Pattern.compile("\\G([+-])([A-Za-z0-9_]+)");

    /**
     * Reads {@link #KEYS} from a device string and leaves the other keys to others.
     *
     * @throws DeviceStringException naming the key, its value and what is allowed
     */
    public static DriverOptions parse(DeviceString device) {
        Map<String, String> options = device.options();
        String features = options.get("features");
        String size = options.get("size");
        String mtu = options.get("mtu");
        String mac = options.get("mac");
        return new DriverOptions(features == null ? NetFeatures.IMPLEMENTED : wanted(features),
                size == null ? 0 : ringSize(size),
                mtu == null ? 0 : number("mtu", mtu, NetConfigLayout.MIN_MTU, NetConfigLayout.MAX_MTU),
                mac == null ? null : address(mac));
    }

    private static Features wanted(String changes) {
        Features wanted = NetFeatures.IMPLEMENTED;
        Matcher change = FEATURE_CHANGE.matcher(changes);
        int end = 0;
        while (change.find()) {
            FeatureBit feature = feature(change.group(2).toUpperCase(Locale.ROOT));
            boolean on = change.group(1).equals("+");
            if (!on && NetFeatures.NEEDED.has(feature)) {
                throw new DeviceStringException("features=-" + feature.name() + ": the driver cannot do without it");
            }
            wanted = on ? wanted.with(feature) : wanted.without(feature);
            end = change.end();
        }
        if (end != changes.length() || changes.isEmpty()) {
            throw new DeviceStringException(
                    "features=" + changes + ": expected +NAME or -NAME at '" + changes.substring(end) + "'");
        }
        return wanted;
    }

    private static FeatureBit feature(String name) {
        FeatureBit feature = NetFeatures.TABLE.find(name);
        if (feature == null || !NetFeatures.IMPLEMENTED.has(feature)) {
            throw new DeviceStringException("features=" + name + ": the virtio-net driver has "
                    + String.join(", ", NetFeatures.TABLE.names(NetFeatures.IMPLEMENTED)));
        }
        return feature;
    }

    private static int ringSize(String value) {
        int size = number("size", value, 2, MAX_RING_SIZE);
        if (Integer.bitCount(size) != 1) {
            throw new DeviceStringException("size=" + value + ": expected a power of two");
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
