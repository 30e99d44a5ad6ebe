package org.netdev4j.virtio.net;

import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

import org.netdev4j.netdev.DeviceEvent;
import org.netdev4j.netdev.DeviceListener;
import org.netdev4j.netdev.LinkState;
import org.netdev4j.virtio.DeviceStatus;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioTransport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the link and the health of a device through its configuration change notifications (virtio 1.4 §2.3, §2.5). */
final class ConfigMonitor {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigMonitor.class);
    private static final String DISPATCHER = "netdev4j-config";

    private final VirtioTransport transport;
    /** Held around every control call to the transport. */
    private final Object control;
    private final Runnable onNeedsReset;
    private final Runnable onAnnounce;

    private volatile LinkState linkState = LinkState.UNKNOWN;
    private volatile boolean needsReset;
    private volatile int speedMbps = NetDeviceConfig.UNKNOWN_SPEED;
    private volatile boolean away;
    /** Notifications after which the configuration could not be read. */
    private final AtomicLong unreadable = new AtomicLong();
    private volatile DeviceListener listener = (event, detail) -> {};
    /** What other threads found out, to be told on the monitor's. */
    private final Queue<Finding> findings = new ConcurrentLinkedQueue<>();

    // Guarded by control.
    private InterruptDispatcher.Watch watch;
    private boolean hasStatus;
    private boolean changedWhileStopped;
    private NetDeviceConfig last;

    private record Finding(DeviceEvent event, String detail) {}

    /**
     * @param onNeedsReset called once for each time that the device asks to be reset, on any thread
     * @param onAnnounce called with control held when the device asked for an announcement, which is told then
     */
    ConfigMonitor(VirtioTransport transport, Object control, Runnable onNeedsReset, Runnable onAnnounce) {
        this.transport = transport;
        this.control = control;
        this.onNeedsReset = onNeedsReset;
        this.onAnnounce = onAnnounce;
    }

    LinkState linkState() {
        return linkState;
    }

    /** Mbit/s, or negative: not known. */
    int speedMbps() {
        return speedMbps;
    }

    /** The device asked to be reset since it was started. */
    boolean needsReset() {
        return needsReset;
    }

    /** The other end of the device is gone. */
    boolean isAway() {
        return away;
    }

    /** The other end of the device went or came back: a link that leads nowhere is down. Caller holds control. */
    void peerChanged(boolean present) {
        away = !present;
        needsReset = false;
        if (watch != null && refreshAfterNotification()) {
            raise(DeviceEvent.LINK_CHANGED, "the link is " + linkState + ": the other end of the device is "
                    + (present ? "back" : "gone"));
        }
    }

    /** Called on the monitor's thread, after what it tells. */
    void listener(DeviceListener deviceListener) {
        listener = deviceListener;
    }

    /** Has {@code event} told on the monitor's thread. From any thread, between start and stop; nothing is told afterwards. */
    void raise(DeviceEvent event, String detail) {
        findings.add(new Finding(event, detail));
        transport.configInterrupt().signal();
    }

    /** Reads the link state once; {@link #start} goes on from there. Caller holds control. */
    void probe(Features negotiated, NetDeviceConfig config) {
        hasStatus = negotiated.has(NetFeature.STATUS);
        linkState = state(config);
        speedMbps = config.speedMbps();
        last = config;
    }

    /** From DRIVER_OK on. Caller holds control. */
    void start(Features negotiated) {
        needsReset = false;
        hasStatus = negotiated.has(NetFeature.STATUS);
        changedWhileStopped = refresh();
        watch = InterruptDispatcher.watch(DISPATCHER, transport.configInterrupt(), this::notified);
        if (changedWhileStopped) {
            transport.configInterrupt().signal();
        }
    }

    /** Idempotent. Caller holds control. */
    void stop() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
        findings.clear();
    }

    private void notified() {
        boolean linkChanged;
        synchronized (control) {
            if (watch == null) {
                return;
            }
            linkChanged = refreshAfterNotification() || changedWhileStopped;
            changedWhileStopped = false;
        }
        if (linkChanged) {
            listener.onEvent(DeviceEvent.LINK_CHANGED, "the link is " + linkState);
        }
        for (Finding finding = findings.poll(); finding != null; finding = findings.poll()) {
            listener.onEvent(finding.event(), finding.detail());
        }
    }

    /** As {@link #refresh}; a device that notifies of what cannot be read is counted, and logged once. */
    private boolean refreshAfterNotification() {
        try {
            return refresh();
        } catch (RuntimeException e) {
            if (unreadable.getAndIncrement() == 0) {
                LOG.warn("{}: the device notified of a change of its configuration, which cannot be read: {}",
                        transport.name(), e.getMessage());
            }
            return false;
        }
    }

    void putCounters(Map<String, Long> counters) {
        if (unreadable.get() > 0) {
            counters.put("unreadable configurations", unreadable.get());
        }
    }

    /** True if the link state changed. */
    private boolean refresh() {
        LinkState before = linkState;
        if (away) {
            linkState = LinkState.DOWN;
            return linkState != before;
        }
        if (!needsReset && (transport.status() & DeviceStatus.DEVICE_NEEDS_RESET) != 0) {
            needsReset = true;
            LOG.warn("{}: the device needs a reset; it moves nothing until it is stopped and started",
                    transport.name());
            onNeedsReset.run();
            raise(DeviceEvent.NEEDS_RESET, "the device asked for it");
        }
        NetDeviceConfig now = NetDeviceConfig.read(transport);
        linkState = state(now);
        speedMbps = now.speedMbps();
        if (now.announce() && hasStatus && watch != null) {
            raise(DeviceEvent.ANNOUNCE, "the device asked for it");
            onAnnounce.run();
        }
        if (!now.sameButLink(last)) {
            raise(DeviceEvent.CONFIG_CHANGED, "the device says " + now);
        }
        last = now;
        return linkState != before;
    }

    private LinkState state(NetDeviceConfig config) {
        if (!hasStatus) {
            return LinkState.UNKNOWN;
        }
        return config.linkUp() ? LinkState.UP : LinkState.DOWN;
    }
}
