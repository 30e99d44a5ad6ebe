package org.netdev4j.examples;

import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Collectors;

import org.netdev4j.netdev.NetDevDriver;
import org.netdev4j.netdev.NetDevRegistry;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line: {@code netdev4j COMMAND ...}. Exit codes: 0 done, 1 failed, 2 wrong usage. */
@Command(name = "netdev4j", description = "Network devices on the JVM: virtio-net, both ends of it.",
        synopsisSubcommandLabel = "COMMAND", mixinStandardHelpOptions = true, versionProvider = Version.class,
        scope = ScopeType.INHERIT, usageHelpAutoWidth = true, subcommands = {
            DemoCommand.class, EchoCommand.class, PingCommand.class, InfoCommand.class, PktgenCommand.class,
            SwitchCommand.class, TopCommand.class})
public final class Main {
    /** {@link ErrorLines} looks for it in the arguments themselves: they may be what is wrong. */
    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show the stack trace of an error.")
    boolean verbose;

    private Main() {}

    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, System.out.charset());
        PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
        int exitCode = run(out, err, args);
        out.flush();
        err.flush();
        Termination.exit(exitCode);
    }

    /** Runs one command and returns its exit code; nothing is thrown. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        ErrorLines errorLines = new ErrorLines();
        CommandLine commandLine = new CommandLine(new Main()).setOut(out).setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(errorLines).setExecutionExceptionHandler(errorLines);
        for (CommandLine command : commandLine.getSubcommands().values()) {
            if (command.getCommandSpec().findOption("--device") != null) {
                command.getCommandSpec().usageMessage().footer(deviceKinds());
            }
        }
        return commandLine.execute(args);
    }

    private static String deviceKinds() {
        List<NetDevDriver.Kind> kinds = NetDevRegistry.kinds();
        int width = kinds.stream().mapToInt(kind -> kind.usage().length()).max().orElse(0);
        return kinds.stream().map(kind -> String.format("  %-" + width + "s  %s", kind.usage(), kind.help()))
                .collect(Collectors.joining("%n", "%nDevices (DEV):%n", ""));
    }
}
