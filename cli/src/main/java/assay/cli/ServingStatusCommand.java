package assay.cli;

import assay.reconciliation.serving.Readiness;
import assay.reconciliation.serving.Serving;
import assay.reconciliation.serving.Standing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells where metric sets stand. */
@Command(
    name = "status",
    description = "Tell where each metric set stands, why, and what its next step lacks.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay serving status",
      "  assay serving status route_day --history     every change of its stage"
    })
final class ServingStatusCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;

  @Parameters(
      paramLabel = "METRICS",
      arity = "0..*",
      description = "Names of metric sets. Default: all")
  private List<String> names = List.of();

  @Option(names = "--history", description = "Every change instead of the last one.")
  private boolean history;

  @Override
  public Integer call() {
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      List<Serving> chosen = ServedMetrics.of(workspace, names, progress);
      if (history) {
        printHistory(chosen.stream().flatMap(s -> s.changes().stream()).toList());
      } else {
        print(chosen);
      }
      return 0;
    }
  }

  private void print(List<Serving> chosen) {
    List<Map<String, Object>> documents = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (Serving serving : chosen) {
      Standing standing = serving.standing();
      Readiness readiness = serving.check(false);
      Map<String, Object> document = new LinkedHashMap<>(ServedMetrics.document(standing));
      readiness
          .next()
          .ifPresent(next -> document.put("next", next.stage().label() + " " + next.share() + "%"));
      document.put("missing", ServedMetrics.documents(readiness.missing()));
      documents.add(document);
      rows.add(
          List.of(
              standing.metrics(),
              standing.position().inWords(),
              ServedMetrics.at(standing),
              standing.who(),
              standing.why(),
              ServedMetrics.words(readiness.missing())));
    }
    if (common.json()) {
      common.output().json(Map.of("serving", documents));
      return;
    }
    common
        .output()
        .table(
            Table.of(
                List.of("metrics", "stands", "since", "by", "why", "its next step lacks"), rows));
  }

  private void printHistory(List<Standing> changes) {
    if (common.json()) {
      common
          .output()
          .json(Map.of("changes", changes.stream().map(ServedMetrics::document).toList()));
      return;
    }
    common.output().table(ServedMetrics.history(changes));
  }
}
