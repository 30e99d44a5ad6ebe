package org.netdev4j.examples;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.management.JMX;
import javax.management.MBeanServerConnection;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.jmx.NetBufPoolsMXBean;
import org.netdev4j.netdev.jmx.NetDevMXBean;
import org.netdev4j.netdev.jmx.PoolLevel;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import com.sun.tools.attach.VirtualMachineDescriptor;

/** Another JVM of this user, seen through its beans. */
final class RemoteJvm implements AutoCloseable {
    private final JMXConnector connector;
    private final MBeanServerConnection server;

    private RemoteJvm(JMXConnector connector) throws IOException {
        this.connector = connector;
        server = connector.getMBeanServerConnection();
    }

    /** The JVMs of this user but this one: process id and what it runs. */
    static Stream<String> candidates() {
        String self = String.valueOf(ProcessHandle.current().pid());
        return VirtualMachine.list().stream().filter(jvm -> !jvm.id().equals(self))
                .sorted(Comparator.comparingLong(jvm -> Long.parseLong(jvm.id()))).map(RemoteJvm::describe);
    }

    private static String describe(VirtualMachineDescriptor jvm) {
        return jvm.id() + " " + jvm.displayName();
    }

    /**
     * Attaches to a JVM that uses netdev4j.
     *
     * @throws NetDevException saying why it cannot be looked at
     */
    static RemoteJvm attach(long pid) {
        try {
            VirtualMachine machine = VirtualMachine.attach(String.valueOf(pid));
            String address;
            try {
                address = machine.startLocalManagementAgent();
            } finally {
                machine.detach();
            }
            RemoteJvm jvm = new RemoteJvm(connect(address));
            jvm.requireDevices(pid);
            return jvm;
        } catch (AttachNotSupportedException | IOException e) {
            throw new NetDevException("cannot look at process " + pid + ": " + e.getMessage()
                    + "; it must be a running JVM of the same user (netdev4j top lists them)", e);
        }
    }

    /** The address is what a JVM of this user just told, no name to be looked up. */
    @SuppressWarnings("BanJNDI")
    private static JMXConnector connect(String address) throws IOException {
        return JMXConnectorFactory.connect(new JMXServiceURL(address));
    }

    private void requireDevices(long pid) throws IOException {
        if (!server.isRegistered(name("type=NetBufPools"))) {
            close();
            throw new NetDevException("process " + pid + " has opened no netdev4j device");
        }
    }

    DeviceSample sample() throws IOException {
        List<DeviceSample.Device> devices = new ArrayList<>();
        Set<ObjectName> names = server.queryNames(name("type=NetDev,*"), null);
        for (ObjectName name : names) {
            NetDevMXBean bean = JMX.newMXBeanProxy(server, name, NetDevMXBean.class);
            devices.add(new DeviceSample.Device(bean.getId(), bean.getName(), bean.getState(), bean.getLinkState(),
                    new DeviceSample.Direction(bean.getRxPackets(), bean.getRxBytes(), sum(bean.getRxDrops())),
                    new DeviceSample.Direction(bean.getTxPackets(), bean.getTxBytes(), sum(bean.getTxDrops()))));
        }
        devices.sort(Comparator.comparingInt(DeviceSample.Device::id));
        List<PoolLevel> pools = JMX.newMXBeanProxy(server, name("type=NetBufPools"), NetBufPoolsMXBean.class)
                .getPools();
        return new DeviceSample(System.nanoTime(), List.copyOf(devices), pools);
    }

    private static long sum(Map<String, Long> drops) {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }

    private static ObjectName name(String properties) {
        try {
            return new ObjectName("org.netdev4j:" + properties);
        } catch (MalformedObjectNameException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }
}
