package org.netdev4j.virtio.queue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the fuzzers found so far, run again: inputs that between them reach all that fuzzing reached, and those that once failed.
 * {@code mvn -Pfuzz verify -pl virtio-core -am} looks for more.
 */
class FuzzCorpusTest {
    private static final Path CORPUS = Path.of("src/test/resources/corpus");

    @ParameterizedTest
    @MethodSource("deviceEndInputs")
    void theDeviceEndSurvivesAnyDriver(Path input) throws IOException {
        DeviceEndFuzzer.fuzzerTestOneInput(Files.readAllBytes(input));
    }

    static List<Path> deviceEndInputs() throws IOException {
        return inputs("DeviceEndFuzzer");
    }

    @ParameterizedTest
    @MethodSource("driverEndInputs")
    void theDriverEndSurvivesAnyDevice(Path input) throws IOException {
        DriverEndFuzzer.fuzzerTestOneInput(Files.readAllBytes(input));
    }

    static List<Path> driverEndInputs() throws IOException {
        return inputs("DriverEndFuzzer");
    }

    private static List<Path> inputs(String fuzzer) throws IOException {
        try (Stream<Path> files = Files.list(CORPUS.resolve(fuzzer))) {
            return files.sorted().toList();
        }
    }
}
