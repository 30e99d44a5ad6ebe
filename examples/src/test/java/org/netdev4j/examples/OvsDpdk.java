package org.netdev4j.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A private Open vSwitch with DPDK's data path, in a network namespace: a learning switch whose port {@code br0} is Linux's. It
 * uses no huge pages. Database, sockets and logs are in a directory of the test's.
 */
final class OvsDpdk implements AutoCloseable {
    private static final String SWITCH = "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk";
    private static final String SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema";

    private final NetNamespace namespace;
    private final Path directory;
    private final DpdkFiles files = new DpdkFiles();
    private final RunningProgram database;
    private RunningProgram vswitch;

    OvsDpdk(NetNamespace namespace, Path directory) {
        this.namespace = namespace;
        this.directory = directory;
        RunningProgram.run("ovsdb-tool", "create", file("conf.db"), SCHEMA).assertExit(0);
        database = RunningProgram
                .start(inDirectory("ovsdb-server", file("conf.db"), "--remote=punix:" + file("db.sock"),
                        "--unixctl=" + file("db.ctl"), "--no-chdir", "-vconsole:info"));
        try {
            database.awaitErrorLine(Pattern.compile(".*ovsdb-server \\(Open vSwitch\\) .*"));
            vsctl("--no-wait", "init");
            vsctl("--no-wait", "set", "Open_vSwitch", ".", "other_config:dpdk-init=true",
                    "other_config:pmd-cpu-mask=1",
                    "other_config:dpdk-extra=--no-pci --no-telemetry --no-huge -m 512 --legacy-mem --file-prefix="
                            + files.prefix());
            start();
            vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev");
        } catch (RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    static void requireInstalled() {
        Peers.requireTapAnd("ovsdb-tool", "ovsdb-server", "ovs-vsctl", "ping");
        Peers.requireFile(SWITCH);
    }

    private void start() {
        vswitch = namespace.start(inDirectory(SWITCH, "unix:" + file("db.sock"), "--unixctl=" + file("vs.ctl"),
                "-vconsole:info"));
        vswitch.awaitErrorLine(Pattern.compile(".*DPDK Enabled - initialized"));
    }

    /** Gives Linux's port an address. */
    void bringUp(String cidr) {
        namespace.bringUp("br0", cidr);
    }

    /** A port that connects to a front-end which listens at {@code socket}. */
    void addClientPort(String name, Path socket) {
        vsctl("add-port", "br0", name, "--", "set", "Interface", name, "type=dpdkvhostuserclient",
                "options:vhost-server-path=" + socket);
    }

    /** A port that listens for a front-end. @return the socket */
    Path addServerPort(String name) {
        vsctl("add-port", "br0", name, "--", "set", "Interface", name, "type=dpdkvhostuser");
        return directory.resolve(name);
    }

    /** Kills the switch, as a crash would, and starts it again: its ports are in the database, and Linux's stays. */
    void restart() {
        stopSwitch();
        start();
        // Done when the switch has made its ports.
        vsctl("set", "Open_vSwitch", ".", "external_ids:restarted=true");
    }

    private void stopSwitch() {
        if (vswitch != null) {
            vswitch.close();
            vswitch.await();
            vswitch = null;
        }
        files.delete();
    }

    private void vsctl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("ovs-vsctl", "--timeout=20", "--db=unix:" + file("db.sock")));
        command.addAll(List.of(arguments));
        RunningProgram.run(command.toArray(String[]::new)).assertExit(0);
    }

    private String[] inDirectory(String... command) {
        return Stream.concat(Stream.of("env", "OVS_RUNDIR=" + directory, "OVS_DBDIR=" + directory,
                "OVS_SYSCONFDIR=" + directory, "OVS_LOGDIR=" + directory), Stream.of(command)).toArray(String[]::new);
    }

    private String file(String name) {
        return directory.resolve(name).toString();
    }

    @Override
    public void close() {
        stopSwitch();
        database.close();
        database.await();
    }
}
