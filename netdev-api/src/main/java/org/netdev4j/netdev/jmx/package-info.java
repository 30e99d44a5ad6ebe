/**
 * Devices, queues and pools as beans of the platform's MBean server, there as long as what they show is open.
 * {@code -Dnetdev4j.jmx=false} leaves them out.
 * <ul>
 * <li>{@code org.netdev4j:type=NetDev,id=0,name="tap:nd0"}: {@link org.netdev4j.netdev.jmx.NetDevMXBean}
 * <li>{@code org.netdev4j:type=RxQueue,id=0,name="tap:nd0",queue=0}: {@link org.netdev4j.netdev.jmx.NetQueueMXBean}
 * <li>{@code org.netdev4j:type=TxQueue,id=0,name="tap:nd0",queue=0}: {@link org.netdev4j.netdev.jmx.NetQueueMXBean}
 * <li>{@code org.netdev4j:type=NetBufPools}: {@link org.netdev4j.netdev.jmx.NetBufPoolsMXBean}
 * </ul>
 */
package org.netdev4j.netdev.jmx;
