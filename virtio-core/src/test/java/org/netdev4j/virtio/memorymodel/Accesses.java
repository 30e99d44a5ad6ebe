package org.netdev4j.virtio.memorymodel;

import static org.netdev4j.virtio.memorymodel.Event.Order.PLAIN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.BitSet;

import org.netdev4j.virtio.memorymodel.Event.FenceKind;
import org.netdev4j.virtio.memorymodel.Event.Order;

/**
 * What the accesses of rewritten code call, with the arguments of the original call: they go to a {@link Replay}, or straight
 * to memory when there is none. One thread.
 */
public final class Accesses {
    /** No site. */
    static final int NONE = -1;

    private static Replay replay;
    private static int weakened = NONE;
    private static boolean weaken;
    private static final BitSet PASSED = new BitSet();

    private Accesses() {}

    static void recordIn(Replay newReplay) {
        replay = newReplay;
    }

    /** From now on the access or fence at that site is a plain access or none; no site has been passed. */
    static void startOver(int newWeakened) {
        weakened = newWeakened;
        PASSED.clear();
    }

    /** Sites passed since the start. */
    static BitSet passed() {
        return (BitSet) PASSED.clone();
    }

    /** Stands before an access or fence that asks for an order. */
    public static void site(int index) {
        if (replay != null) {
            PASSED.set(index);
            weaken = index == weakened;
        }
    }

    public static short get16(MemorySegment segment, ValueLayout.OfShort layout, long offset) {
        return replay == null ? segment.get(layout, offset) : (short) load(segment, offset, Short.BYTES, PLAIN);
    }

    public static void set16(MemorySegment segment, ValueLayout.OfShort layout, long offset, short value) {
        if (replay == null) {
            segment.set(layout, offset, value);
        } else {
            store(segment, offset, Short.BYTES, value, PLAIN);
        }
    }

    public static short get16(VarHandle handle, MemorySegment segment, long offset, String mode) {
        return replay == null
                ? (short) handle.get(segment, offset)
                : (short) load(segment, offset, Short.BYTES, order(mode));
    }

    public static void set16(VarHandle handle, MemorySegment segment, long offset, short value, String mode) {
        if (replay == null) {
            handle.set(segment, offset, value);
        } else {
            store(segment, offset, Short.BYTES, value, order(mode));
        }
    }

    public static int get32(MemorySegment segment, ValueLayout.OfInt layout, long offset) {
        return replay == null ? segment.get(layout, offset) : (int) load(segment, offset, Integer.BYTES, PLAIN);
    }

    public static void set32(MemorySegment segment, ValueLayout.OfInt layout, long offset, int value) {
        if (replay == null) {
            segment.set(layout, offset, value);
        } else {
            store(segment, offset, Integer.BYTES, value, PLAIN);
        }
    }

    public static int get32(VarHandle handle, MemorySegment segment, long offset, String mode) {
        return replay == null
                ? (int) handle.get(segment, offset)
                : (int) load(segment, offset, Integer.BYTES, order(mode));
    }

    public static void set32(VarHandle handle, MemorySegment segment, long offset, int value, String mode) {
        if (replay == null) {
            handle.set(segment, offset, value);
        } else {
            store(segment, offset, Integer.BYTES, value, order(mode));
        }
    }

    public static long get64(MemorySegment segment, ValueLayout.OfLong layout, long offset) {
        return replay == null ? segment.get(layout, offset) : load(segment, offset, Long.BYTES, PLAIN);
    }

    public static void set64(MemorySegment segment, ValueLayout.OfLong layout, long offset, long value) {
        if (replay == null) {
            segment.set(layout, offset, value);
        } else {
            store(segment, offset, Long.BYTES, value, PLAIN);
        }
    }

    public static long get64(VarHandle handle, MemorySegment segment, long offset, String mode) {
        return replay == null
                ? (long) handle.get(segment, offset)
                : load(segment, offset, Long.BYTES, order(mode));
    }

    public static void set64(VarHandle handle, MemorySegment segment, long offset, long value, String mode) {
        if (replay == null) {
            handle.set(segment, offset, value);
        } else {
            store(segment, offset, Long.BYTES, value, order(mode));
        }
    }

    public static void fullFence() {
        fence(FenceKind.FULL);
    }

    public static void acquireFence() {
        fence(FenceKind.ACQUIRE);
    }

    public static void releaseFence() {
        fence(FenceKind.RELEASE);
    }

    private static void fence(FenceKind kind) {
        if (replay != null && !weaken) {
            replay.add(new Event.Fence(kind));
        }
        weaken = false;
    }

    private static long load(MemorySegment segment, long offset, int bytes, Order order) {
        Order used = weaken ? PLAIN : order;
        weaken = false;
        return replay.load(segment, offset, bytes, used);
    }

    private static void store(MemorySegment segment, long offset, int bytes, long value, Order order) {
        Order used = weaken ? PLAIN : order;
        weaken = false;
        replay.store(segment, offset, bytes, value, used);
    }

    private static Order order(String mode) {
        return switch (mode) {
            case "get", "set" -> PLAIN;
            case "getOpaque", "setOpaque" -> Order.OPAQUE;
            case "getAcquire", "setRelease" -> Order.ORDERED;
            default -> throw new IllegalArgumentException("the memory model does not know " + mode);
        };
    }

    /** Sleeps until {@code bell} was rung, and quiets it: what a read of an eventfd does. */
    public static void sleep(int bell) {
        replay.add(new Event.Sleep(bell));
    }

    /** Wakes who sleeps until {@code bell} is rung: what a write to an eventfd does. */
    public static void ring(int bell) {
        replay.add(new Event.Ring(bell));
    }
}
