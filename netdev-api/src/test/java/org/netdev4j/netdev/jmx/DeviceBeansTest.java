package org.netdev4j.netdev.jmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.InMemoryDriver;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueueConfig;

/** What a JMX client sees of a device. */
class DeviceBeansTest {
    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final InMemoryDriver driver = new InMemoryDriver();
    private final NetDev device = new NetDev("memory:jmx,x", driver);
    private final NetBufPool pool = NetBufPool.builder().name("jmx packets").buffers(16).build();

    @AfterEach
    void close() {
        device.close();
        pool.close();
    }

    private Set<String> beans() {
        return server.queryNames(name("*"), null).stream().map(ObjectName::toString).collect(Collectors.toSet());
    }

    private ObjectName name(String type) {
        try {
            return new ObjectName("org.netdev4j:type=" + type + ",id=" + device.id() + ",*");
        } catch (MalformedObjectNameException e) {
            throw new AssertionError(e);
        }
    }

    private <T> T bean(String type, Class<T> beanInterface) {
        Set<ObjectName> names = server.queryNames(name(type), null);
        assertEquals(1, names.size(), names::toString);
        return JMX.newMXBeanProxy(server, names.iterator().next(), beanInterface);
    }

    private void start() {
        device.probe();
        device.configure(NetDevConfig.ONE_PAIR);
        device.configureRxQueue(0, RxQueueConfig.polled(pool).withSize(8));
        device.configureTxQueue(0, TxQueueConfig.POLLED.withSize(8));
        device.start();
    }

    @Test
    void aDeviceAndItsQueuesAreThereUntilTheyAreGone() {
        String quoted = "id=" + device.id() + ",name=\"memory:jmx,x\"";
        assertEquals(Set.of("org.netdev4j:type=NetDev," + quoted), beans());
        start();
        assertEquals(Set.of("org.netdev4j:type=NetDev," + quoted, "org.netdev4j:type=RxQueue," + quoted + ",queue=0",
                "org.netdev4j:type=TxQueue," + quoted + ",queue=0"), beans());
        device.stop();
        device.configure(NetDevConfig.ONE_PAIR);
        assertEquals(Set.of("org.netdev4j:type=NetDev," + quoted), beans());
        device.close();
        assertEquals(Set.of(), beans());
    }

    @Test
    void whatTheStateDoesNotTellIsNull() {
        NetDevMXBean bean = bean("NetDev", NetDevMXBean.class);
        assertEquals("UNPROBED", bean.getState());
        assertNull(bean.getMacAddress());
        assertNull(bean.getLinkState());
        assertNull(bean.getCounters());
        assertEquals(-1, bean.getMtu());
        assertEquals(0, bean.getRxPackets());
    }

    @Test
    void aRunningDeviceTellsWhatItCounts() {
        start();
        NetBuf frame = pool.allocate();
        frame.append(60);
        device.txQueue(0).transmit(frame);
        NetBuf runt = pool.allocate();
        runt.append(5);
        device.txQueue(0).transmit(runt);
        driver.settle();
        NetBuf[] burst = new NetBuf[4];
        NetBuf.free(burst, 0, device.rxQueue(0).receive(burst));

        NetDevMXBean bean = bean("NetDev", NetDevMXBean.class);
        assertEquals("RUNNING", bean.getState());
        assertEquals("UP", bean.getLinkState());
        assertEquals("02:00:00:00:00:01", bean.getMacAddress());
        assertEquals(1500, bean.getMtu());
        assertEquals("in-memory", bean.getDriver());
        assertEquals(1, bean.getRxPackets());
        assertEquals(60, bean.getTxBytes());
        assertEquals(Map.of("RUNT", 1L), bean.getTxDrops());
        assertEquals(1, bean("TxQueue", NetQueueMXBean.class).getPackets());
        assertEquals(Map.of("RUNT", 1L), bean("TxQueue", NetQueueMXBean.class).getDrops());
        assertEquals(60, bean("RxQueue", NetQueueMXBean.class).getBytes());
        assertNull(bean("RxQueue", NetQueueMXBean.class).getBrokenReason());
    }

    @Test
    void poolsTellTheirLevelsWhileTheyAreOpen() throws MalformedObjectNameException {
        NetBufPoolsMXBean pools = JMX.newMXBeanProxy(server, new ObjectName("org.netdev4j:type=NetBufPools"),
                NetBufPoolsMXBean.class);
        NetBuf held = pool.allocate();
        PoolLevel level = level(pools.getPools());
        assertEquals(16, level.buffers());
        assertEquals(15, level.free());
        assertEquals(0, level.exhausted());
        held.free();
        pool.close();
        assertTrue(pools.getPools().stream().noneMatch(other -> other.number() == pool.number()));
    }

    private PoolLevel level(List<PoolLevel> levels) {
        return levels.stream().filter(level -> level.number() == pool.number()).findFirst().orElseThrow();
    }
}
