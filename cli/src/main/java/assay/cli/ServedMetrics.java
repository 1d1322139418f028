package assay.cli;

import assay.core.AssayException;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.reconciliation.serving.Readiness.Missing;
import assay.reconciliation.serving.Serving;
import assay.reconciliation.serving.Standing;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The metric sets that a command names, as BI reads them, and how their standings are shown. */
public final class ServedMetrics {
  private ServedMetrics() {}

  /** Those of these names, or all where none is given. */
  static List<Serving> of(Workspace workspace, List<String> names, Steps steps) {
    List<Serving> chosen = new ArrayList<>();
    List<String> known = new ArrayList<>();
    for (Contract contract : workspace.definitions().contracts()) {
      for (MetricSet metrics : contract.metrics()) {
        known.add(metrics.name());
        if (names.isEmpty() || names.contains(metrics.name())) {
          chosen.add(
              new Serving(
                  workspace.spark(),
                  workspace.lake(),
                  contract,
                  metrics,
                  Clock.systemUTC(),
                  steps));
        }
      }
    }
    for (String name : names) {
      if (!known.contains(name)) {
        throw AssayException.usage(
            "there is no metric set " + name, "give one of " + String.join(", ", known));
      }
    }
    return chosen;
  }

  /** The one of this name. */
  static Serving of(Workspace workspace, String name, Steps steps) {
    return of(workspace, List.of(name), steps).get(0);
  }

  /** Every change of stages, in the order given. */
  public static Table history(List<Standing> changes) {
    return Table.of(
        List.of("metrics", "number", "change", "stands", "at", "by", "why"),
        changes.stream()
            .map(
                s ->
                    List.of(
                        s.metrics(),
                        s.number() + "",
                        s.change().label(),
                        s.position().inWords(),
                        at(s),
                        s.who(),
                        s.why()))
            .toList());
  }

  public static Map<String, Object> document(Standing standing) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("metrics", standing.metrics());
    document.put("number", standing.number());
    document.put("stage", standing.position().stage().label());
    document.put("share", standing.position().share() / 100.0);
    standing.position().pinned().ifPresent(side -> document.put("pinned", side.label()));
    document.put("half_open", standing.position().halfOpen());
    document.put("change", standing.change().label());
    document.put("who", standing.who());
    document.put("why", standing.why());
    document.put("evidence_ids", standing.evidenceIds());
    if (standing.number() > 0) {
      document.put("at", at(standing));
    }
    return document;
  }

  static String at(Standing standing) {
    return standing.number() == 0 ? "" : standing.at().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  static List<Map<String, String>> documents(List<Missing> missing) {
    return missing.stream().map(m -> Map.of("what", m.what(), "why", m.why())).toList();
  }

  static String words(List<Missing> missing) {
    return missing.stream().map(Missing::why).collect(Collectors.joining("; "));
  }
}
