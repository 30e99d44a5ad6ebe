package org.netdev4j.netdev.jmx;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetQueue;
import org.netdev4j.netdev.RxQueue;

/** The beans of one device. {@link NetDev} makes it and tells it what comes and goes, one call at a time. */
public final class DeviceBeans implements AutoCloseable {
    private static final boolean ON = !"false".equals(System.getProperty("netdev4j.jmx"));
    private static final String DOMAIN = "org.netdev4j";

    private final NetDev device;
    private final List<ObjectName> queues = new ArrayList<>();

    /** Shows {@code device} from now on. */
    public DeviceBeans(NetDev device) {
        this.device = device;
        if (ON) {
            Pools.register();
            register(new DeviceBean(device), name("NetDev", ""));
        }
    }

    /** Shows a queue that was prepared. */
    public void add(NetQueue queue) {
        if (ON) {
            ObjectName name = name(queue instanceof RxQueue ? "RxQueue" : "TxQueue", ",queue=" + queue.index());
            register(new QueueBean(queue), name);
            queues.add(name);
        }
    }

    /** All queues are void. */
    public void removeQueues() {
        queues.forEach(DeviceBeans::unregister);
        queues.clear();
    }

    @Override
    public void close() {
        removeQueues();
        if (ON) {
            unregister(name("NetDev", ""));
        }
    }

    private ObjectName name(String type, String more) {
        return objectName("type=" + type + ",id=" + device.id() + ",name=" + ObjectName.quote(device.name()) + more);
    }

    private static ObjectName objectName(String properties) {
        try {
            return new ObjectName(DOMAIN + ":" + properties);
        } catch (JMException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MBeanServer server() {
        return ManagementFactory.getPlatformMBeanServer();
    }

    /** A device works without its bean: another copy of this class may have taken the name. */
    @SuppressWarnings("EmptyCatch")
    private static void register(Object bean, ObjectName name) {
        try {
            server().registerMBean(bean, name);
        } catch (JMException taken) {
            // Nothing to show it by.
        }
    }

    @SuppressWarnings("EmptyCatch")
    private static void unregister(ObjectName name) {
        try {
            server().unregisterMBean(name);
        } catch (JMException gone) {
            // Somebody else took it away.
        }
    }

    /** Registered with the first device, for good: it holds nothing. */
    private static final class Pools implements NetBufPoolsMXBean {
        static {
            DeviceBeans.register(new Pools(), objectName("type=NetBufPools"));
        }

        static void register() {}

        @Override
        public List<PoolLevel> getPools() {
            return NetBufPool.all().stream().map(pool -> new PoolLevel(pool.number(), pool.name(), pool.capacity(),
                    pool.available(), pool.exhausted())).toList();
        }
    }
}
