package assay.cli;

import picocli.CommandLine.Option;

/** Who changes a stage by hand. */
final class PersonOption {
  @Option(
      names = "--by",
      paramLabel = "NAME",
      description =
          "Who does it, as it stands in ops.stages. Default: the name you are logged in as")
  private String name;

  String name() {
    return name == null ? System.getProperty("user.name") : name;
  }
}
