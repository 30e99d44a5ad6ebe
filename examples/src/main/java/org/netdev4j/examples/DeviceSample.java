package org.netdev4j.examples;

import java.util.List;
import java.util.Optional;

import org.netdev4j.netdev.jmx.PoolLevel;

/**
 * What the devices and pools of a JVM have counted at one moment.
 *
 * @param nanoTime when
 */
record DeviceSample(long nanoTime, List<Device> devices, List<PoolLevel> pools) {
    /** One device; its directions since it was configured. */
    record Device(int id, String name, String state, String link, Direction rx, Direction tx) {}

    record Direction(long packets, long bytes, long dropped) {
        static final Direction ZERO = new Direction(0, 0, 0);
    }

    /** Packets, bits and drops a second. */
    record Rate(double packets, double bits, double dropped) {
        /** None if the counters started afresh in between. */
        static Rate of(Direction before, Direction now, double seconds) {
            if (now.packets < before.packets || now.bytes < before.bytes || now.dropped < before.dropped) {
                return new Rate(0, 0, 0);
            }
            return new Rate((now.packets - before.packets) / seconds, (now.bytes - before.bytes) * 8 / seconds,
                    (now.dropped - before.dropped) / seconds);
        }
    }

    double secondsSince(DeviceSample before) {
        return (nanoTime - before.nanoTime) / 1e9;
    }

    /** The same device here, or one that has counted nothing. */
    Device like(Device other) {
        Optional<Device> same = devices.stream().filter(device -> device.id == other.id).findFirst();
        return same.orElse(new Device(other.id, other.name, other.state, other.link, Direction.ZERO, Direction.ZERO));
    }
}
