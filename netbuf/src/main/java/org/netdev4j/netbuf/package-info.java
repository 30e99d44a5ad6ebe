/**
 * Off-heap memory shared with devices, and the packets in it.
 * <p>
 * A {@link org.netdev4j.netbuf.MemoryRegion} is mapped once; a {@link org.netdev4j.netbuf.NetBufPool} cuts equal
 * {@link org.netdev4j.netbuf.NetBuf}s from it, a packet is a chain of them, and a
 * {@link org.netdev4j.netbuf.ScatterGatherList} is a packet as a device sees it. Nothing here knows what a device is.
 */
package org.netdev4j.netbuf;
