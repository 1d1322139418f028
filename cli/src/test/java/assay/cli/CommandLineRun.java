package assay.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * One run of the command in this JVM.
 *
 * @param out what it printed to standard output
 * @param err what it printed to standard error, but for progress
 */
public record CommandLineRun(int exitCode, String out, String err) {

  public static CommandLineRun of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Main.run(Main.commandLine(new PrintWriter(out), new PrintWriter(err)), args);
    return new CommandLineRun(exitCode, out.toString(), err.toString());
  }
}
