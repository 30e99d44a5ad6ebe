package org.netdev4j.netdev.jmx;

/**
 * One buffer pool at one moment.
 *
 * @param number unique in the JVM
 * @param buffers all there are
 * @param free buffers that nobody holds
 * @param exhausted how often fewer were there than asked for
 */
public record PoolLevel(int number, String name, int buffers, int free, long exhausted) {}
