package assay.cli;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.Settings;
import assay.core.runs.RunHistory;
import assay.core.runs.RunRecord;
import assay.views.live.Freshness;
import assay.views.sinks.SinkState;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tells what ran last. */
@Command(
    name = "status",
    description = "Tell the last run of each stage and domain, and what came of it.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay status",
      "  assay status --runs 20     the last twenty runs, whatever they were"
    })
final class StatusCommand implements Callable<Integer> {
  private static final String HADOOP = "spark.hadoop.";

  @Mixin private CommonOptions common;
  @Mixin private DomainOption domain;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "The last N runs instead of the last one of each stage and domain.")
  private Integer last;

  @Override
  public Integer call() {
    if (last != null && last < 0) {
      throw AssayException.usage("--runs " + last + " is below zero", "give 0 or more");
    }
    Settings settings = common.settings();
    Lake lake = new Lake(settings.lake());
    Configuration configuration = configuration(settings);
    List<RunRecord> newest = newest(lake, configuration);
    List<Freshness> fresh =
        Freshness.newest(lake, configuration).stream()
            .filter(f -> domain.chosen().map(f.domain()::equals).orElse(true))
            .toList();
    List<SinkState> sinks =
        SinkState.newest(lake, configuration).stream()
            .filter(s -> domain.chosen().map(s.domain()::equals).orElse(true))
            .toList();
    List<RunRecord> shown =
        last == null ? lastOfEach(newest) : newest.subList(0, Math.min(last, newest.size()));
    if (common.json()) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("runs", shown.stream().map(StatusCommand::document).toList());
      document.put("live_views", fresh.stream().map(StatusCommand::document).toList());
      document.put("sinks", sinks.stream().map(StatusCommand::document).toList());
      common.output().json(document);
      return 0;
    }
    if (newest.isEmpty()) {
      common.output().line("No stage has run in " + settings.lake() + " yet.");
    } else {
      print(shown);
    }
    if (!fresh.isEmpty()) {
      printFreshness(fresh);
    }
    if (!sinks.isEmpty()) {
      printSinks(sinks);
    }
    return 0;
  }

  private static Configuration configuration(Settings settings) {
    Configuration configuration = new Configuration();
    settings
        .spark()
        .forEach(
            (key, value) -> {
              if (key.startsWith(HADOOP)) {
                configuration.set(key.substring(HADOOP.length()), value);
              }
            });
    return configuration;
  }

  private List<RunRecord> newest(Lake lake, Configuration configuration) {
    return new RunHistory(lake, configuration)
        .newest().stream()
            .filter(run -> domain.chosen().map(run.domain()::equals).orElse(true))
            .toList();
  }

  private static List<RunRecord> lastOfEach(List<RunRecord> newestFirst) {
    Map<String, RunRecord> last = new LinkedHashMap<>();
    newestFirst.forEach(run -> last.putIfAbsent(run.stage() + " " + run.domain(), run));
    return List.copyOf(last.values());
  }

  private void print(List<RunRecord> runs) {
    List<List<String>> rows = new ArrayList<>();
    for (RunRecord run : runs) {
      rows.add(
          List.of(
              run.stage(),
              run.domain(),
              run.range().orElse(""),
              run.startedAt().truncatedTo(ChronoUnit.SECONDS).toString(),
              String.format(Locale.ROOT, "%.1f", run.took().toMillis() / 1000.0),
              run.outcome(),
              run.error().orElseGet(() -> counts(run.rows()))));
    }
    common
        .output()
        .table(
            Table.of(
                List.of("stage", "domain", "range", "started at", "seconds", "outcome", "rows"),
                rows));
  }

  private void printFreshness(List<Freshness> views) {
    List<List<String>> rows = new ArrayList<>();
    for (Freshness view : views) {
      rows.add(
          List.of(
              "live." + view.view(),
              view.to().truncatedTo(ChronoUnit.SECONDS).toString(),
              view.rows() + "",
              seconds(view.p50Millis()),
              seconds(view.p99Millis()),
              Sizes.bytes(view.stateBytes()),
              view.error().map(error -> "open: " + error).orElse("closed")));
    }
    common
        .output()
        .table(
            Table.of(
                List.of(
                    "view", "until", "rows", "visible after (p50)", "(p99)", "memory", "circuit"),
                rows));
  }

  private void printSinks(List<SinkState> sinks) {
    List<List<String>> rows = new ArrayList<>();
    for (SinkState sink : sinks) {
      rows.add(
          List.of(
              sink.domain() + "." + sink.sink(),
              sink.of(),
              sink.to(),
              sink.asOf().map(at -> at.truncatedTo(ChronoUnit.SECONDS).toString()).orElse(""),
              sink.error().orElse("ok")));
    }
    common.output().table(Table.of(List.of("sink", "of", "to", "sent up to", "state"), rows));
  }

  private static Map<String, Object> document(SinkState sink) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("domain", sink.domain());
    document.put("sink", sink.sink());
    document.put("of", sink.of());
    document.put("to", sink.to());
    document.put("at", sink.at().toString());
    sink.asOf().ifPresent(asOf -> document.put("sent_up_to", asOf.toString()));
    document.put("messages", sink.messages());
    sink.error().ifPresent(error -> document.put("error", error));
    return document;
  }

  private static String seconds(OptionalLong millis) {
    return millis.isEmpty()
        ? ""
        : String.format(Locale.ROOT, "%.1f s", millis.getAsLong() / 1000.0);
  }

  private static Map<String, Object> document(Freshness view) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("domain", view.domain());
    document.put("view", view.view());
    document.put("until", view.to().toString());
    document.put("rows", view.rows());
    view.p50Millis().ifPresent(millis -> document.put("p50_ms", millis));
    view.p99Millis().ifPresent(millis -> document.put("p99_ms", millis));
    document.put("state_bytes", view.stateBytes());
    document.put("circuit", view.error().isPresent() ? "open" : "closed");
    view.error().ifPresent(error -> document.put("error", error));
    return document;
  }

  private static String counts(Map<String, Long> counts) {
    return counts.entrySet().stream()
        .map(e -> e.getKey() + " " + e.getValue())
        .collect(Collectors.joining(", "));
  }

  private static Map<String, Object> document(RunRecord run) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("run_id", run.id());
    document.put("stage", run.stage());
    document.put("domain", run.domain());
    run.range().ifPresent(range -> document.put("range", range));
    document.put("started_at", run.startedAt().toString());
    document.put("seconds", run.took().toMillis() / 1000.0);
    document.put("outcome", run.outcome());
    document.put("rows", run.rows());
    document.put("versions", run.versions());
    document.put("bytes_read", run.bytesRead());
    document.put("bytes_written", run.bytesWritten());
    run.error().ifPresent(error -> document.put("error", error));
    return document;
  }
}
