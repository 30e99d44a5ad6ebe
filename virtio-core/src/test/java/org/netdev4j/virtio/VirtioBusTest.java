package org.netdev4j.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

class VirtioBusTest {
    private static final int NET = 1;
    private static final int BLOCK = 2;

    private final VirtioBus<String> bus = new VirtioBus<>();
    private final ScriptedTransport device = new ScriptedTransport(NET);

    @Test
    void aDeviceIsProbedByTheFirstDriverOfItsType() {
        bus.register(new FakeDriver("blk", BLOCK));
        bus.register(new FakeDriver("net", NET));
        bus.register(new FakeDriver("late", NET));
        assertEquals("net", bus.add(device));
        assertEquals("net", bus.find(device));
    }

    @Test
    void aDeviceWithoutADriverWaitsForOne() {
        assertNull(bus.add(device));
        bus.register(new FakeDriver("blk", BLOCK));
        assertNull(bus.find(device));
        bus.register(new FakeDriver("net", NET));
        assertEquals("net", bus.find(device));
    }

    @Test
    void anOwnedDeviceIsNotOfferedAgain() {
        bus.register(new FakeDriver("net", NET));
        bus.add(device);
        FakeDriver late = new FakeDriver("late", NET);
        bus.register(late);
        assertEquals("net", bus.find(device));
        assertEquals(List.of(), late.calls);
    }

    @Test
    void aFailedProbeLeavesTheDeviceFailedAndWaiting() {
        VirtioException cause = new VirtioException("no MAC");
        bus.register(new FakeDriver("broken", NET).failing(cause));
        assertSame(cause, assertThrows(VirtioException.class, () -> bus.add(device)));
        assertNotEquals(0, device.status & DeviceStatus.FAILED);
        assertNull(bus.find(device));
        bus.register(new FakeDriver("working", NET));
        assertEquals("working", bus.find(device));
    }

    @Test
    void theNextMatchingDriverIsTriedAfterAFailedProbe() {
        bus.register(new FakeDriver("broken", NET).failing(new VirtioException("no MAC")));
        bus.register(new FakeDriver("working", NET));
        assertEquals("working", bus.add(device));
    }

    @Test
    void aDriverThatThrowsAnythingIsAFailedProbe() {
        bus.register(new FakeDriver("broken", NET).failing(new IllegalStateException("bug")));
        VirtioException e = assertThrows(VirtioException.class, () -> bus.add(device));
        assertEquals("scripted: probe failed: bug", e.getMessage());
        assertNotEquals(0, device.status & DeviceStatus.FAILED);
    }

    @Test
    void registeringOffersEveryWaitingDeviceThoughOneFails() {
        ScriptedTransport second = new ScriptedTransport(NET);
        bus.add(device);
        bus.add(second);
        FakeDriver driver = new FakeDriver("picky", NET) {
            @Override
            public String probe(VirtioTransport transport) {
                if (transport.equals(device)) {
                    throw new VirtioException("not this one");
                }
                return super.probe(transport);
            }
        };
        assertThrows(VirtioException.class, () -> bus.register(driver));
        assertNull(bus.find(device));
        assertEquals("picky", bus.find(second));
    }

    @Test
    void removingTellsTheDriverAndThenClosesTheTransport() {
        FakeDriver driver = new FakeDriver("net", NET);
        bus.register(driver);
        bus.add(device);
        device.log.clear();
        bus.remove(device);
        assertEquals(List.of("probe", "remove net"), driver.calls);
        assertEquals(List.of("close"), device.log);
        assertNull(bus.find(device));
        bus.remove(device);
        assertEquals(List.of("close"), device.log, "it is gone already");
    }

    @Test
    void theTransportIsClosedThoughTheDriverThrows() {
        bus.register(new FakeDriver("net", NET) {
            @Override
            public void remove(String probed) {
                throw new IllegalStateException("bug");
            }
        });
        bus.add(device);
        assertThrows(IllegalStateException.class, () -> bus.remove(device));
        assertTrue(device.log.contains("close"));
        assertNull(bus.find(device));
    }

    @Test
    void aWaitingDeviceCanBeRemoved() {
        bus.add(device);
        bus.remove(device);
        assertEquals(List.of("close"), device.log);
        FakeDriver driver = new FakeDriver("net", NET);
        bus.register(driver);
        assertEquals(List.of(), driver.calls);
    }

    @Test
    void aDeviceIsOnTheBusOnce() {
        bus.add(device);
        assertThrows(IllegalStateException.class, () -> bus.add(device));
    }

    private static class FakeDriver implements VirtioDriver<String> {
        final List<String> calls = new ArrayList<>();
        private final String name;
        private final int deviceType;
        private RuntimeException failure;

        FakeDriver(String name, int deviceType) {
            this.name = name;
            this.deviceType = deviceType;
        }

        FakeDriver failing(RuntimeException e) {
            failure = e;
            return this;
        }

        @Override
        public int deviceType() {
            return deviceType;
        }

        @Override
        public String probe(VirtioTransport device) {
            calls.add("probe");
            if (failure != null) {
                throw failure;
            }
            return name;
        }

        @Override
        public void remove(String probed) {
            calls.add("remove " + probed);
        }
    }
}
