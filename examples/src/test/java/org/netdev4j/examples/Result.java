package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What a program that has ended printed and returned. */
record Result(String command, int exitCode, String out, String err) {
    Result assertExit(int expected) {
        assertEquals(expected, exitCode, this::toString);
        return this;
    }

    /** No warning from the JVM, no log, no stack trace. */
    Result assertSilentOnStderr() {
        assertEquals("", err, this::toString);
        return this;
    }

    @Override
    public String toString() {
        return "$ " + command + "\n" + out + "-- stderr --\n" + err + "-- exit code " + exitCode + " --\n";
    }
}
