package org.netdev4j.examples;

/** How {@code top} shows what happened between two samples. */
interface TopView {
    void show(DeviceSample before, DeviceSample now);
}
