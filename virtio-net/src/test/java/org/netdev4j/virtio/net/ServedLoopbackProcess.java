package org.netdev4j.virtio.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A {@link ServedLoopback} in a JVM of its own, which shares nothing with this one but what the front-end gives it. */
final class ServedLoopbackProcess implements AutoCloseable {
    private static final int STOP_S = 10;

    private final Process process;
    private final BufferedReader answers;
    private final Writer requests;

    ServedLoopbackProcess() throws IOException {
        process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"), ServedLoopback.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = process.inputReader(StandardCharsets.UTF_8);
        requests = process.outputWriter(StandardCharsets.UTF_8);
    }

    void serve(Path socket, int pairs) {
        request("serve " + pairs + " " + socket);
    }

    void settle() {
        request("settle");
    }

    private void request(String line) {
        try {
            requests.write(line + "\n");
            requests.flush();
            String answer = answers.readLine();
            if (!"done".equals(answer)) {
                throw new AssertionError("'" + line + "' to process " + process.pid() + " of the back-end: " + answer);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("'" + line + "' to process " + process.pid() + " of the back-end", e);
        }
    }

    @Override
    public void close() throws IOException {
        requests.close();
        try {
            if (!process.waitFor(STOP_S, TimeUnit.SECONDS)) {
                throw new AssertionError("process " + process.pid() + " of the back-end goes on without its input");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
            answers.close();
        }
        if (process.exitValue() != 0) {
            throw new AssertionError("process " + process.pid() + " of the back-end: exit " + process.exitValue());
        }
    }
}
