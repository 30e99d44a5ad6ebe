package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.VirtioFeature.EVENT_IDX;
import static org.netdev4j.virtio.VirtioFeature.INDIRECT_DESC;
import static org.netdev4j.virtio.VirtioFeature.IN_ORDER;
import static org.netdev4j.virtio.VirtioFeature.RING_PACKED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.memorymodel.Exploration;
import org.netdev4j.virtio.memorymodel.RecordingLoader;
import org.netdev4j.virtio.memorymodel.RecordingLoader.Site;
import org.netdev4j.virtio.memorymodel.TwoThreads;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.Rule;

/**
 * Every interleaving of both ends of a queue, under every reordering that Java's memory model allows and their acquires,
 * releases and fences do not forbid; on any machine, by walking through a model of memory instead of waiting for luck.
 * <p>
 * {@link #everyOrderIsNeeded} shows what the other tests are worth: it takes out each fence, and makes each acquire and each
 * release a plain access, one at a time, and something goes wrong each time: a request of the round before is read, a
 * descriptor that was not yet written, or both ends sleep. It fails also for an order that could be left out. So a fence that
 * is removed from the queues fails the other two tests; a stress test on x86-64 ({@link WakeUpStressTest}) shows some of the
 * fences, sometimes, and no acquire or release ever.
 * <p>
 * Not modelled: a load that takes its value from a store which comes later in the other thread's order (load buffering), and
 * tearing.
 */
class MemoryOrderTest {
    /** Enough for the rings of two descriptors, their indirect tables and two buffers. */
    private static final int MEMORY_BYTES = 768;

    private enum Threads {
        TRANSFER(TransferThreads.class), BURST(BurstThreads.class), WAKE_UP(WakeUpThreads.class);

        private final Class<? extends TwoThreads> type;

        Threads(Class<? extends TwoThreads> type) {
            this.type = type;
        }
    }

    enum Format {
        SPLIT, SPLIT_EVENT_IDX, SPLIT_INDIRECT, SPLIT_IN_ORDER, PACKED, PACKED_EVENT_IDX, PACKED_INDIRECT,
        PACKED_IN_ORDER;

        Features negotiated() {
            return switch (this) {
                case SPLIT -> Features.NONE;
                case SPLIT_EVENT_IDX -> Features.of(EVENT_IDX);
                case SPLIT_INDIRECT -> Features.of(INDIRECT_DESC);
                case SPLIT_IN_ORDER -> Features.of(IN_ORDER);
                case PACKED -> Features.of(RING_PACKED);
                case PACKED_EVENT_IDX -> Features.of(RING_PACKED, EVENT_IDX);
                case PACKED_INDIRECT -> Features.of(RING_PACKED, INDIRECT_DESC);
                case PACKED_IN_ORDER -> Features.of(RING_PACKED, IN_ORDER);
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    @Rule({"SQ32", "PQ25"})
    void eachEndSeesWhatTheOtherWrote(Format format) {
        assertRight(Threads.TRANSFER, format);
    }

    @ParameterizedTest
    @EnumSource
    @Rule({"SQ32", "PQ25"})
    void aBurstIsSeenAsItWasWritten(Format format) {
        assertRight(Threads.BURST, format);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"SPLIT_INDIRECT", "PACKED_INDIRECT"})
    @Rule({"SQ33", "SQ34", "PQ26"})
    void noWakeUpIsLost(Format format) {
        assertRight(Threads.WAKE_UP, format);
    }

    private static void assertRight(Threads threads, Format format) {
        Exploration.Result result = explore(new RecordingLoader(RingField.class), threads, format, Exploration.NONE);
        assertNull(result.violation(), result.violation());
        assertFalse(result.truncated(), "a thread goes on for ever");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sites")
    void everyOrderIsNeeded(Site site, List<Passage> passages) {
        assertTrue(passages.stream().anyMatch(Passage::failsWithout), () -> "nothing goes wrong without " + site
                + ": make it opaque or plain, or let TransferThreads or WakeUpThreads do what needs it");
    }

    /** Each place in the queues that asks for an order, with what comes by there. */
    static Stream<Arguments> sites() {
        Map<Site, List<Passage>> sites = new LinkedHashMap<>();
        for (Format format : Format.values()) {
            RecordingLoader loader = new RecordingLoader(RingField.class);
            for (Threads threads : Threads.values()) {
                explore(loader, threads, format, Exploration.NONE).sites().stream()
                        .mapToObj(index -> new Passage(loader, index, threads, format))
                        .forEach(p -> sites.computeIfAbsent(p.site(), site -> new ArrayList<>()).add(p));
            }
        }
        return sites.entrySet().stream().map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
    }

    record Passage(RecordingLoader loader, int index, Threads threads, Format format) {
        Site site() {
            return loader.site(index);
        }

        boolean failsWithout() {
            return explore(loader, threads, format, index).violation() != null;
        }
    }

    private static Exploration.Result explore(RecordingLoader loader, Threads threads, Format format, int weakened) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(MEMORY_BYTES, 4096);
            Class<? extends TwoThreads> type = loader.load(threads.type);
            Supplier<TwoThreads> fresh = () -> {
                TwoThreads instance = newInstance(type);
                memory.fill((byte) 0);
                instance.setUp(MemoryRegion.of("model", memory, OffsetMemory.DEVICE_ADDRESS, null, () -> {}),
                        format.negotiated());
                return instance;
            };
            return Exploration.of(memory, List.of("driver", "device"),
                    List.of(() -> fresh.get()::driver, () -> fresh.get()::device), weakened);
        }
    }

    private static TwoThreads newInstance(Class<? extends TwoThreads> type) {
        try {
            return type.getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
