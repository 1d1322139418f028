package assay.cli;

import assay.silver.Disposition;
import assay.silver.SilverResult;
import assay.silver.SilverStage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs silver. */
@Command(
    name = "silver",
    description = "Parse and check what bronze has new, one row a key; hourly.",
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  assay silver --domain flights")
final class SilverCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;
  @Mixin private DomainOption domain;

  @Override
  public Integer call() {
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      DomainRuns runs = common.domainRuns(workspace, progress);
      print(
          runs.run(
              "silver",
              Optional.empty(),
              workspace.contracts(domain.chosen()),
              contract ->
                  new SilverStage(workspace.spark(), workspace.lake(), contract, progress).run(),
              SilverCommand::summary));
      return runs.exitCode();
    }
  }

  private static RunSummary summary(SilverResult result) {
    return new RunSummary(
        result.rows() + " rows read, " + result.loaded() + " loaded",
        Map.of(
            "read",
            result.rows(),
            Disposition.LOADED,
            result.loaded(),
            Disposition.SUPERSEDED,
            result.superseded(),
            Disposition.DUPLICATE,
            result.duplicate(),
            Disposition.QUARANTINED,
            result.quarantined()),
        Map.of("silver", result.version()));
  }

  private void print(List<SilverResult> results) {
    if (common.json()) {
      common.output().json(Map.of("silver", results));
      return;
    }
    List<String> header =
        List.of("domain", "read", "loaded", "superseded", "duplicate", "quarantined", "version");
    common
        .output()
        .table(
            Table.of(
                header,
                results.stream()
                    .map(
                        r ->
                            List.of(
                                r.domain(),
                                r.rows() + "",
                                r.loaded() + "",
                                r.superseded() + "",
                                r.duplicate() + "",
                                r.quarantined() + "",
                                r.version() + ""))
                    .toList()));
  }
}
