package assay.cli;

import assay.core.AssayException;
import assay.core.ErrorCode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells a person what went wrong and what to do, and a scheduler by exit code. */
final class Failures {
  private static final int LONGEST = 500;

  private final PrintWriter err;
  private final String command;

  Failures(PrintWriter err, String command) {
    this.err = err;
    this.command = command;
  }

  static int onWrongUsage(ParameterException e, String[] args) {
    CommandLine commandLine = e.getCommandLine();
    PrintWriter err = commandLine.getErr();
    err.println("assay: " + e.getMessage());
    UnmatchedArgumentException.printSuggestions(e, err);
    err.println("  what to do: see " + commandLine.getCommandSpec().qualifiedName() + " --help");
    return ErrorCode.USAGE.exitCode();
  }

  static int onException(Exception e, CommandLine commandLine, ParseResult parsed) {
    boolean debug =
        commandLine.getMixins().values().stream()
            .anyMatch(options -> options instanceof CommonOptions common && common.debug());
    return new Failures(commandLine.getErr(), commandLine.getCommandSpec().qualifiedName())
        .report(e, debug);
  }

  int report(Throwable e, boolean debug) {
    int exitCode = ErrorCode.FAILED.exitCode();
    if (e instanceof AssayException known) {
      exitCode = known.code().exitCode();
      err.println("assay: " + known.getMessage());
      causes(known).stream()
          .filter(cause -> !known.getMessage().contains(messageOf(cause)))
          .forEach(cause -> err.println("  cause: " + nameAndMessage(cause)));
      err.println("  what to do: " + known.mend());
    } else {
      err.println("assay: " + command + " failed unexpectedly: " + nameAndMessage(e));
      causes(e).forEach(cause -> err.println("  cause: " + nameAndMessage(cause)));
      err.println(
          debug
              ? "  what to do: look at the stack below"
              : "  what to do: run it again with --debug to see where");
    }
    // A contract's mistakes are no event of the engines, and the logger takes time to start.
    if (exitCode != ErrorCode.USAGE.exitCode()) {
      LoggerFactory.getLogger("assay.cli").error("{} failed", command, e);
    }
    LogFile.written().ifPresent(file -> err.println("  log: " + file));
    if (debug) {
      e.printStackTrace(err);
    }
    return exitCode;
  }

  /** Below the exception itself, each message once. */
  private static List<Throwable> causes(Throwable e) {
    List<Throwable> causes = new ArrayList<>();
    List<String> told = new ArrayList<>(List.of(messageOf(e)));
    for (Throwable c = e.getCause(); c != null && causes.size() < 5; c = c.getCause()) {
      if (!told.contains(messageOf(c))) {
        told.add(messageOf(c));
        causes.add(c);
      }
    }
    return causes;
  }

  private static String nameAndMessage(Throwable e) {
    String message = messageOf(e);
    String name = e.getClass().getSimpleName();
    return message.isEmpty() ? name : name + ": " + message;
  }

  /** The first line: Spark writes whole query plans below it. */
  static String messageOf(Throwable e) {
    String message = e.getMessage() == null ? "" : e.getMessage().strip();
    String line = message.lines().findFirst().orElse("");
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
