package org.netdev4j.virtio.net.device;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Counters named by an enum: one thread adds, any thread reads. */
public final class CounterSet<C extends Enum<C>> {
    private final EnumMap<C, Cell> cells;

    /** A counter for each constant of {@code type}, at 0. */
    public CounterSet(Class<C> type) {
        cells = new EnumMap<>(type);
        for (C counter : type.getEnumConstants()) {
            cells.put(counter, new Cell());
        }
    }

    public void add(C counter, long n) {
        cells.get(counter).add(n);
    }

    public void increment(C counter) {
        cells.get(counter).add(1);
    }

    public long get(C counter) {
        return cells.get(counter).getOpaque();
    }

    /** What counted so far, in the order of the enum, by name in words ({@code rx drop runt}); zeros are left out. */
    public Map<String, Long> snapshot() {
        Map<String, Long> counted = new LinkedHashMap<>();
        cells.forEach((counter, cell) -> {
            long value = cell.getOpaque();
            if (value != 0) {
                counted.put(counter.name().toLowerCase(Locale.ROOT).replace('_', ' '), value);
            }
        });
        return counted;
    }

    private static final class Cell {
        private static final VarHandle VALUE;

        static {
            try {
                VALUE = MethodHandles.lookup().findVarHandle(Cell.class, "value", long.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private long value;

        void add(long n) {
            VALUE.setOpaque(this, value + n);
        }

        long getOpaque() {
            return (long) VALUE.getOpaque(this);
        }
    }
}
