package org.netdev4j.netdev;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/** Everyone who wants to know of the events of one device. Thread-safe. */
final class DeviceListeners implements DeviceListener {
    private final List<DeviceListener> listeners = new CopyOnWriteArrayList<>();

    void add(DeviceListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
    }

    /** One that throws does not keep the others from knowing. */
    @Override
    public void onEvent(DeviceEvent event, String detail) {
        for (DeviceListener listener : listeners) {
            try {
                listener.onEvent(event, detail);
            } catch (RuntimeException e) {
                Thread thread = Thread.currentThread();
                thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
            }
        }
    }
}
