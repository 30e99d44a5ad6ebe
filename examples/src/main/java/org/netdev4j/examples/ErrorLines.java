package org.netdev4j.examples;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;

import org.netdev4j.netdev.DeviceStringException;
import org.netdev4j.netdev.NetDevException;

import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns whatever goes wrong into one line on stderr and an exit code; {@code --verbose} adds the stack trace. */
final class ErrorLines implements IParameterExceptionHandler, IExecutionExceptionHandler {
    @Override
    public int handleParseException(ParameterException error, String[] args) {
        CommandLine command = error.getCommandLine();
        return report(command, Arrays.asList(args), error, command.getCommandSpec().exitCodeOnInvalidInput(),
                error.getMessage() + " (see " + command.getCommandSpec().qualifiedName() + " --help)");
    }

    @Override
    public int handleExecutionException(Exception error, CommandLine command, ParseResult parsed) {
        List<String> args = parsed.originalArgs();
        return switch (error) {
            case ParameterException wrong -> handleParseException(wrong, args.toArray(String[]::new));
            case DeviceStringException wrong ->
                report(command, args, error, command.getCommandSpec().exitCodeOnInvalidInput(), wrong.getMessage());
            case NetDevException failed -> report(command, args, error,
                    command.getCommandSpec().exitCodeOnExecutionException(), failed.getMessage());
            default -> report(command, args, error, command.getCommandSpec().exitCodeOnExecutionException(),
                    "unexpected error: " + error + " (--verbose shows where)");
        };
    }

    private static int report(CommandLine command, List<String> args, Exception error, int exitCode, String message) {
        PrintWriter err = command.getErr();
        err.println(command.getCommandSpec().qualifiedName() + ": " + message.strip().replaceAll("\\s*\\R\\s*", " "));
        if (args.contains("--verbose")) {
            error.printStackTrace(err);
        }
        err.flush();
        return exitCode;
    }
}
