package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.virtio.testing.Rule;

/**
 * Kicks and interrupts, for every order of steps that a small queue allows: exactly those that the other end asked for, none
 * more, none fewer. {@link Scenario} says which these are.
 */
class SuppressionTest {
    private static final int DEPTH = 6;
    private static final List<Step> STEPS = List.of(new Step.Add(List.of(10), 1), new Step.Publish(), new Step.Take(1),
            new Step.Complete(0, 0), new Step.PublishUsed(), new Step.Pop(1), new Step.ArmInterrupt(),
            new Step.DisarmInterrupt(), new Step.ArmKick(), new Step.DisarmKick());

    private RingKind kind;
    private int explored;

    @ParameterizedTest(name = "packed {0}, event index {1}, in order {2}, size {3} from {4}")
    @CsvSource({"false, false, false, 1, 0", "false, false, true, 2, 65535", "false, true, false, 1, 0",
        "false, true, true, 2, 32767", "false, true, false, 2, 65535", "true, false, false, 2, 32768",
        "true, true, false, 1, 0", "true, true, false, 3, 65535", "true, true, true, 2, 32767"})
    @Rule({"SQ19", "SQ21", "SQ22", "SQ28", "SQ29", "SQ30", "SQ34", "PQ28"})
    void everyOrderOfStepsAsksForTheRightNotifications(boolean packed, boolean eventIndex, boolean inOrder, int size,
            int position) {
        kind = new RingKind(packed, false, eventIndex, inOrder);
        try (BounceMemory memory = new BounceMemory(1024, DEPTH, true)) {
            explore(memory, size, kind.position(position, size), new ArrayList<>());
        }
        assertTrue(explored > 1000, "explored " + explored);
    }

    private void explore(BounceMemory memory, int size, int first, List<Step> path) {
        explored++;
        List<Step> possible = new ArrayList<>();
        try (Virtqueue driver = Virtqueue.create(memory.driverSide(), size, kind.features(), first)) {
            memory.share(driver.placement(), kind.packed());
            DeviceQueue device = DeviceQueue.create(memory.deviceMemory(), driver.placement(), kind.features(), first);
            Scenario scenario = new Scenario(new RealDriverEnd(driver, kind.features()),
                    new RealDeviceEnd(device, memory.deviceSide()), kind, size, memory);
            path.forEach(scenario::run);
            STEPS.stream().filter(step -> !scenario.isIdle(step)).forEach(possible::add);
        }
        if (path.size() < DEPTH) {
            for (Step step : possible) {
                path.add(step);
                explore(memory, size, first, path);
                path.removeLast();
            }
        }
    }
}
