package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Linux guest in QEMU, by software emulation, whose eth0 is a virtio-net device behind a vhost-user socket. It does what it
 * is told over its serial console.
 */
final class QemuGuest implements AutoCloseable {
    private static final Path FILES = Path.of("target/guest").toAbsolutePath();
    private static final Pattern EXIT = Pattern.compile("guest exit ([0-9]+)");
    private static final long LIMIT_SECONDS = 60;

    private final Path monitor;
    private final RunningProgram qemu;
    private final SocketChannel serial;
    private final Writer toGuest;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final StringWriter console = new StringWriter();

    /** How QEMU is to set up a guest: where it connects, or listens with {@code server}. */
    record Nic(Path socket, boolean server, String mac, int queuePairs, String properties) {
        static Nic client(Path socket, String mac) {
            return new Nic(socket, false, mac, 1, "");
        }

        static Nic server(Path socket, String mac) {
            return new Nic(socket, true, mac, 1, "");
        }

        Nic withProperties(String more) {
            return new Nic(socket, server, mac, queuePairs, more);
        }

        Nic at(Path otherSocket) {
            return new Nic(otherSocket, server, mac, queuePairs, properties);
        }

        private String chardev() {
            // Without reconnect QEMU would not come back to a back-end that was started again.
            return "socket,id=nic,path=" + socket + (server ? ",server=on" : ",reconnect=1");
        }

        /** Without MSI-X: QEMU 7.2 does not survive it with vhost-user and software emulation. */
        private String device() {
            return "virtio-net-pci,netdev=net,disable-legacy=on,vectors=0,mac=" + mac
                    + (queuePairs > 1 ? ",mq=on" : "") + properties;
        }
    }

    /** Boots a guest with the address {@code cidr}; its serial console is in {@code directory}. */
    QemuGuest(Path directory, Nic nic, String cidr) {
        this(directory, "guest-" + nic.mac().replace(":", ""), nic, cidr);
        try {
            await(Pattern.compile("guest is ready.*"));
        } catch (AssertionError e) {
            close();
            throw e;
        }
    }

    /** A machine for a guest that comes to it by {@link #migrateTo}; it is like the one that the guest leaves. */
    static QemuGuest empty(Path directory, Nic nic, String cidr, Path migration) {
        return new QemuGuest(directory, "migrated", nic, cidr, "-incoming", "unix:" + migration);
    }

    private QemuGuest(Path directory, String name, Nic nic, String cidr, String... more) {
        Path console = directory.resolve(name + ".console");
        monitor = directory.resolve(name + ".monitor");
        List<String> command = new ArrayList<>(List.of("qemu-system-x86_64",
                "-M", "q35,memory-backend=memory", "-cpu", "max", "-smp", "1", "-m", "256", "-accel", "tcg",
                "-object", "memory-backend-memfd,id=memory,size=256M,share=on",
                "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                "-kernel", FILES.resolve("kernel").toString(), "-initrd", FILES.resolve("initrd").toString(),
                "-append", "console=ttyS0 quiet panic=-1 guest.ip=" + cidr,
                "-chardev", "socket,id=console,path=" + console + ",server=on,wait=off",
                "-serial", "chardev:console", "-monitor", "unix:" + monitor + ",server=on,wait=off"));
        command.addAll(List.of(more));
        command.addAll(List.of("-chardev", nic.chardev(),
                "-netdev", "vhost-user,id=net,chardev=nic,queues=" + nic.queuePairs(), "-device", nic.device()));
        qemu = RunningProgram.start(command.toArray(String[]::new));
        try {
            serial = connect(console);
        } catch (RuntimeException | AssertionError e) {
            qemu.close();
            throw e;
        }
        toGuest = Channels.newWriter(serial, StandardCharsets.UTF_8);
        Thread.ofVirtual().start(this::collect);
    }

    /** Builds what the guests boot, once; a test is skipped where that cannot be done. */
    static void requireBuilt() {
        Peers.require("qemu-system-x86_64", "busybox", "cpio", "iperf3", "dpkg-deb", "apt-get");
        if (!Files.exists(FILES.resolve("initrd"))) {
            Result built = RunningProgram.run("src/test/guest/build", FILES.toString());
            if (built.exitCode() != 0) {
                Peers.missing("the guest's kernel from Debian's packages: " + built.err().strip());
            }
        }
    }

    private SocketChannel connect(Path console) {
        awaitSocket(console);
        try {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(console));
            return channel;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitSocket(Path socket) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!Files.exists(socket)) {
            if (System.nanoTime() > deadline || !qemu.isAlive()) {
                fail("no " + socket + ": " + qemu.terminate().await());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private void collect() {
        try (BufferedReader reader = new BufferedReader(Channels.newReader(serial, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                console.write(line + "\n");
                lines.add(line);
            }
        } catch (IOException ended) {
            console.write("-- " + ended + "\n");
        }
    }

    private Matcher await(Pattern expected) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        try {
            while (true) {
                String line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (line == null) {
                    return fail("the guest did not say " + expected + ", but\n" + console);
                }
                Matcher matcher = expected.matcher(line);
                if (matcher.find()) {
                    return matcher;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Moves the guest to a machine that waits for it, while it runs. What it says then is said there. */
    void migrateTo(QemuGuest machine, Path migration) {
        machine.awaitSocket(migration);
        try (SocketChannel channel = connect(monitor);
                Writer commands = Channels.newWriter(channel, StandardCharsets.UTF_8);
                BufferedReader answers = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            commands.write("migrate -d unix:" + migration + "\n");
            String status = "";
            while (!status.contains("completed")) {
                commands.write("info migrate\n");
                commands.flush();
                do {
                    status = answers.readLine();
                    if (status == null || status.contains("Error") || status.contains("failed")) {
                        fail("migration: " + status + "\n" + machine.console);
                    }
                } while (!status.startsWith("Migration status"));
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Begins a shell command in the guest; {@link #exitOfStarted} awaits its end, on the machine where the guest is then. */
    void start(String command) {
        try {
            toGuest.write(command + "\n");
            toGuest.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return the exit code of the command that was begun */
    String exitOfStarted() {
        return await(EXIT).group(1);
    }

    /** All that the guest has said on this machine. */
    String console() {
        return console.toString();
    }

    /** Runs a shell command in the guest. @return its output */
    String run(String command) {
        int before = console.toString().length();
        assertEquals("0", exit(command), () -> command + ":\n" + console.toString().substring(before));
        return console.toString().substring(before);
    }

    /** True if a shell command ends well in the guest. */
    boolean succeeds(String command) {
        return exit(command).equals("0");
    }

    private String exit(String command) {
        start(command);
        return exitOfStarted();
    }

    @Override
    public void close() {
        qemu.close();
        qemu.await();
        try {
            serial.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
