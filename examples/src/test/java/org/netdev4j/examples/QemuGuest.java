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
        Path console = directory.resolve("serial-" + nic.mac().replace(":", ""));
        List<String> command = new ArrayList<>(List.of("qemu-system-x86_64",
                "-M", "q35,memory-backend=memory", "-cpu", "max", "-smp", "1", "-m", "256", "-accel", "tcg",
                "-object", "memory-backend-memfd,id=memory,size=256M,share=on",
                "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                "-kernel", FILES.resolve("kernel").toString(), "-initrd", FILES.resolve("initrd").toString(),
                "-append", "console=ttyS0 quiet panic=-1 guest.ip=" + cidr,
                "-chardev", "socket,id=console,path=" + console + ",server=on,wait=off",
                "-serial", "chardev:console"));
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
        try {
            await(Pattern.compile("guest is ready.*"));
        } catch (AssertionError e) {
            close();
            throw e;
        }
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
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (System.nanoTime() < deadline && qemu.isAlive()) {
            if (Files.exists(console)) {
                try {
                    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                    channel.connect(UnixDomainSocketAddress.of(console));
                    return channel;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        return fail(() -> "no console: " + qemu.terminate().await());
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
        try {
            toGuest.write(command + "\n");
            toGuest.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return await(EXIT).group(1);
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
