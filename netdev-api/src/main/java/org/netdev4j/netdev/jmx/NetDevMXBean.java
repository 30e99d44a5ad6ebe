package org.netdev4j.netdev.jmx;

import java.util.Map;

/** One device. What its state does not let it tell is null, or -1. */
public interface NetDevMXBean {
    int getId();

    String getName();

    String getDriver();

    /** As in {@link org.netdev4j.netdev.NetDevState}. */
    String getState();

    /** As in {@link org.netdev4j.netdev.LinkState}. */
    String getLinkState();

    String getMacAddress();

    /** Bytes. */
    int getMtu();

    long getRxPackets();

    long getRxBytes();

    /** Packets given up, by reason; reasons that never occurred are absent. */
    Map<String, Long> getRxDrops();

    long getTxPackets();

    long getTxBytes();

    /** Packets given up, by reason; reasons that never occurred are absent. */
    Map<String, Long> getTxDrops();

    /** What driver and device count besides. */
    Map<String, Long> getCounters();

    /** Facts of the driver for a person. */
    Map<String, String> getDetails();
}
