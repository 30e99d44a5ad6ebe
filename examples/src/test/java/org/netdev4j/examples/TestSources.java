package org.netdev4j.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The sources of the tests of every module, for tests of lists that name them. */
final class TestSources {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private TestSources() {}

    /** The test classes of that name, in any module. */
    static Stream<String> of(String className) throws IOException {
        try (Stream<Path> modules = Files.list(ROOT)) {
            return modules.map(module -> module.resolve("src/test/java")).filter(Files::isDirectory)
                    .flatMap(tests -> find(tests, className + ".java")).toList().stream();
        }
    }

    private static Stream<String> find(Path directory, String fileName) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.getFileName().toString().equals(fileName)).toList().stream()
                    .map(TestSources::read);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
