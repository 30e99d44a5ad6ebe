package org.netdev4j.netdev;

import static org.netdev4j.netdev.NetDevState.CLOSED;
import static org.netdev4j.netdev.NetDevState.CONFIGURED;
import static org.netdev4j.netdev.NetDevState.RUNNING;
import static org.netdev4j.netdev.NetDevState.STOPPED;
import static org.netdev4j.netdev.NetDevState.UNCONFIGURED;
import static org.netdev4j.netdev.NetDevState.UNPROBED;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** The transition table: every call of {@link NetDev} that depends on the state, where it is legal and where it leads. */
enum Operation {
    PROBE("probe", UNCONFIGURED, UNPROBED),
    CONFIGURE("configure", CONFIGURED, UNCONFIGURED, CONFIGURED, STOPPED),
    START("start", RUNNING, CONFIGURED, STOPPED),
    STOP("stop", STOPPED, RUNNING),
    CLOSE("close", CLOSED, UNPROBED, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED, CLOSED),

    CONFIGURE_RX_QUEUE("configureRxQueue", null, CONFIGURED),
    CONFIGURE_TX_QUEUE("configureTxQueue", null, CONFIGURED),
    RX_QUEUE("rxQueue", null, CONFIGURED, RUNNING, STOPPED),
    TX_QUEUE("txQueue", null, CONFIGURED, RUNNING, STOPPED),

    INFO("info", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),
    RX_QUEUE_INFO("rxQueueInfo", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),
    TX_QUEUE_INFO("txQueueInfo", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),
    MAC_ADDRESS("macAddress", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),
    MTU("mtu", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),
    PROMISCUOUS("promiscuous", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),
    ALL_MULTICAST("allMulticast", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),
    RECEIVE_MODES("receiveModes", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),
    MULTICAST_LIST("multicastList", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),
    VLANS("vlans", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),
    LINK_STATE("linkState", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),
    EXTENDED_INFO("extendedInfo", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),
    DETAILS("details", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),
    COUNTERS("counters", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),

    ALLOCATE_MEMORY("allocateMemory", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),
    ATTACH_MEMORY("attachMemory", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),
    DETACH_MEMORY("detachMemory", null, UNCONFIGURED, CONFIGURED, RUNNING, STOPPED),

    SET_MAC_ADDRESS("macAddress(MacAddress)", null, CONFIGURED, RUNNING, STOPPED),
    SET_MTU("mtu(int)", null, CONFIGURED, RUNNING, STOPPED),
    SET_PROMISCUOUS("promiscuous(boolean)", null, CONFIGURED, RUNNING, STOPPED),
    SET_ALL_MULTICAST("allMulticast(boolean)", null, CONFIGURED, RUNNING, STOPPED),
    SET_RECEIVE_MODES("receiveModes(Set)", null, CONFIGURED, RUNNING, STOPPED),
    SET_MULTICAST_LIST("multicastList(Set)", null, CONFIGURED, RUNNING, STOPPED),
    ADD_VLAN("addVlan", null, CONFIGURED, RUNNING, STOPPED),
    REMOVE_VLAN("removeVlan", null, CONFIGURED, RUNNING, STOPPED),
    STEERING("steering", null, CONFIGURED, RUNNING, STOPPED),
    FLOW_HASH("flowHash", null, RUNNING),
    COALESCING("coalescing", null, CONFIGURED, RUNNING, STOPPED),
    SET_RX_OFFLOADS("rxOffloads", null, CONFIGURED, RUNNING, STOPPED);

    private final String call;
    private final NetDevState next;
    /** Unmodifiable, which its type does not say. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final Set<NetDevState> legal;

    /** @param next the state after success, or null: unchanged */
    Operation(String call, NetDevState next, NetDevState... legal) {
        this.call = call;
        this.next = next;
        this.legal = Set.of(legal);
    }

    boolean isLegalIn(NetDevState state) {
        return legal.contains(state);
    }

    /** @throws IllegalStateException naming the call, the device, its state and the states where the call is legal */
    void check(NetDevState state, String device) {
        if (!isLegalIn(state)) {
            throw new IllegalStateException(call + " of device " + device + " is illegal while it is " + state
                    + "; it is legal in " + Arrays.stream(NetDevState.values()).filter(this::isLegalIn)
                            .map(NetDevState::name).collect(Collectors.joining(", ")));
        }
    }

    /** The state after success. */
    NetDevState after(NetDevState state) {
        return next == null ? state : next;
    }
}
