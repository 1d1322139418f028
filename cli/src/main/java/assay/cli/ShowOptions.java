package assay.cli;

import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.reconciliation.CauseRows;
import assay.reconciliation.ShowRequest;
import assay.reconciliation.ShownRow;
import assay.reconciliation.ShownRows;
import assay.reconciliation.ShownRows.MeasureTerm;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of {@code reconcile} that list the rows behind a term. */
final class ShowOptions {
  @Option(
      names = "--show",
      paramLabel = "CAUSE",
      description =
          "List the rows of one cause instead: late, duplicate, superseded, quarantined,"
              + " enrichment or cut.")
  private String cause;

  @Option(
      names = "--cell",
      paramLabel = "DIMENSION=VALUE,…",
      description = "With --show: of this cell, or of all cells with these values.")
  private String cell;

  @Option(
      names = "--metrics",
      paramLabel = "METRICS",
      description = "With --show: of one metric set. Default: all that have the dimensions")
  private String metrics;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "With --show: at most N rows. Default: ${DEFAULT-VALUE}")
  private int limit;

  /** Of a maximum, say: rows of several cells have no sum. */
  private static final String UNTOLD =
      "of one cell: give --date and all of --cell, and reconcile first";

  boolean given() {
    return cause != null;
  }

  /** Prints the rows; nothing is compared or written. */
  int show(
      Workspace workspace,
      List<Contract> contracts,
      Optional<LocalDate> day,
      CommonOptions common) {
    ShowRequest request =
        ShowRequest.of(cause, Optional.ofNullable(cell), day, Optional.ofNullable(metrics), limit);
    Map<Contract, List<MetricSet>> chosen = new LinkedHashMap<>();
    contracts.forEach(contract -> chosen.put(contract, request.among(contract, contracts)));
    List<ShownRows> shown = new ArrayList<>();
    chosen.forEach(
        (contract, sets) ->
            sets.forEach(
                set ->
                    shown.add(
                        new CauseRows(workspace.spark(), workspace.lake(), contract)
                            .show(request, set))));
    if (common.json()) {
      common.output().json(Map.of("shown", shown.stream().map(ShowOptions::document).toList()));
    } else {
      shown.forEach(one -> print(common.output(), one));
    }
    return 0;
  }

  private static void print(Output output, ShownRows shown) {
    List<List<Optional<String>>> rows = new ArrayList<>();
    for (ShownRow r : shown.rows()) {
      rows.add(
          List.of(
              Optional.of(r.day().toString()),
              Optional.of(r.cell()),
              Optional.of(r.topic()),
              Optional.of(r.partition() + ""),
              Optional.of(r.offset() + ""),
              Optional.of(r.kafkaTimestamp().toString()),
              Optional.of(r.live()),
              Optional.of(r.batch()),
              Optional.of(side(r)),
              r.key(),
              r.event()));
    }
    if (!rows.isEmpty()) {
      output.table(
          new Table(
              List.of(
                  "day",
                  "cell",
                  "topic",
                  "partition",
                  "offset",
                  "Kafka timestamp",
                  "live",
                  "batch",
                  "in",
                  "key",
                  "event"),
              rows));
    }
    String label = shown.cause().label();
    output.line(
        "%s: %s rows are %s%s"
            .formatted(
                shown.metrics(),
                Sizes.count(shown.all()),
                label,
                shown.all() > shown.rows().size() ? ", " + shown.rows().size() + " shown" : ""));
    if (shown.all() > 0) {
      List<List<String>> terms = new ArrayList<>();
      for (MeasureTerm term : shown.terms()) {
        terms.add(
            List.of(term.measure(), term.amount().map(a -> a.toPlainString()).orElse(UNTOLD)));
      }
      output.table(Table.of(List.of("measure", label), terms));
    }
  }

  private static String side(ShownRow row) {
    return row.sign() > 0 ? "live" : "batch";
  }

  private static Map<String, Object> document(ShownRows shown) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("metrics", shown.metrics());
    document.put("cause", shown.cause().label());
    document.put("all", shown.all());
    document.put("rows", shown.rows().stream().map(ShowOptions::document).toList());
    Map<String, Object> terms = new LinkedHashMap<>();
    shown.terms().forEach(term -> terms.put(term.measure(), term.amount().orElse(null)));
    document.put("terms", terms);
    return document;
  }

  private static Map<String, Object> document(ShownRow row) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("day", row.day().toString());
    document.put("cell", row.cell());
    document.put("topic", row.topic());
    document.put("partition", row.partition());
    document.put("offset", row.offset());
    document.put("kafka_timestamp", row.kafkaTimestamp().toString());
    document.put("live", row.live());
    document.put("batch", row.batch());
    document.put("in", side(row));
    document.put("key", row.key().orElse(null));
    document.put("event", row.event().orElse(null));
    return document;
  }
}
