package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.Rule;

/**
 * Kicks and interrupts, for every order of steps that a small queue allows: exactly those that the other end asked for, none
 * more, none fewer. {@link Scenario} says which these are.
 */
class SuppressionTest {
    private static final int DEPTH = 7;
    private static final List<Step> STEPS = List.of(new Step.Add(List.of(10), 1), new Step.Publish(), new Step.Take(1),
            new Step.Complete(0, 0), new Step.PublishUsed(), new Step.Pop(1), new Step.ArmInterrupt(),
            new Step.DisarmInterrupt(), new Step.ArmKick(), new Step.DisarmKick());

    private Features features = Features.NONE;
    private int explored;

    @ParameterizedTest(name = "event index {0}, size {1} from index {2}")
    @CsvSource({"false, 1, 0", "false, 2, 65535", "true, 1, 0", "true, 2, 32767", "true, 2, 65535"})
    @Rule({"SQ21", "SQ22", "SQ28", "SQ29", "SQ34"})
    void everyOrderOfStepsAsksForTheRightNotifications(boolean eventIndex, int size, int firstIndex) {
        if (eventIndex) {
            features = Features.of(VirtioFeature.EVENT_IDX);
        }
        try (MemoryRegion region = OffsetMemory.allocate(1 << 16)) {
            explore(region, size, firstIndex, new ArrayList<>());
        }
        assertTrue(explored > 1000, "explored " + explored);
    }

    private void explore(MemoryRegion region, int size, int firstIndex, List<Step> path) {
        explored++;
        List<Step> possible = new ArrayList<>();
        try (Virtqueue driver = Virtqueue.create(region, size, features, firstIndex)) {
            DeviceMemory memory = new DeviceMemory();
            memory.add(region);
            DeviceQueue device = DeviceQueue.create(memory, driver.placement(), features, firstIndex);
            Scenario scenario = new Scenario(new RealDriverEnd(driver, features), new RealDeviceEnd(device, region),
                    size,
                    features,
                    region.deviceAddress() + region.size() / 2);
            path.forEach(scenario::run);
            STEPS.stream().filter(step -> !scenario.isIdle(step)).forEach(possible::add);
        }
        if (path.size() < DEPTH) {
            for (Step step : possible) {
                path.add(step);
                explore(region, size, firstIndex, path);
                path.removeLast();
            }
        }
    }
}
