package org.netdev4j.netdev;

import java.util.List;

/** Opens devices by name; found by {@link java.util.ServiceLoader}. */
public interface NetDevDriver {
    /** The kinds of {@link DeviceString} this driver opens, with one line of explanation each. */
    List<Kind> kinds();

    /**
     * Makes the device that {@code device} names, unprobed.
     *
     * @throws DeviceStringException if the address or an option is wrong
     * @throws NetDevException if the device cannot be opened: no permission, in use, not there
     */
    NetDevOps open(DeviceString device);

    /**
     * A kind of device string.
     *
     * @param name the kind itself, {@code tap}
     * @param usage the device string with its address, {@code tap:IFNAME}
     * @param help one line for a person
     */
    record Kind(String name, String usage, String help) {}
}
