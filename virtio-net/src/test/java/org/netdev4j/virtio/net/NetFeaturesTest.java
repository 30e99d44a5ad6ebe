package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.testing.Rule;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What the features of a network device need (virtio 1.4 §5.1.3.1). */
class NetFeaturesTest {
    @Test
    void everyFeatureIsKnown() {
        Features all = Features.of(NetFeature.values());

        assertEquals(all, NetFeatures.TABLE.known().and(all));
        assertEquals(all, NetFeatures.TABLE.close(all), "together nothing is missing");
    }

    @ParameterizedTest
    @CsvSource({
        "HOST_TSO4, CSUM", "HOST_TSO6, CSUM", "HOST_UFO, CSUM", "HOST_USO, CSUM",
        "GUEST_TSO4, GUEST_CSUM", "GUEST_TSO6, GUEST_CSUM", "GUEST_UFO, GUEST_CSUM", "GUEST_USO4, GUEST_CSUM",
        "GUEST_USO6, GUEST_CSUM",
        "HOST_UDP_TUNNEL_GSO, HOST_TSO4", "HOST_UDP_TUNNEL_GSO, HOST_TSO6", "HOST_UDP_TUNNEL_GSO, HOST_USO",
        "GUEST_UDP_TUNNEL_GSO, GUEST_TSO4", "GUEST_UDP_TUNNEL_GSO, GUEST_TSO6",
        "GUEST_UDP_TUNNEL_GSO, GUEST_USO4", "GUEST_UDP_TUNNEL_GSO, GUEST_USO6",
        "HOST_UDP_TUNNEL_GSO_CSUM, HOST_UDP_TUNNEL_GSO", "GUEST_UDP_TUNNEL_GSO_CSUM, GUEST_UDP_TUNNEL_GSO",
        "CTRL_RX, CTRL_VQ", "CTRL_RX_EXTRA, CTRL_VQ", "CTRL_VLAN, CTRL_VQ", "GUEST_ANNOUNCE, CTRL_VQ",
        "MQ, CTRL_VQ", "CTRL_MAC_ADDR, CTRL_VQ", "CTRL_GUEST_OFFLOADS, CTRL_VQ", "DEVICE_STATS, CTRL_VQ",
        "NOTF_COAL, CTRL_VQ", "VQ_NOTF_COAL, CTRL_VQ", "RSS, CTRL_VQ", "HASH_REPORT, CTRL_VQ",
        "RSS_CONTEXT, CTRL_VQ", "RSS_CONTEXT, RSS", "HASH_TUNNEL, CTRL_VQ"})
    @Rule({"FT2", "NC15"})
    void featureGoesWithWhatItNeeds(NetFeature feature, NetFeature missing) {
        Features all = Features.of(NetFeature.values());
        Features without = all.without(missing);

        assertTrue(NetFeatures.TABLE.close(all).has(feature));
        assertFalse(NetFeatures.TABLE.close(without).has(feature));
    }

    @ParameterizedTest
    @CsvSource({"HOST_ECN, HOST_TSO4, HOST_TSO6", "RSC_EXT, HOST_TSO4, HOST_TSO6", "GUEST_ECN, GUEST_TSO4, GUEST_TSO6",
        "HASH_TUNNEL, RSS, HASH_REPORT"})
    @Rule("FT2")
    void featureThatNeedsOneOfTwoGoesWithBoth(NetFeature feature, NetFeature one, NetFeature other) {
        Features all = Features.of(NetFeature.values());

        assertTrue(NetFeatures.TABLE.close(all.without(one)).has(feature));
        assertTrue(NetFeatures.TABLE.close(all.without(other)).has(feature));
        assertFalse(NetFeatures.TABLE.close(all.without(one).without(other)).has(feature));
    }

    @Property
    void closingIsIdempotentMonotoneAndTakesNothingIn(@ForAll long low, @ForAll long high, @ForAll long fewerLow,
            @ForAll long fewerHigh) {
        Features features = new Features(low, high);
        Features fewer = features.and(new Features(fewerLow, fewerHigh));
        Features closed = NetFeatures.TABLE.close(features);

        assertTrue(closed.isSubsetOf(features));
        assertEquals(closed, NetFeatures.TABLE.close(closed));
        assertTrue(NetFeatures.TABLE.close(fewer).isSubsetOf(closed));
    }

    @Test
    void driverCanDoWithItsOwnFeatures() {
        assertEquals(NetFeatures.IMPLEMENTED, NetFeatures.TABLE.close(NetFeatures.IMPLEMENTED));
        assertTrue(NetFeatures.NEEDED.isSubsetOf(NetFeatures.IMPLEMENTED));
    }

    @Test
    void bitNumbersAreDistinct() {
        assertEquals(NetFeature.values().length, Arrays.stream(NetFeature.values()).mapToInt(NetFeature::bit).distinct()
                .count());
    }
}
