package assay.cli;

import assay.core.ErrorCode;
import assay.reconciliation.serving.Readiness;
import assay.reconciliation.serving.Serving;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes the next step towards the stream. */
@Command(
    name = "promote",
    description =
        "Let more consumers of a metric set read the stream, one step, where the evidence allows"
            + " it.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay promote route_day --check      what its next step lacks",
      "  assay promote route_day --approve    take the step",
      "",
      "Exit codes: 0 done, 4 something is missing, 75 another change came first."
    })
final class PromoteCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;
  @Mixin private PersonOption person;

  @Parameters(paramLabel = "METRICS", description = "The metric set.")
  private String metrics;

  @Option(names = "--check", description = "Change nothing; list all that is missing.")
  private boolean check;

  @Option(names = "--approve", description = "Say yes, where the contract asks a person.")
  private boolean approve;

  @Override
  public Integer call() {
    return check
        ? check()
        : StageChange.make(common, metrics, serving -> serving.promote(approve, person.name()));
  }

  private int check() {
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      Serving serving = ServedMetrics.of(workspace, metrics, progress);
      Readiness readiness = serving.check(approve);
      if (common.json()) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("standing", ServedMetrics.document(serving.standing()));
        document.put("fit", readiness.fit());
        readiness
            .next()
            .ifPresent(
                next ->
                    document.put(
                        "next",
                        Map.of("stage", next.stage().label(), "share", next.share() / 100.0)));
        document.put("missing", ServedMetrics.documents(readiness.missing()));
        common.output().json(document);
      } else if (readiness.fit()) {
        common.output().line(metrics + " may be " + readiness.next().orElseThrow().inWords());
      } else {
        common
            .output()
            .table(
                Table.of(
                    List.of("missing", "why"),
                    readiness.missing().stream().map(m -> List.of(m.what(), m.why())).toList()));
      }
      return readiness.fit() ? 0 : ErrorCode.INCONCLUSIVE.exitCode();
    }
  }
}
