package org.netdev4j.examples;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import org.netdev4j.netdev.NetDevException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A live view of the devices and pools of another JVM. */
@Command(name = "top", description = {"Show rates, drops and pool levels of a running process, once a second.",
    "Without a PID: list the processes it could be."})
final class TopCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "PID", arity = "0..1", description = "Process to look at, of the same user.")
    private Long pid;

    @Option(names = "--plain", description = "Lines without colours and bars; as when this is no terminal.")
    private boolean plain;

    @Option(names = "--count", paramLabel = "N", description = "End after that many looks.")
    private Long count;

    @Option(names = "--interval", paramLabel = "SECONDS", converter = Converters.Seconds.class, defaultValue = "1",
            description = "Time between two looks, at least 0.1; default ${DEFAULT-VALUE}.")
    private long intervalNs;

    @Override
    public Integer call() throws InterruptedException {
        require(count == null || count > 0, "--count " + count + " is not a number of looks, 1 or more");
        require(intervalNs >= TimeUnit.MILLISECONDS.toNanos(100), "--interval is less than 0.1 seconds");
        if (pid == null) {
            RemoteJvm.candidates().forEach(out()::println);
            return 0;
        }
        try (Termination termination = Termination.install(); RemoteJvm jvm = RemoteJvm.attach(pid)) {
            watch(jvm, termination);
            return 0;
        } catch (IOException e) {
            throw new NetDevException("process " + pid + " is gone: " + e.getMessage(), e);
        }
    }

    private void watch(RemoteJvm jvm, Termination termination) throws IOException, InterruptedException {
        boolean terminal = !plain && System.console().isTerminal();
        TopView view = terminal ? new TopScreen(out(), pid) : new TopLines(out());
        DeviceSample before = jvm.sample();
        for (long look = 0; (count == null || look < count) && !termination.await(intervalNs); look++) {
            DeviceSample now = jvm.sample();
            view.show(before, now);
            before = now;
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new ParameterException(spec.commandLine(), otherwise);
        }
    }
}
