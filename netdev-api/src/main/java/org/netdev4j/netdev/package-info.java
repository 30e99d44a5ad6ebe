/**
 * The network device: an application opens a {@link org.netdev4j.netdev.NetDev}, configures and starts it, and moves bursts
 * of packets through its {@link org.netdev4j.netdev.RxQueue}s and {@link org.netdev4j.netdev.TxQueue}s; a driver implements
 * {@link org.netdev4j.netdev.NetDevOps} and is found as a {@link org.netdev4j.netdev.NetDevDriver}.
 */
package org.netdev4j.netdev;
