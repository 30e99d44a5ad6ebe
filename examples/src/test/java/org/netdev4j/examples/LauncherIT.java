package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that starts the command line. */
class LauncherIT {
    private static final Path SCRIPT = Path.of(System.getProperty("netdev4j.command"));

    @Test
    void startsFromAnyDirectoryThroughSymbolicLinks(@TempDir Path directory) throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("nd4j"), SCRIPT);
        Path linkToLink = Files.createSymbolicLink(directory.resolve("with space"), link);
        Result result = RunningProgram.run("env", "-C", directory.toString(), linkToLink.toString(), "--version");
        Files.delete(linkToLink);
        Files.delete(link);
        result.assertExit(0).assertSilentOnStderr();
        assertTrue(result.out().matches("netdev4j [0-9]\\S+, Java 25\\S*\n"), result::toString);
    }

    @Test
    void findsJavaByItself() {
        RunningProgram.run("env", "-u", "NETDEV4J_JAVA", "-u", "JAVA_HOME", SCRIPT.toString(), "--version")
                .assertExit(0).assertSilentOnStderr();
    }

    @Test
    void refusesAJavaOfAnotherVersion(@TempDir Path home) throws IOException {
        Path java = Files.createDirectory(home.resolve("bin")).resolve("java");
        Files.writeString(java, "");
        assertTrue(java.toFile().setExecutable(true));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"17.0.15\"\n");
        Result result = RunningProgram.run("env", "NETDEV4J_JAVA=" + java, SCRIPT.toString(), "--version")
                .assertExit(1);
        assertEquals("netdev4j: NETDEV4J_JAVA=" + java + " is not a Java 25\n", result.err());
    }

    @Test
    void passesOptionsToTheJvm() {
        Result result = RunningProgram.run("env", "NETDEV4J_JAVA_OPTS=-Xmx64m -XX:+PrintFlagsFinal", SCRIPT.toString(),
                "--version").assertExit(0);
        assertTrue(result.out().matches("(?s).*MaxHeapSize\\s+= 67108864 .*"), result::toString);
    }
}
