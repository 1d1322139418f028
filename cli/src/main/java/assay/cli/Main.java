package assay.cli;

import assay.cli.demo.DemoCommand;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * The {@code assay} command. A command class holds options and little more, and names no class of
 * Spark in fields or signatures: picocli reads all of them for {@code --help}, which must be quick.
 */
@Command(
    name = "assay",
    description = "Proves, every day, that stream and batch agree.",
    versionProvider = Main.Version.class,
    mixinStandardHelpOptions = true,
    sortOptions = false,
    subcommands = {
      DemoCommand.class,
      InitCommand.class,
      ValidateCommand.class,
      IngestCommand.class,
      SilverCommand.class,
      GoldCommand.class,
      LiveCommand.class,
      ViewsCommand.class,
      ReconcileCommand.class,
      CompareCommand.class,
      AdviseCommand.class,
      ReportCommand.class,
      ServingCommand.class,
      PromoteCommand.class,
      RollbackCommand.class,
      ReplayCommand.class,
      MaintainCommand.class,
      PlanCommand.class,
      StatusCommand.class,
      QuarantineCommand.class,
      SqlCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay demo              see it all on real flights, from Kafka to the proof",
      "  assay init              start with a contract and settings of your own",
      "  assay validate          tell every mistake in them, with its place",
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage or contract, 3 diverged, 4 inconclusive,",
      "75 try again later."
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  Main() {}

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    LogFile.choose();
    PrintWriter out =
        new PrintWriter(
            new OutputStreamWriter(
                new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8));
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    // Results alone go to standard output: what a library prints there must not end up in a pipe.
    System.setErr(err);
    System.setOut(err);
    System.exit(run(commandLine(out, new PrintWriter(err, true, StandardCharsets.UTF_8)), args));
  }

  static int run(CommandLine commandLine, String... args) {
    try {
      return commandLine.execute(args);
    } catch (Error e) {
      // picocli hands on exceptions only; a class that does not link needs the same words.
      return new Failures(commandLine.getErr(), "assay").report(e, false);
    } finally {
      commandLine.getOut().flush();
      commandLine.getErr().flush();
    }
  }

  static CommandLine commandLine(PrintWriter out, PrintWriter err) {
    return configure(new CommandLine(new Main()), out, err);
  }

  /** Applies to the commands that are there already, and to no later ones. */
  static CommandLine configure(CommandLine commandLine, PrintWriter out, PrintWriter err) {
    commandLine.setOut(out).setErr(err);
    commandLine.setUsageHelpWidth(100);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    // An argument may be any text, such as a path or SQL with an @ in front.
    commandLine.setExpandAtFiles(false);
    commandLine.registerConverter(LocalDate.class, Main::day);
    commandLine.setParameterExceptionHandler(Failures::onWrongUsage);
    commandLine.setExecutionExceptionHandler(Failures::onException);
    return commandLine;
  }

  private static LocalDate day(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw new TypeConversionException("'" + text + "' is no day; write it as 2001-01-31");
    }
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }

  /** The version that the build wrote into the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"assay " + (version == null ? "(not built as a jar)" : version)};
    }
  }
}
