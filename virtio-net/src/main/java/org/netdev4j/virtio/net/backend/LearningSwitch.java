package org.netdev4j.virtio.net.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.Verdict;

/**
 * An Ethernet switch in this process: it learns from source addresses which port a station is at (IEEE 802.1D §7.8), sends what
 * is for that station there alone, and everything else to every port but the one it came from. A station that was not heard
 * of for a while is forgotten; when the table is full, new stations take the place of others with the same hash.
 */
public final class LearningSwitch extends Fabric {
    /** How long a station is remembered unless asked otherwise, seconds (IEEE 802.1D §7.9.2). */
    public static final int DEFAULT_AGE_SECONDS = 300;

    private static final ValueLayout.OfLong BE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int ADDRESSES = 12;
    private static final int SOURCE = 6;
    private static final long GROUP = 1L << 40;
    private static final int STATIONS = 4096;
    /** Places that an address may be at. */
    private static final int WAYS = 4;

    private final LongSupplier nanoTime;
    private final long ageNs;
    private final long[] station = new long[STATIONS];
    private final FabricPort[] port = new FabricPort[STATIONS];
    private final long[] seen = new long[STATIONS];
    private final MemoryRegion region = MemoryRegion.allocate("switch addresses", 2 * Long.BYTES);
    private final MemorySegment addresses = region.segment();

    /** A switch without ports, which remembers stations for {@link #DEFAULT_AGE_SECONDS}. */
    public LearningSwitch(String name, DeviceLoop loop) {
        this(name, loop, DEFAULT_AGE_SECONDS, System::nanoTime);
    }

    /**
     * @param ageSeconds how long a station is remembered that is not heard of, at least 1
     * @param nanoTime as {@link System#nanoTime()}
     */
    public LearningSwitch(String name, DeviceLoop loop, int ageSeconds, LongSupplier nanoTime) {
        super(name, loop);
        if (ageSeconds < 1) {
            throw new IllegalArgumentException("stations are remembered for 1 second at least, not " + ageSeconds);
        }
        this.nanoTime = nanoTime;
        ageNs = TimeUnit.SECONDS.toNanos(ageSeconds);
    }

    @Override
    String kind() {
        return "switch";
    }

    @Override
    void forget(FabricPort gone) {
        for (int i = 0; i < STATIONS; i++) {
            if (port[i] == gone) {
                port[i] = null;
                station[i] = 0;
            }
        }
    }

    @Override
    Verdict forward(FabricPort source, Frame frame) {
        frame.copyTo(0, addresses, 0, ADDRESSES);
        long from = addresses.get(BE64, SOURCE) >>> 16;
        long to = addresses.get(BE64, 0) >>> 16;
        long now = nanoTime.getAsLong();
        if ((from & GROUP) == 0) {
            learn(from, source, now);
        }
        FabricPort other = onlyOther(source);
        int known = (to & GROUP) == 0 ? find(to) : -1;
        FabricPort at = known < 0 || now - seen[known] > ageNs ? null : port[known];
        if (at == source) {
            return Verdict.CONSUMED;
        }
        if (other != null) {
            return other.offerOrWait(source, frame);
        }
        if (at != null) {
            offer(at, frame);
        } else if (flood(source, frame) == 0) {
            source.unheard();
        }
        return Verdict.CONSUMED;
    }

    private void learn(long address, FabricPort source, long now) {
        int place = find(address);
        if (place < 0) {
            place = oldest(address, now);
            station[place] = address;
        }
        port[place] = source;
        seen[place] = now;
    }

    private int find(long address) {
        int first = first(address);
        for (int i = first; i < first + WAYS; i++) {
            if (station[i] == address && port[i] != null) {
                return i;
            }
        }
        return -1;
    }

    private int oldest(long address, long now) {
        int first = first(address);
        int oldest = first;
        for (int i = first; i < first + WAYS; i++) {
            if (port[i] == null) {
                return i;
            }
            if (now - seen[i] > now - seen[oldest]) {
                oldest = i;
            }
        }
        return oldest;
    }

    private static int first(long address) {
        long mixed = address * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 52) & STATIONS - WAYS;
    }

    /** Stations known, for tests and to show a person. On the loop's thread. */
    int stations() {
        return (int) Arrays.stream(port).filter(one -> one != null).count();
    }
}
