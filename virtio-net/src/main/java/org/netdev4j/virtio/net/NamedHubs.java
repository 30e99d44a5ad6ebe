package org.netdev4j.virtio.net;

import java.util.HashMap;
import java.util.Map;

import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.backend.Hub;

/** The hubs of this JVM by name: each lives, with the thread of its loop, from the first device that joins to the last. */
final class NamedHubs {
    private static final Map<String, Joined> HUBS = new HashMap<>();

    private NamedHubs() {}

    /** To be followed by {@link #leave}. */
    static Hub join(String name) {
        synchronized (HUBS) {
            Joined joined = HUBS.computeIfAbsent(name, Joined::new);
            joined.devices++;
            return joined.hub;
        }
    }

    static void leave(Hub hub) {
        synchronized (HUBS) {
            Joined joined = HUBS.get(hub.name());
            if (--joined.devices == 0) {
                HUBS.remove(hub.name());
                hub.loop().close();
            }
        }
    }

    private static final class Joined {
        private final Hub hub;
        private int devices;

        Joined(String name) {
            hub = new Hub(name, new DeviceLoop("hub:" + name).start());
        }
    }
}
