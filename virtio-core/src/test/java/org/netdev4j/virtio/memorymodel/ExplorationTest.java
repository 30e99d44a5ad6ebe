package org.netdev4j.virtio.memorymodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The memory model against the litmus tests that every memory model is told by; x, y and z are 0 at the start. */
class ExplorationTest {
    private static final VarHandle HANDLE = ValueLayout.JAVA_SHORT.varHandle().withInvokeExactBehavior();
    private static final int X = 0;
    private static final int Y = 2;
    private static final int Z = 4;
    private static final int BELL = 0;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate(8);

    @AfterEach
    void close() {
        arena.close();
    }

    /** Two threads; the second says when it saw what is asked about. */
    private boolean canBeSeen(Runnable first, Runnable second) {
        return explore(first, second).violation() != null;
    }

    private Exploration.Result explore(Runnable first, Runnable second) {
        return Exploration.of(memory, List.of("first", "second"), List.of(() -> first, () -> second), Exploration.NONE);
    }

    private static void seen() {
        throw new AssertionError("seen");
    }

    @Test
    void aMessageIsSeenAfterAnAcquireOfItsRelease() {
        assertFalse(canBeSeen(() -> {
            store(X, "set");
            store(Y, "setRelease");
        }, () -> {
            if (load(Y, "getAcquire") == 1 && load(X, "get") == 0) {
                seen();
            }
        }));
    }

    @Test
    void aMessageCanBeMissedWithoutRelease() {
        assertTrue(canBeSeen(() -> {
            store(X, "set");
            store(Y, "setOpaque");
        }, () -> {
            if (load(Y, "getAcquire") == 1 && load(X, "get") == 0) {
                seen();
            }
        }));
    }

    @Test
    void aMessageCanBeMissedWithoutAcquire() {
        assertTrue(canBeSeen(() -> {
            store(X, "set");
            store(Y, "setRelease");
        }, () -> {
            if (load(Y, "getOpaque") == 1 && load(X, "get") == 0) {
                seen();
            }
        }));
    }

    @Test
    void fencesDoForAMessageWhatReleaseAndAcquireDo() {
        assertFalse(canBeSeen(() -> {
            store(X, "set");
            Accesses.releaseFence();
            store(Y, "setOpaque");
        }, () -> {
            if (load(Y, "getOpaque") == 1) {
                Accesses.acquireFence();
                if (load(X, "get") == 0) {
                    seen();
                }
            }
        }));
    }

    /** Store buffering: each thread stores to one and loads from the other; z tells what the first saw. */
    private boolean canBothMissTheOther(Runnable between) {
        return canBeSeen(() -> {
            store(X, "setRelease");
            between.run();
            if (load(Y, "getAcquire") == 0) {
                store(Z, "setRelease");
            }
        }, () -> {
            store(Y, "setRelease");
            between.run();
            if (load(X, "getAcquire") == 0 && load(Z, "getAcquire") == 1) {
                seen();
            }
        });
    }

    @Test
    void twoThreadsCanMissEachOthersStoresEvenWithReleaseAndAcquire() {
        assertTrue(canBothMissTheOther(() -> {}));
    }

    @Test
    void fullFencesLetOneOfTwoSeeTheOthersStore() {
        assertFalse(canBothMissTheOther(Accesses::fullFence));
    }

    @Test
    void anOpaqueLoadDoesNotGoBackInTime() {
        assertFalse(canBeSeen(() -> store(X, "setOpaque"), () -> {
            if (load(X, "getOpaque") == 1 && load(X, "getOpaque") == 0) {
                seen();
            }
        }));
    }

    @Test
    void aPlainLoadCanGoBackInTime() {
        assertTrue(canBeSeen(() -> store(X, "setOpaque"), () -> {
            if (load(X, "get") == 1 && load(X, "get") == 0) {
                seen();
            }
        }));
    }

    @Test
    void aThreadSeesItsOwnStores() {
        assertFalse(canBeSeen(() -> {}, () -> {
            store(X, "set");
            if (load(X, "get") == 0) {
                seen();
            }
        }));
    }

    @Test
    void aWideLoadSeesAllPartsOfAWideStoreOrNone() {
        assertFalse(canBeSeen(() -> Accesses.set32(memory, ValueLayout.JAVA_INT, X, 0x1_0001), () -> {
            int both = Accesses.get32(memory, ValueLayout.JAVA_INT, X);
            if (both != 0 && both != 0x1_0001) {
                seen();
            }
        }));
    }

    @Test
    void aBellPassesOnWhatItsRingerKnows() {
        assertFalse(canBeSeen(() -> {
            store(X, "set");
            Accesses.ring(BELL);
        }, () -> {
            Accesses.sleep(BELL);
            if (load(X, "get") == 0) {
                seen();
            }
        }));
    }

    @Test
    void aSleeperThatNobodyWakesIsReportedWithTheStepsToIt() {
        Exploration.Result result = explore(() -> store(X, "set"), () -> {
            store(Y, "setRelease");
            Accesses.sleep(BELL);
        });
        assertEquals("first: store 0x0..1 <- 0x1\nsecond: store release 0x2..3 <- 0x1\n"
                + "second sleeps, and nobody will wake it", result.violation());
    }

    @Test
    void aThreadThatNeverEndsIsGivenUp() {
        Exploration.Result result = explore(() -> {}, () -> {
            while (load(X, "getOpaque") == 0) {
                Accesses.acquireFence();
            }
        });
        assertNull(result.violation());
        assertTrue(result.truncated());
    }

    private void store(long offset, String mode) {
        Accesses.set16(HANDLE, memory, offset, (short) 1, mode);
    }

    private short load(long offset, String mode) {
        return Accesses.get16(HANDLE, memory, offset, mode);
    }
}
