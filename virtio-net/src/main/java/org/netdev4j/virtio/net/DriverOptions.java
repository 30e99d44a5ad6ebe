package org.netdev4j.virtio.net;

import java.util.List;
import java.util.Locale;
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
    /** What every application can deal with, the device's own settings. */
    public static final DriverOptions DEFAULT = new DriverOptions(NetFeatures.WANTED, 0, 0, null);

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
        DriverOptions features = DEFAULT.withRing(device.choiceOption("ring", null, List.of("split", "packed")))
                .withFeatures(device, device.option("features", null));
        boolean packed = features.needed.has(VirtioFeature.RING_PACKED);
        int size = device.intOption("size", 0, 2, MAX_RING_SIZE);
        if (!packed && Integer.bitCount(size) > 1) {
            throw device.error("option size is " + size + ", allowed is a power of two unless ring=packed");
        }
        return new DriverOptions(features.wanted, features.needed, size,
                device.intOption("mtu", 0, NetConfigLayout.MIN_MTU, NetConfigLayout.MAX_MTU),
                device.macOption("mac", null));
    }

    private DriverOptions withRing(String layout) {
        return layout == null ? this : with(VirtioFeature.RING_PACKED, layout.equals("packed"));
    }

    private DriverOptions with(FeatureBit feature, boolean on) {
        return new DriverOptions(on ? wanted.with(feature) : wanted.without(feature),
                on ? needed.with(feature) : needed.without(feature), ringSize, mtu, mac);
    }

    private DriverOptions withFeatures(DeviceString device, String changes) {
        if (changes == null) {
            return this;
        }
        DriverOptions changed = this;
        Matcher change = FEATURE_CHANGE.matcher(changes);
        int end = 0;
        while (change.find()) {
            FeatureBit feature = feature(device, change.group(2).toUpperCase(Locale.ROOT));
            boolean on = change.group(1).equals("+");
            changed = changed.with(feature, on);
            end = change.end();
        }
        if (end != changes.length()) {
            throw device.error("option features: expected +NAME or -NAME at \"" + changes.substring(end) + "\"");
        }
        return changed;
    }

    private static FeatureBit feature(DeviceString device, String name) {
        FeatureBit feature = NetFeatures.TABLE.find(name);
        if (feature == null || !NetFeatures.IMPLEMENTED.has(feature)) {
            throw device.error("option features: there is no " + name + ", the virtio-net driver has "
                    + String.join(", ", NetFeatures.TABLE.names(NetFeatures.IMPLEMENTED)));
        }
        return feature;
    }
}
