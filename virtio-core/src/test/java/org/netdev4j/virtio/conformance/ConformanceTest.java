package org.netdev4j.virtio.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConformanceTest {
    private static final String CORE = "core/target/conformance/surefire.tsv";
    private static final String NET = "net/target/conformance/surefire.tsv";
    private static final TestResult SQ7 = result("org.netdev4j.virtio.queue.ChainTest#readableFirst", "SQ7");
    private static final TestResult SQ13 = result("org.netdev4j.virtio.net.DriverTest$Sending#oneTable", "SQ13.1",
            "SQ13.2");

    @TempDir
    private Path root;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @BeforeEach
    void rows() throws IOException {
        Files.createDirectory(root.resolve("docs"));
        Files.writeString(root.resolve("docs/conformance.tsv"), """
                id	section	who	level	claim	rule
                # Split virtqueue
                SQ7	2.7.4.2	D	M	claimed	writable after readable
                SQ13	2.7.5.3.1	D	MN	claimed	not without the feature; not nested
                # Transmit
                TX2	5.1.9.2.1	D,V	M	not yet	num_buffers is 0
                """);
    }

    @Test
    void theTableSaysWhatIsProvenByWhat() throws IOException {
        record(CORE, "now", SQ7, result("org.netdev4j.virtio.queue.ChainTest#any", "SQ13"));
        record(NET, "now", SQ13);
        assertTrue(judge("now"));
        String expected = """
                | | pass | fail | not claimed |
                |---|--:|--:|--:|
                | Split virtqueue | 2 | 0 | 0 |
                | Transmit | 0 | 0 | 1 |
                | **all** | 2 | 0 | 1 |

                ## Split virtqueue

                | | § | who | level | rule | | proven by |
                |---|---|---|---|---|---|---|
                | SQ7 | 2.7.4.2 | driver | M | writable after readable | pass | [queue.ChainTest] readableFirst |
                | SQ13 | 2.7.5.3.1 | driver | MN | not without the feature; not nested | pass | \
                [queue.ChainTest] any; [net.DriverTest.Sending] oneTable (.1 .2) |

                ## Transmit

                | | § | who | level | rule | | proven by |
                |---|---|---|---|---|---|---|
                | TX2 | 5.1.9.2.1 | both | M | num_buffers is 0 | not claimed: not yet |  |

                [net.DriverTest.Sending]: net/src/test/java/org/netdev4j/virtio/net/DriverTest.java
                [queue.ChainTest]: core/src/test/java/org/netdev4j/virtio/queue/ChainTest.java
                """;
        String written = Files.readString(table());
        assertEquals(expected, written.substring(written.indexOf("| | pass")));
        assertEquals("", out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void anUnprovenClaimIsWrittenAndFailsTheBuild() throws IOException {
        record(CORE, "now", SQ7);
        record(NET, "now");
        assertFalse(judge("now"));
        assertTrue(Files.readString(table()).contains("| not without the feature; not nested | **fail** |  |"));
        assertEquals("Conformance: ERROR SQ13: no test passed\n", out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aHintFailsNothing() throws IOException {
        record(CORE, "now", SQ7, SQ13);
        record(NET, "now", result("org.netdev4j.virtio.net.TxTest#zero", "TX2"));
        assertTrue(judge("now"));
        assertEquals("Conformance: TX2 is proven and not claimed\n", out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aModuleThatDidNotRunLeavesTheTableAlone() throws IOException {
        record(CORE, "now", SQ7, SQ13);
        assertTrue(judge("now"));
        assertFalse(Files.exists(table()));
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("[" + NET + "]"),
                out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void theRecordOfAnotherBuildIsNoRecord() throws IOException {
        record(CORE, "now", SQ7, SQ13);
        record(NET, "yesterday");
        assertTrue(judge("now"));
        assertFalse(Files.exists(table()));
    }

    private boolean judge(String build) throws IOException {
        return new Conformance(root, new PrintStream(out, true, StandardCharsets.UTF_8)).judge(build,
                List.of(CORE, NET));
    }

    private void record(String file, String build, TestResult... results) throws IOException {
        new TestRun(build, List.of(results)).write(root.resolve(file));
    }

    private Path table() {
        return root.resolve("CONFORMANCE.md");
    }

    private static TestResult result(String test, String... rules) {
        return new TestResult(test, Outcome.PASSED, new TreeSet<>(List.of(rules)));
    }
}
