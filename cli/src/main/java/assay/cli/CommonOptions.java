package assay.cli;

import assay.core.AssayException;
import assay.core.Settings;
import assay.core.SettingsReader;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command takes. Use as {@code @Mixin private CommonOptions common}. */
public final class CommonOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      defaultValue = "assay.yaml",
      description = "Where lake, contracts and Kafka are. Default: ${DEFAULT-VALUE}")
  private Path config;

  @Option(names = "--json", description = "Print the result as one JSON document.")
  private boolean json;

  @Option(names = "--debug", description = "Print the stack of an error.")
  private boolean debug;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("unused") // Only picocli reads it.
  private boolean help;

  /** The file that {@code --config} names, whether or not it is there. */
  public Path config() {
    return config;
  }

  /**
   * What the file of {@code --config} says.
   *
   * @throws AssayException with {@code USAGE} when it is missing or has mistakes
   */
  public Settings settings() {
    if (!Files.exists(config)) {
      throw AssayException.usage(
          "there is no " + config,
          "run assay init to start with one, or name yours with --config FILE");
    }
    return SettingsReader.read(config, System.getenv());
  }

  public boolean json() {
    return json;
  }

  public boolean debug() {
    return debug;
  }

  /** Where the result goes. */
  public Output output() {
    return new Output(command.commandLine().getOut());
  }

  /** A stage over several domains, with {@code progress}. */
  DomainRuns domainRuns(Workspace workspace, Progress progress) {
    Failures failures = new Failures(command.commandLine().getErr(), command.qualifiedName());
    return new DomainRuns(workspace, progress, failures, debug);
  }

  /** Where the way to the result is told, beginning with where the engines log. */
  public Progress progress() {
    Progress progress = Progress.toStandardError();
    progress.say("log: " + LogFile.path());
    return progress;
  }
}
