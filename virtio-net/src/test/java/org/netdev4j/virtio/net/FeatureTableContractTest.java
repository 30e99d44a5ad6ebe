package org.netdev4j.virtio.net;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.netdev4j.netdev.DeviceString;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDevContract;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.backend.Loopback;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.transport.inprocess.InProcessTransport;

/**
 * The compatibility kit over a pairwise table of features, ring formats and numbers of queue pairs: every two of them meet, on
 * and off, in some device.
 */
@ParameterizedClass(name = "{0} pairs, {1}")
@MethodSource("rows")
class FeatureTableContractTest extends NetDevContract {
    private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
    /** What is left out together: a feature, and what makes no sense without it. */
    private static final List<String> SWITCHED_OFF = List.of("-EVENT_IDX", "-INDIRECT_DESC", "-IN_ORDER",
            "-NOTIFICATION_DATA", "-RING_RESET", "-MAC", "-STATUS-SPEED_DUPLEX", "-MTU", "-MRG_RXBUF",
            "-CSUM-HOST_TSO4-HOST_TSO6-HOST_ECN-HOST_USO", "-HOST_TSO4-HOST_TSO6-HOST_ECN-HOST_USO", "-GUEST_CSUM",
            "-GUEST_HDRLEN", "-CTRL_RX-CTRL_RX_EXTRA", "-CTRL_MAC_ADDR", "-GUEST_ANNOUNCE", "-RSS",
            "-NOTF_COAL-VQ_NOTF_COAL", "-CTRL_GUEST_OFFLOADS");
    private static final List<String> SWITCHED_ON = List.of("+GUEST_TSO4+GUEST_TSO6+GUEST_ECN+GUEST_USO4+GUEST_USO6",
            "+HASH_REPORT", "+CTRL_VLAN", "+DEVICE_STATS");

    private final DriverOptions options;
    private final int pairs;
    private final DeviceLoop loop = new DeviceLoop("test");

    static Stream<Arguments> rows() {
        Stream<List<String>> factors = Stream.of(Stream.of(List.of("1", "2"), List.of("ring=split", "ring=packed")),
                SWITCHED_OFF.stream().map(off -> List.of("", off)), SWITCHED_ON.stream().map(on -> List.of(on, "")))
                .flatMap(all -> all);
        return PairwiseTable.rows(factors.toList()).stream().map(FeatureTableContractTest::arguments);
    }

    /** A feature that is switched on brings what it needs, or stays off where that is switched off: the kit's buffers are small. */
    private static Arguments arguments(List<String> row) {
        String off = row.stream().filter(level -> level.startsWith("-")).collect(Collectors.joining());
        String on = row.stream().filter(level -> level.startsWith("+"))
                .filter(level -> !level.contains("GUEST_TSO4")
                        || !(off.contains("-GUEST_CSUM") || off.contains("-MRG_RXBUF")))
                .collect(Collectors.joining());
        return Arguments.of(Integer.parseInt(row.get(0)),
                row.get(1) + (off.isEmpty() && on.isEmpty() ? "" : ",features=" + on + off));
    }

    FeatureTableContractTest(int pairs, String options) {
        this.pairs = pairs;
        this.options = DriverOptions.parse(DeviceString.parse("loopback,size=16," + options));
    }

    @Override
    protected NetDevOps open() {
        VirtioNetDevice device = new VirtioNetDevice(DeviceSettings.of(MAC).withMaxPairs(pairs), new Loopback());
        return new VirtioNetDriver(options).probe(new InProcessTransport("loopback", device, loop));
    }

    @Override
    protected void settle() {
        while (loop.doWork() > 0) {
            // Until a round moves nothing.
        }
    }

    @AfterEach
    void closeLoop() {
        loop.close();
    }
}
