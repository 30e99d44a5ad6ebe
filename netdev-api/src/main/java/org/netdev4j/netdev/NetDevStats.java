package org.netdev4j.netdev;

/** The counters of all queues of a device, added up per direction, since it was configured. */
public record NetDevStats(QueueStats rx, QueueStats tx) {}
