package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class NetDevRegistryTest {
    @BeforeEach
    void nothingIsOpen() {
        assertEquals(List.of(), NetDev.all());
        InMemoryProvider.opened = null;
    }

    @Test
    void openFindsTheDriverOfTheKindAndProbes() {
        try (NetDev dev = NetDev.open("memory:a,mtu=1400")) {
            assertEquals("memory:a,mtu=1400", dev.name());
            assertEquals("in-memory", dev.driverName());
            assertEquals(NetDevState.UNCONFIGURED, dev.state());
        }
        NetDev.open("mirror").close();
    }

    @Test
    void devicesAreListedByIdUntilTheyAreClosed() {
        NetDev first = NetDev.open("memory:a");
        NetDev second = NetDev.open("memory:b");
        assertTrue(second.id() > first.id());
        assertEquals(List.of(first, second), NetDevRegistry.devices());
        first.close();
        assertEquals(List.of(second), NetDev.all());
        NetDev third = NetDev.open("memory:c");
        assertNotEquals(first.id(), third.id(), "an id is never used again");
        second.close();
        third.close();
        assertEquals(List.of(), NetDev.all());
    }

    @Test
    void deviceThatCannotBeProbedIsClosedAgain() {
        NetDevException e = assertThrows(NetDevException.class, () -> NetDev.open("memory:broken"));
        assertEquals("fault in probe", e.getMessage());
        assertEquals(List.of("probe", "close"), InMemoryProvider.opened.calls());
        assertEquals(List.of(), NetDev.all());
    }

    @Test
    void unknownKindListsTheKnownAndSuggests() {
        assertMessage(
                "device \"memroy:a\": unknown kind \"memroy\" (did you mean \"memory\"?); known: memory[:broken] mirror",
                () -> NetDev.open("memroy:a"));
        assertMessage("device \"carrier-pigeon\": unknown kind \"carrier-pigeon\"; known: memory[:broken] mirror",
                () -> NetDev.open("carrier-pigeon"));
    }

    @Test
    void wrongStringsOpenNothing() {
        assertThrows(DeviceStringException.class, () -> NetDev.open("memory:"));
        assertMessage("device \"memory,mut=1\": unknown option \"mut\" (did you mean \"mtu\"?); known: mtu",
                () -> NetDev.open("memory,mut=1"));
        assertNull(InMemoryProvider.opened);
    }

    @Test
    void kindsAreListedForAUsageText() {
        List<NetDevDriver.Kind> kinds = NetDevRegistry.kinds();
        assertEquals(List.of("memory", "mirror"), kinds.stream().map(NetDevDriver.Kind::name).toList());
        assertFalse(kinds.getFirst().help().isEmpty());
    }

    private static void assertMessage(String message, Executable call) {
        assertEquals(message, assertThrows(DeviceStringException.class, call).getMessage());
    }
}
