package org.netdev4j.netdev;

/** Addresses a platform can assign to a device, as text. */
public enum ExtendedInfo {
    IPV4_ADDRESS,
    IPV4_MASK,
    IPV4_CIDR,
    IPV4_GATEWAY,
    IPV4_DNS0,
    IPV4_DNS1,
    IPV4_HOSTNAME,
    IPV4_DOMAIN
}
