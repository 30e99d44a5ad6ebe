package org.netdev4j.virtio.net;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

import org.netdev4j.netdev.DeviceString;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDevDriver;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.virtio.VirtioTransport;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.transport.vhostuser.FrontEndSettings;
import org.netdev4j.virtio.transport.vhostuser.VhostUserTransport;

/**
 * Opens device strings whose virtio-net device is in this JVM ({@code loopback}, {@code hub:NAME}, {@code tap:IFNAME}) or
 * behind a socket ({@code vhost-user:PATH}).
 * Closing what is returned takes down everything that was set up for it.
 */
public final class VirtioNetDevices implements NetDevDriver {
    private static final Kind LOOPBACK = new Kind("loopback", "loopback", "a device that returns what it is sent");
    private static final Kind HUB = new Kind("hub", "hub:NAME", "a port of the hub NAME in this JVM");
    private static final Kind TAP = new Kind("tap", "tap:IFNAME",
            "the Linux TAP interface IFNAME, created if there is none");
    private static final Kind VHOST_USER = new Kind("vhost-user", "vhost-user:PATH[,server]",
            "the vhost-user back-end of another process (DPDK, Open vSwitch) at the socket PATH");

    private static final String PCAP = "pcap";
    private static final String QUEUES = "queues";
    private static final String SERVER = "server";
    private static final int MAX_VHOST_USER_PAIRS = 128;
    /** Seconds that a server waits for its first back-end. */
    private static final String CONNECT_TIMEOUT = "connect-timeout";
    /** Seconds that a back-end may take for one answer. */
    private static final String ANSWER_TIMEOUT = "answer-timeout";
    private static final int MAX_TIMEOUT_SECONDS = 3600;

    /** For {@link java.util.ServiceLoader}. */
    public VirtioNetDevices() {}

    @Override
    public List<Kind> kinds() {
        return List.of(LOOPBACK, HUB, TAP, VHOST_USER);
    }

    @Override
    public NetDevOps open(DeviceString device) {
        if (device.kind().equals(VHOST_USER.name())) {
            return openVhostUser(device);
        }
        List<String> known = new ArrayList<>(DriverOptions.KEYS);
        known.add(PCAP);
        known.add(QUEUES);
        device.rejectUnknown(known);
        int pairs = device.intOption(QUEUES, 1, 1, DeviceSettings.MAX_PAIRS);
        InProcessDevice made = new InProcessDevice(device.toString(), DriverOptions.parse(device), pairs);
        try {
            addBackend(made, device);
            Path capture = captureFile(device);
            if (capture != null) {
                made.capture(capture);
            }
            return made.connect();
        } catch (RuntimeException e) {
            throw failed(made, device, e);
        }
    }

    private static NetDevOps openVhostUser(DeviceString device) {
        List<String> known = new ArrayList<>(DriverOptions.KEYS);
        known.add(QUEUES);
        known.add(SERVER);
        known.add(CONNECT_TIMEOUT);
        known.add(ANSWER_TIMEOUT);
        device.rejectUnknown(known);
        int pairs = device.intOption(QUEUES, 1, 1, MAX_VHOST_USER_PAIRS);
        DriverOptions options = DriverOptions.parse(device);
        FrontEndSettings settings = frontEndSettings(device);
        MacAddress random = MacAddress.randomLocal(ThreadLocalRandom.current());
        try {
            VirtioTransport transport = VhostUserTransport.open(settings,
                    new VhostUserStandIn(options.mac(), random, options.mtu(), pairs));
            return new VirtioNetDriver(options).probe(transport);
        } catch (RuntimeException e) {
            throw new NetDevException("cannot open " + device + ": " + e.getMessage(), e);
        }
    }

    private static FrontEndSettings frontEndSettings(DeviceString device) {
        Path socket = path(device, "the address", device.requireAddress("the path of a socket"));
        FrontEndSettings settings = device.flag(SERVER)
                ? FrontEndSettings.server(socket)
                : FrontEndSettings.client(socket);
        return settings.withConnectTimeout(seconds(device, CONNECT_TIMEOUT, settings.connectTimeout()))
                .withAnswerTimeout(seconds(device, ANSWER_TIMEOUT, settings.answerTimeout()));
    }

    private static Duration seconds(DeviceString device, String key, Duration fallback) {
        return Duration.ofSeconds(device.intOption(key, (int) fallback.toSeconds(), 1, MAX_TIMEOUT_SECONDS));
    }

    private static void addBackend(InProcessDevice made, DeviceString device) {
        if (device.kind().equals(LOOPBACK.name())) {
            device.rejectAddress();
            made.loopback();
        } else if (device.kind().equals(HUB.name())) {
            made.hub(device.requireAddress("the name of a hub"));
        } else if (device.kind().equals(TAP.name())) {
            String interfaceName = device.requireAddress("the name of an interface");
            try {
                made.tap(interfaceName);
            } catch (IllegalArgumentException e) {
                throw device.error(e.getMessage());
            }
        } else {
            throw device.error("is of a kind that this driver does not open");
        }
    }

    private static Path captureFile(DeviceString device) {
        String file = device.option(PCAP, null);
        return file == null ? null : path(device, "option " + PCAP, file);
    }

    private static Path path(DeviceString device, String what, String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw device.error(what + " is no file name: " + e.getMessage());
        }
    }

    private static NetDevException failed(InProcessDevice made, DeviceString device, RuntimeException cause) {
        try {
            made.close();
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
        return cause instanceof NetDevException known
                ? known
                : new NetDevException("cannot open " + device + ": " + cause.getMessage(), cause);
    }
}
