package assay.cli;

import assay.core.contract.Contract;
import assay.silver.SilverResult;
import assay.silver.SilverStage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads rows of quarantine once more. */
@Command(
    name = "retry",
    description = "Read the rows anew under today's contract; those that pass leave quarantine.",
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  assay quarantine retry flights --rule airport_codes --dry-run")
final class QuarantineRetryCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;

  @Parameters(paramLabel = "DOMAIN", description = "Whose rows.")
  private String domain;

  @Option(names = "--rule", paramLabel = "NAME", description = "Only rows that failed this one.")
  private String rule;

  @Option(names = "--dry-run", description = "Count the rows that would leave, and write nothing.")
  private boolean dryRun;

  @Override
  public Integer call() {
    Optional<String> chosen = Optional.ofNullable(rule);
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      List<Contract> contracts = workspace.contracts(Optional.of(domain));
      if (dryRun) {
        SilverResult plan =
            stage(workspace, contracts.get(0), progress, Optional.empty()).planRetry(chosen);
        long leave = plan.rows() - plan.quarantined();
        if (common.json()) {
          common
              .output()
              .json(Map.of("domain", domain, "leave", leave, "fail_otherwise", plan.quarantined()));
        } else {
          common
              .output()
              .line(
                  "%d rows would leave quarantine, %d would stay for other reasons than before"
                      .formatted(leave, plan.quarantined()));
        }
        return 0;
      }
      DomainRuns runs = common.domainRuns(workspace, progress);
      SilverResults.print(
          common,
          "retry",
          runs.run(
              "retry",
              chosen,
              contracts,
              contract ->
                  stage(workspace, contract, progress, Optional.of(runs.runId())).retry(chosen),
              SilverResults::summary));
      return runs.exitCode();
    }
  }

  private static SilverStage stage(
      Workspace workspace, Contract contract, Progress progress, Optional<String> run) {
    return new SilverStage(workspace.spark(), workspace.lake(), contract, progress, run);
  }
}
