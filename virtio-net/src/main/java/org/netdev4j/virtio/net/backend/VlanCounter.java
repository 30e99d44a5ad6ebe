package org.netdev4j.virtio.net.backend;

/** What a port of one VLAN counts. */
enum VlanCounter {
    /** Frames that got a tag on their way out. */
    TAGGED,
    /** Frames whose tag was taken off on their way in. */
    UNTAGGED,
    /** Frames of other VLANs, or of none, on their way in. */
    DROP_OTHER_VLAN,
    /** Frames that had a tag already on their way out, or no Ethernet header to put one in. */
    DROP_TAGGED
}
