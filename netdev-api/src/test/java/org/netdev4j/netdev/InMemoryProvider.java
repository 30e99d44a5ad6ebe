package org.netdev4j.netdev;

import java.util.List;
import java.util.Set;

/** How a driver makes its device strings known: {@link java.util.ServiceLoader} finds it by META-INF/services. */
public final class InMemoryProvider implements NetDevDriver {
    /** What was opened last. */
    static InMemoryDriver opened;

    public InMemoryProvider() {}

    @Override
    public List<Kind> kinds() {
        return List.of(new Kind("memory", "memory[:broken]", "sends every frame back; a broken one cannot be probed"),
                new Kind("mirror", "mirror", "the same by another name"));
    }

    @Override
    public NetDevOps open(DeviceString device) {
        device.rejectUnknown(Set.of("mtu"));
        opened = new InMemoryDriver();
        if (device.address().equals("broken")) {
            opened.failNext("probe");
        }
        return opened;
    }
}
