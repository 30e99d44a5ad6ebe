package org.netdev4j.examples;

import java.io.PrintWriter;
import java.util.Locale;

import org.netdev4j.netdev.jmx.PoolLevel;

/** A line for each device and pool and look. */
final class TopLines implements TopView {
    private final PrintWriter out;

    TopLines(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void show(DeviceSample before, DeviceSample now) {
        double seconds = now.secondsSince(before);
        for (DeviceSample.Device device : now.devices()) {
            DeviceSample.Device was = before.like(device);
            out.println(device.name() + " " + device.state() + " link " + device.link() + " rx "
                    + rate(DeviceSample.Rate.of(was.rx(), device.rx(), seconds), device.rx()) + " tx "
                    + rate(DeviceSample.Rate.of(was.tx(), device.tx(), seconds), device.tx()));
        }
        for (PoolLevel pool : now.pools()) {
            out.println("pool " + pool.name() + " " + pool.free() + " of " + pool.buffers() + " free, exhausted "
                    + pool.exhausted());
        }
        out.flush();
    }

    private static String rate(DeviceSample.Rate rate, DeviceSample.Direction total) {
        return String.format(Locale.ROOT, "%.0f packets/s %s dropped %d", rate.packets(), bits(rate.bits()),
                total.dropped());
    }

    /** {@code 1.2 Mbit/s}: three digits and a unit. */
    static String bits(double perSecond) {
        String[] units = {"bit/s", "kbit/s", "Mbit/s", "Gbit/s"};
        int unit = 0;
        double value = perSecond;
        while (value >= 999.5 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        String format = unit == 0 || value >= 99.95 ? "%.0f %s" : value >= 9.995 ? "%.1f %s" : "%.2f %s";
        return String.format(Locale.ROOT, format, value, units[unit]);
    }
}
