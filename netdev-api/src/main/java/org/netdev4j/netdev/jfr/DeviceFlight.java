package org.netdev4j.netdev.jfr;

import org.netdev4j.netdev.DeviceEvent;
import org.netdev4j.netdev.DeviceListener;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevState;

/** Tells the Flight Recorder of one device. */
public final class DeviceFlight implements DeviceListener {
    private final NetDev device;

    /** To be given to {@link NetDev#onEvent}. */
    public DeviceFlight(NetDev device) {
        this.device = device;
        PoolLevelEvent.start();
        PoolExhaustedEvent.start();
    }

    /** The device went from one state to another. */
    public void stateChanged(NetDevState from, NetDevState to) {
        DeviceStateEvent event = new DeviceStateEvent();
        if (event.shouldCommit()) {
            event.device = device.name();
            event.from = from.name();
            event.to = to.name();
            event.commit();
        }
    }

    @Override
    public void onEvent(DeviceEvent event, String detail) {
        switch (event) {
            case LINK_CHANGED -> linkChanged(detail);
            case QUEUE_STALLED -> queueStalled(detail);
            case QUEUE_BROKEN -> queueBroken(detail);
            case NEEDS_RESET -> needsReset(detail);
            default -> {
            }
        }
    }

    private void linkChanged(String detail) {
        LinkChangeEvent event = new LinkChangeEvent();
        if (event.shouldCommit()) {
            event.device = device.name();
            event.detail = detail;
            event.commit();
        }
    }

    private void queueStalled(String detail) {
        QueueStallEvent event = new QueueStallEvent();
        if (event.shouldCommit()) {
            event.device = device.name();
            event.detail = detail;
            event.commit();
        }
    }

    private void queueBroken(String detail) {
        QueueBrokenEvent event = new QueueBrokenEvent();
        if (event.shouldCommit()) {
            event.device = device.name();
            event.detail = detail;
            event.commit();
        }
    }

    private void needsReset(String detail) {
        DeviceResetEvent event = new DeviceResetEvent();
        if (event.shouldCommit()) {
            event.device = device.name();
            event.detail = detail;
            event.commit();
        }
    }
}
