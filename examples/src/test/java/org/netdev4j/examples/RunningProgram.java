package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A program under test: its output is collected while it runs, every wait is bounded, it never outlives the test. */
final class RunningProgram implements AutoCloseable {
    private static final long LIMIT_SECONDS = 60;
    private static final String JAVA = System.getProperty("java.home") + "/bin/java";

    private final String command;
    private final Process process;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Thread outReader;
    private final Thread errReader;

    private RunningProgram(String[] command, Process process) {
        this.command = String.join(" ", command);
        this.process = process;
        outReader = collect(process.getInputStream(), out);
        errReader = collect(process.getErrorStream(), err);
    }

    static RunningProgram start(String... command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("NETDEV4J_JAVA", JAVA);
        builder.environment().put("LC_ALL", "C.UTF-8");
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            return new RunningProgram(command, process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a program to its end. */
    static Result run(String... command) {
        try (RunningProgram program = start(command)) {
            return program.await();
        }
    }

    /** The command line a user types. */
    static String[] netdev4jCommand(String... args) {
        return Stream.concat(Stream.of(System.getProperty("netdev4j.command")), Arrays.stream(args))
                .toArray(String[]::new);
    }

    /** The command line that runs a class of the tests in a JVM of its own. */
    static String[] javaCommand(Class<?> main, String... args) {
        String classPath = Path.of(main.getProtectionDomain().getCodeSource().getLocation().getPath()).toString();
        Stream<String> java = Stream.of(JAVA, "-XX:TieredStopAtLevel=1", "-cp", classPath, main.getName());
        return Stream.concat(java, Arrays.stream(args)).toArray(String[]::new);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** File descriptors that it has open, but for files: the JVM's own jars come and go. */
    long openFds() {
        try (Stream<Path> fds = Files.list(Path.of("/proc", Long.toString(pid()), "fd"))) {
            return fds.filter(fd -> !isFile(fd)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isFile(Path fd) {
        try {
            String target = Files.readSymbolicLink(fd).toString();
            return target.startsWith("/") && !target.startsWith("/memfd:");
        } catch (IOException gone) {
            return true;
        }
    }

    /** Waits until a line of stdout matches. */
    Matcher awaitLine(Pattern line) {
        return awaitLine(line, out, outReader);
    }

    /** Waits until a line of stderr matches. */
    Matcher awaitErrorLine(Pattern line) {
        return awaitLine(line, err, errReader);
    }

    private Matcher awaitLine(Pattern line, StringWriter text, Thread reader) {
        Pattern wholeLine = Pattern.compile("^" + line + "$", Pattern.MULTILINE);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (true) {
            boolean ended = !reader.isAlive();
            Matcher matcher = wholeLine.matcher(text.toString());
            if (matcher.find()) {
                return matcher;
            }
            if (ended || System.nanoTime() > deadline) {
                return fail("no line " + line + " from\n" + soFar());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** Sends SIGTERM. */
    RunningProgram terminate() {
        process.toHandle().destroy();
        return this;
    }

    /** Waits until the program ends. */
    Result await() {
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                return fail("did not end in " + LIMIT_SECONDS + " s:\n" + soFar());
            }
            outReader.join();
            errReader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return new Result(command, process.exitValue(), out.toString(), err.toString());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private String soFar() {
        return "$ " + command + "\n" + out + "-- stderr --\n" + err;
    }

    private static Thread collect(InputStream stream, StringWriter text) {
        return Thread.ofVirtual().start(() -> {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    text.write(line + "\n");
                }
            } catch (IOException ended) {
                text.write("-- " + ended + "\n");
            }
        });
    }
}
