package assay.cli;

import java.util.Optional;
import picocli.CommandLine.Option;

/** The choice of a domain, for commands that work on one or all. */
final class DomainOption {
  @Option(
      names = "--domain",
      paramLabel = "DOMAIN",
      description = "One domain. Default: all that have a contract")
  private String domain;

  Optional<String> chosen() {
    return Optional.ofNullable(domain);
  }
}
