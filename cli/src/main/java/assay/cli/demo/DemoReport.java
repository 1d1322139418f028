package assay.cli.demo;

import assay.cli.Output;
import assay.cli.ProofView;
import assay.cli.Sizes;
import assay.cli.Table;
import assay.reconciliation.Ledger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The end of a demo, for people and for programs. */
final class DemoReport {
  private final DemoOutcome outcome;
  private final ProofView proof;

  DemoReport(DemoOutcome outcome) {
    this.outcome = outcome;
    this.proof = new ProofView(outcome.proof());
  }

  void print(Output output) {
    Faults faults = outcome.faults();
    output.line("");
    output.line("The ledger: every record in Kafka, once in bronze, once on each path");
    output.table(
        Table.of(
            List.of("where", "rows"),
            List.of(
                List.of("Kafka", Sizes.count(outcome.kafkaRecords())),
                List.of("  of these made faults", Sizes.count(faults.total())),
                List.of(
                    "bronze, in " + outcome.microBatches() + " micro-batches",
                    Sizes.count(outcome.bronzeRows())))));
    proof.printLedgers(output);
    outcome.surprises().forEach(surprise -> output.line("NOT AS PRODUCED: " + surprise));
    output.line("");
    output.line("The proof: live view against gold, cell by cell");
    proof.printDays(output);
    output.line("");
    output.line("The largest differences, and the rows that make them");
    proof.printLargest(output);
    output.line("");
    output.line("The lake lies in " + outcome.lake());
    output.line(
        "Seconds: "
            + outcome.seconds().entrySet().stream()
                .map(e -> e.getKey() + " " + String.format(Locale.ROOT, "%.1f", e.getValue()))
                .collect(Collectors.joining(", ")));
    output.line("");
    output.line("Try next:");
    queries()
        .forEach(
            q -> output.line("  ./assay sql --config " + outcome.settings() + " \"" + q + "\""));
  }

  /** Three queries that show what lies there. */
  static List<String> queries() {
    return List.of(
        "SELECT * FROM gold.route_day ORDER BY worst_delay DESC LIMIT 5",
        "SELECT cause, measure, sum(amount) AS amount, count(*) AS cells"
            + " FROM reconciliation.attribution GROUP BY ALL ORDER BY ALL",
        "SELECT failed_rules, count(*) AS n, min(CAST(_value AS STRING)) AS example"
            + " FROM quarantine.flights GROUP BY ALL ORDER BY n DESC");
  }

  Map<String, Object> document() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("kafka", Map.of("records", outcome.kafkaRecords()));
    document.put("bronze", Map.of("rows", outcome.bronzeRows()));
    for (Ledger ledger : outcome.proof().ledgers()) {
      String path = ledger.path().startsWith("live.") ? "live" : ledger.path();
      document.putIfAbsent(path, ledger.dispositions());
    }
    if (!outcome.surprises().isEmpty()) {
      document.put("not_as_produced", outcome.surprises());
    }
    document.put("days", proof.days());
    document.put("seconds", outcome.seconds());
    document.put("lake", outcome.lake().toString());
    document.put("config", outcome.settings().toString());
    return document;
  }
}
