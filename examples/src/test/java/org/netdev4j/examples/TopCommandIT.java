package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code netdev4j top} beside a server that runs. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class TopCommandIT {
    private static final Pattern READY = Pattern.compile("echo: hub:top .*");

    /** The process that was started: the launcher becomes the JVM. */
    private static RunningProgram echo() {
        RunningProgram echo = RunningProgram
                .start(RunningProgram.netdev4jCommand("echo", "--device", "hub:top", "--ip", "10.7.0.2/24"));
        echo.awaitLine(READY);
        return echo;
    }

    private static Result top(String... options) {
        String[] args = new String[options.length + 1];
        args[0] = "top";
        System.arraycopy(options, 0, args, 1, options.length);
        return RunningProgram.run(RunningProgram.netdev4jCommand(args));
    }

    @Test
    void showsTheDevicesAndPoolsOfARunningProcess() {
        try (RunningProgram echo = echo()) {
            Result result = top(String.valueOf(echo.pid()), "--plain", "--count", "2", "--interval", "0.2")
                    .assertExit(0).assertSilentOnStderr();
            String device = "hub:top RUNNING link UP rx [0-9]+ packets/s [^\n]* dropped 0 tx [^\n]*";
            assertTrue(
                    result.out()
                            .matches("(?s)(" + device + "\n(pool [^\n]* [0-9]+ of [0-9]+ free, exhausted 0\n)+){2}"),
                    result::toString);
            echo.terminate().await().assertExit(0);
        }
    }

    @Test
    void listsTheProcessesItCouldBe() {
        try (RunningProgram echo = echo()) {
            Result result = top().assertExit(0).assertSilentOnStderr();
            assertTrue(result.out().lines().anyMatch(line -> line.startsWith(echo.pid() + " ")), result::toString);
        }
    }

    @Test
    void aProcessThatIsNoneIsOneLine() {
        Result result = top("999999999").assertExit(1);
        assertEquals("", result.out());
        assertTrue(result.err().matches("netdev4j top: cannot look at process 999999999: [^\n]*\n"), result::toString);
    }
}
