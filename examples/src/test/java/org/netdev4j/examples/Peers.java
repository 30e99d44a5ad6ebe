package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Assumptions;

/**
 * The real programs and devices that integration tests talk to. Where one is missing the tests are skipped, and say
 * why; with {@code NETDEV4J_REQUIRE_PEERS=true} or {@code CI=true} they fail.
 */
final class Peers {
    private Peers() {}

    /** For a test that makes network namespaces and TAPs, and runs {@code tools} in them. */
    static void requireTapAnd(String... tools) {
        List<String> missing = new ArrayList<>(notOnPath(tools));
        if (!Files.exists(Path.of("/dev/net/tun"))) {
            missing.add("/dev/net/tun");
        }
        if (!notOnPath("ip").isEmpty()) {
            missing.add("ip");
        } else if (!NetNamespace.isPermitted()) {
            missing.add("root, to make network namespaces");
        }
        check(missing);
    }

    /** For a test that runs {@code tools}. */
    static void require(String... tools) {
        check(notOnPath(tools));
    }

    /** For a test that runs a program which is not on the path. */
    static void requireFile(String program) {
        check(Files.isExecutable(Path.of(program)) ? List.of() : List.of(program));
    }

    /** For a test that found out by itself that it lacks {@code what}. */
    static void missing(String what) {
        check(List.of(what));
    }

    private static List<String> notOnPath(String... tools) {
        List<String> path = Arrays.asList(System.getenv("PATH").split(File.pathSeparator, -1));
        return Arrays.stream(tools)
                .filter(tool -> path.stream().noneMatch(directory -> Files.isExecutable(Path.of(directory, tool))))
                .toList();
    }

    private static void check(List<String> missing) {
        if (missing.isEmpty()) {
            return;
        }
        String reason = "needs " + String.join(", ", missing);
        if (isTrue("NETDEV4J_REQUIRE_PEERS") || isTrue("CI")) {
            fail(reason);
        }
        String test = StackWalker.getInstance().walk(frames -> frames.map(StackWalker.StackFrame::getClassName)
                .filter(name -> name.endsWith("IT")).findFirst().orElse("test"));
        System.out.println("SKIPPED " + test + ": " + reason);
        Assumptions.abort(reason);
    }

    private static boolean isTrue(String variable) {
        return "true".equalsIgnoreCase(System.getenv(variable));
    }
}
