package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.Features;

/**
 * What a back-end says it is; not to be compared.
 *
 * @param features of the device, without what belongs to the connection
 * @param queuePairs 1 if it does not say
 * @param config the beginning of its device configuration, little-endian; empty if it has none
 */
@SuppressWarnings("ArrayRecordComponent")
public record BackEndOffer(Features features, int queuePairs, byte[] config) {}
