package org.netdev4j.netdev;

/** Addresses that can be assigned to a device from outside, as text (see {@link AssignedAddresses}). */
public enum ExtendedInfo {
    IPV4_ADDRESS,
    IPV4_MASK,
    /** Address and length of the prefix: {@code 10.7.0.2/24}. */
    IPV4_CIDR,
    IPV4_GATEWAY,
    IPV4_DNS0,
    IPV4_DNS1,
    IPV4_HOSTNAME,
    IPV4_DOMAIN;

    /** True if {@link #IPV4_CIDR} says it too. */
    boolean isInCidr() {
        return this == IPV4_ADDRESS || this == IPV4_MASK;
    }
}
