package assay.cli;

import assay.reconciliation.serving.Published;
import assay.reconciliation.serving.Serving;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Publishes serving tables. */
@Command(
    name = "publish",
    description =
        "Bring serving tables up to date with gold, the live views and the evidence. Puts BI back"
            + " to batch where the stream fails.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {"  assay serving publish", "  assay serving publish route_day"})
final class ServingPublishCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;

  @Parameters(
      paramLabel = "METRICS",
      arity = "0..*",
      description = "Names of metric sets. Default: all")
  private List<String> names = List.of();

  @Override
  public Integer call() {
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      DomainRuns runs = common.domainRuns(workspace, progress);
      List<Published> published =
          runs.runEach(
              "serving",
              Optional.empty(),
              ServedMetrics.of(workspace, names, progress),
              Serving::metrics,
              serving -> publish(workspace, serving, progress),
              ServingPublishCommand::summary);
      print(common, published);
      published.forEach(p -> tell(progress, p));
      return runs.exitCode();
    }
  }

  /** Publishes, and tells people what that found. */
  static Published publish(Workspace workspace, Serving serving, Progress progress) {
    Published published = serving.publish();
    workspace.alerts(serving.contract(), progress).published(published);
    return published;
  }

  static RunSummary summary(Published published) {
    Map<String, Long> versions = new TreeMap<>();
    published.tables().forEach(t -> versions.put("serving." + t.name(), t.version()));
    return new RunSummary(published.days() + " days replaced", Map.of(), versions);
  }

  /** What a person should know beside the result. */
  static void tell(Progress progress, Published published) {
    published.note().ifPresent(progress::say);
    published
        .changed()
        .ifPresent(
            change ->
                progress.say(
                    "%s: %s, it is %s now: %s"
                        .formatted(
                            change.metrics(),
                            change.change().label(),
                            change.position().inWords(),
                            change.why())));
  }

  static void print(CommonOptions common, List<Published> published) {
    if (common.json()) {
      common
          .output()
          .json(
              Map.of(
                  "published", published.stream().map(ServingPublishCommand::document).toList()));
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (Published one : published) {
      for (Published.Table table : one.tables()) {
        rows.add(
            List.of(
                "serving." + table.name(),
                one.standing().position().inWords(),
                table.side().label(),
                table.days() + "",
                table.version() + ""));
      }
    }
    common
        .output()
        .table(Table.of(List.of("table", "stage", "source", "days replaced", "version"), rows));
  }

  private static Map<String, Object> document(Published published) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("standing", ServedMetrics.document(published.standing()));
    document.put("changed", published.changed().isPresent());
    document.put(
        "tables",
        published.tables().stream()
            .map(
                t ->
                    Map.of(
                        "table", "serving." + t.name(),
                        "source", t.side().label(),
                        "days", t.days(),
                        "version", t.version()))
            .toList());
    document.put(
        "troubles",
        published.troubles().stream()
            .map(t -> Map.of("kind", t.kind().label(), "why", t.why()))
            .toList());
    published.note().ifPresent(note -> document.put("note", note));
    return document;
  }
}
