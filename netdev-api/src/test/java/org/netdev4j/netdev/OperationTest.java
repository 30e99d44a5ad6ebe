package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OperationTest {
    private static final Map<NetDevState, String> LETTERS = Map.of(NetDevState.UNPROBED, "U", NetDevState.UNCONFIGURED,
            "N", NetDevState.CONFIGURED, "C", NetDevState.RUNNING, "R", NetDevState.STOPPED, "S", NetDevState.CLOSED,
            "L");

    private static final String LEGAL = """
            PROBE              U
            CONFIGURE          N C S
            START              C S
            STOP               R
            CLOSE              U N C R S L
            CONFIGURE_RX_QUEUE C
            CONFIGURE_TX_QUEUE C
            RX_QUEUE           C R S
            TX_QUEUE           C R S
            INFO               N C R S
            RX_QUEUE_INFO      N C R S
            TX_QUEUE_INFO      N C R S
            MAC_ADDRESS        N C R S
            MTU                N C R S
            PROMISCUOUS        N C R S
            ALL_MULTICAST      N C R S
            RECEIVE_MODES      N C R S
            MULTICAST_LIST     N C R S
            VLANS              N C R S
            LINK_STATE         N C R S
            EXTENDED_INFO      N C R S
            DETAILS            N C R S
            COUNTERS           N C R S
            ALLOCATE_MEMORY    N C R S
            ATTACH_MEMORY      N C R S
            DETACH_MEMORY      N C R S
            SET_MAC_ADDRESS    C R S
            SET_MTU            C R S
            SET_PROMISCUOUS    C R S
            SET_ALL_MULTICAST  C R S
            SET_RECEIVE_MODES  C R S
            SET_MULTICAST_LIST C R S
            ADD_VLAN           C R S
            REMOVE_VLAN        C R S
            STEERING           C R S
            FLOW_HASH            R
            COALESCING         C R S
            SET_RX_OFFLOADS    C R S
            """;

    @Test
    void legalStatesOfEveryOperation() {
        String actual = Arrays.stream(Operation.values()).map(OperationTest::row).collect(Collectors.joining());
        assertEquals(LEGAL.replaceAll(" +", " "), actual);
    }

    private static String row(Operation operation) {
        String letters = Stream.of(NetDevState.values()).filter(operation::isLegalIn)
                .map(state -> " " + LETTERS.get(state)).collect(Collectors.joining());
        return operation.name() + letters + "\n";
    }

    @Test
    void lifeCycleOperationsMoveOn() {
        assertAll(
                () -> assertEquals(NetDevState.UNCONFIGURED, Operation.PROBE.after(NetDevState.UNPROBED)),
                () -> assertEquals(NetDevState.CONFIGURED, Operation.CONFIGURE.after(NetDevState.UNCONFIGURED)),
                () -> assertEquals(NetDevState.CONFIGURED, Operation.CONFIGURE.after(NetDevState.STOPPED)),
                () -> assertEquals(NetDevState.RUNNING, Operation.START.after(NetDevState.CONFIGURED)),
                () -> assertEquals(NetDevState.RUNNING, Operation.START.after(NetDevState.STOPPED)),
                () -> assertEquals(NetDevState.STOPPED, Operation.STOP.after(NetDevState.RUNNING)),
                () -> assertEquals(NetDevState.CLOSED, Operation.CLOSE.after(NetDevState.RUNNING)));
    }

    @ParameterizedTest
    @EnumSource(value = Operation.class, mode = EnumSource.Mode.EXCLUDE, names = {"PROBE", "CONFIGURE", "START", "STOP",
        "CLOSE"})
    void allOtherOperationsStay(Operation operation) {
        for (NetDevState state : NetDevState.values()) {
            assertEquals(state, operation.after(state));
        }
    }

    @Test
    void theMessageNamesTheCallTheDeviceItsStateAndTheLegalStates() {
        IllegalStateException e = assertThrows(IllegalStateException.class,
                () -> Operation.START.check(NetDevState.RUNNING, "tap:nd0"));
        assertEquals("start of device tap:nd0 is illegal while it is RUNNING; it is legal in CONFIGURED, STOPPED",
                e.getMessage());
    }

    @Test
    void aLegalCallPasses() {
        Operation.START.check(NetDevState.STOPPED, "tap:nd0");
        assertTrue(Operation.START.isLegalIn(NetDevState.STOPPED));
    }
}
