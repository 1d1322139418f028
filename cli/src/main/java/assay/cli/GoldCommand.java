package assay.cli;

import assay.gold.GoldResult;
import assay.gold.GoldStage;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs gold. */
@Command(
    name = "gold",
    description = "Recompute the days that silver touched, in one commit a metric set; daily.",
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  assay gold --domain flights")
final class GoldCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;
  @Mixin private DomainOption domain;

  @Override
  public Integer call() {
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      DomainRuns runs = common.domainRuns(progress);
      List<List<GoldResult>> results =
          runs.run(
              "gold",
              workspace.contracts(domain.chosen()),
              contract ->
                  new GoldStage(workspace.spark(), workspace.lake(), contract, progress).run(),
              run -> run.stream().mapToInt(r -> r.days().size()).sum() + " days recomputed");
      print(results.stream().flatMap(List::stream).toList());
      return runs.exitCode();
    }
  }

  private void print(List<GoldResult> results) {
    if (common.json()) {
      common.output().json(Map.of("gold", results.stream().map(GoldCommand::document).toList()));
      return;
    }
    common
        .output()
        .table(
            Table.of(
                List.of("metrics", "days recomputed", "silver version", "version"),
                results.stream()
                    .map(
                        r ->
                            List.of(r.metrics(), days(r), r.silverVersion() + "", r.version() + ""))
                    .toList()));
  }

  private static Map<String, Object> document(GoldResult result) {
    return Map.of(
        "metrics", result.metrics(),
        "days", result.days().stream().map(Object::toString).toList(),
        "silver_version", result.silverVersion(),
        "version", result.version());
  }

  private static String days(GoldResult result) {
    if (result.days().size() <= 3) {
      return result.days().stream().map(Object::toString).collect(Collectors.joining(", "));
    }
    return "%d, from %s to %s"
        .formatted(
            result.days().size(),
            result.days().get(0),
            result.days().get(result.days().size() - 1));
  }
}
