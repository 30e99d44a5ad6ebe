package org.netdev4j.netdev.jmx;

import java.util.List;

/** All buffer pools that are open. */
public interface NetBufPoolsMXBean {
    List<PoolLevel> getPools();
}
