package org.netdev4j.virtio.transport.inprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.DeviceStatus.ACKNOWLEDGE;
import static org.netdev4j.virtio.DeviceStatus.DRIVER;
import static org.netdev4j.virtio.DeviceStatus.DRIVER_OK;
import static org.netdev4j.virtio.DeviceStatus.FAILED;
import static org.netdev4j.virtio.DeviceStatus.FEATURES_OK;

import java.util.List;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.testing.Rule;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A driver that writes the registers in any order, against what the specification says the device makes of it. */
class RegisterOrderTest {
    private static final Features VERSION_1 = Features.of(VirtioFeature.VERSION_1);
    private static final int DRIVER_BITS = ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK | FAILED;

    @Property
    @Rule({"RS1", "FT7"})
    void theDeviceFollowsTheSpecificationWhateverTheDriverWrites(@ForAll("writes") List<Write> writes) {
        EchoModel model = new EchoModel();
        try (DeviceLoop loop = new DeviceLoop("test-loop");
                InProcessTransport device = new InProcessTransport("echo", model, loop)) {
            Expected expected = new Expected();
            for (Write write : writes) {
                write.applyTo(device);
                write.applyTo(expected);
                loop.doWork();
                assertEquals(expected.status, device.status());
                assertEquals(expected.starts, count(model, "start"));
                assertEquals(expected.stops, count(model, "stop"));
                if ((expected.status & DRIVER_OK) != 0) {
                    assertEquals(expected.features, model.context.features());
                    assertTrue(expected.features.isSubsetOf(EchoModel.OFFERED));
                }
            }
        }
        assertEquals(count(model, "start"), count(model, "stop"), "close resets");
    }

    private static int count(EchoModel model, String call) {
        return (int) model.log.stream().filter(call::equals).count();
    }

    @Provide
    Arbitrary<List<Write>> writes() {
        Arbitrary<Write> reset = Arbitraries.just(new Write(0, null));
        Arbitrary<Write> features = Arbitraries.of(Features.NONE, VERSION_1, EchoModel.OFFERED, VERSION_1.with(1))
                .map(accepted -> new Write(0, accepted));
        int accepting = ACKNOWLEDGE | DRIVER;
        Arbitrary<Write> inOrder = Arbitraries.of(ACKNOWLEDGE, accepting, accepting | FEATURES_OK,
                accepting | FEATURES_OK | DRIVER_OK).map(status -> new Write(status, null));
        Arbitrary<Write> anything = Arbitraries.integers().between(1, 255).map(status -> new Write(status, null));
        return Arbitraries.oneOf(reset, features, inOrder, inOrder, anything).list().ofMaxSize(30);
    }

    /** Status if not 0, else features if not null, else reset. */
    record Write(int status, Features features) {
        void applyTo(InProcessTransport device) {
            if (status != 0) {
                device.status(status);
            } else if (features != null) {
                device.driverFeatures(features);
            } else {
                device.reset();
            }
        }

        void applyTo(Expected device) {
            if (status != 0) {
                device.status(status);
            } else if (features != null) {
                device.features(features);
            } else {
                device.reset();
            }
        }
    }

    static final class Expected {
        int status;
        Features features = Features.NONE;
        int starts;
        int stops;

        void features(Features accepted) {
            features = (status & FEATURES_OK) == 0 ? accepted : features;
        }

        void status(int written) {
            if ((status & FAILED) != 0) {
                return;
            }
            boolean running = (status & DRIVER_OK) != 0;
            status |= written & DRIVER_BITS;
            if (!features.isSubsetOf(EchoModel.OFFERED)) {
                status &= ~FEATURES_OK;
            }
            if (!running && ((status & FEATURES_OK) == 0 || (status & FAILED) != 0)) {
                status &= ~DRIVER_OK;
            }
            starts += !running && (status & DRIVER_OK) != 0 ? 1 : 0;
        }

        void reset() {
            stops += (status & DRIVER_OK) != 0 ? 1 : 0;
            status = 0;
            features = Features.NONE;
        }
    }
}
