package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;

/** Seed 0.5: the length of the header follows from what was negotiated. */
class NetHeaderTest {
    @Test
    void legacyHeaderHasNoNumBuffers() {
        assertEquals(10, NetHeader.length(Features.NONE));
        assertEquals(10, NetHeader.length(Features.of(NetFeature.CSUM, NetFeature.MAC)));
    }

    @Test
    void mergedBuffersOrAModernDeviceAddNumBuffers() {
        assertEquals(12, NetHeader.length(Features.of(NetFeature.MRG_RXBUF)));
        assertEquals(12, NetHeader.length(Features.of(VirtioFeature.VERSION_1)));
        assertEquals(12, NetHeader.length(Features.of(VirtioFeature.VERSION_1, NetFeature.MRG_RXBUF)));
    }

    @Test
    void hashReportAddsTheHash() {
        assertEquals(20, NetHeader.length(Features.of(VirtioFeature.VERSION_1, NetFeature.HASH_REPORT)));
    }
}
