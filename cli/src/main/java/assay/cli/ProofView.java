package assay.cli;

import assay.reconciliation.Cause;
import assay.reconciliation.CellDifference;
import assay.reconciliation.ContributingRow;
import assay.reconciliation.DayVerdict;
import assay.reconciliation.DrillDown.Explanation;
import assay.reconciliation.Ledger;
import assay.reconciliation.Reconciliation;
import assay.reconciliation.Uncompared;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A reconciliation as people and programs read it. */
public final class ProofView {
  private static final int LARGEST = 8;
  private static final int CARRIERS = 3;

  private final Reconciliation result;
  private final List<Explanation> drillDown;

  public ProofView(Reconciliation result) {
    this(result, List.of());
  }

  /**
   * @param drillDown the best explanation of each measure first
   */
  ProofView(Reconciliation result, List<Explanation> drillDown) {
    this.result = result;
    this.drillDown = List.copyOf(drillDown);
  }

  /** Days, ledger and, where asked for, what makes the differences. */
  public void print(Output output, boolean explain) {
    printDays(output);
    printLedgers(output);
    if (explain) {
      printLargest(output);
      printDrillDown(output);
      printRows(output);
    }
  }

  public void printDays(Output output) {
    List<List<String>> rows = new ArrayList<>();
    for (DayVerdict d : result.days()) {
      rows.add(
          List.of(
              d.metrics(),
              d.day().toString(),
              d.verdict().label(),
              d.rung().label(),
              d.cells() + "",
              d.differing() + "",
              plain(d.unexplained()),
              why(d)));
    }
    output.table(
        Table.of(
            List.of(
                "metrics", "day", "verdict", "rung", "cells", "differing", "unexplained", "why"),
            rows));
  }

  private static String why(DayVerdict day) {
    List<String> why = new ArrayList<>();
    day.verdict().reason().ifPresent(why::add);
    if (day.verdict().green() && !day.fit()) {
      why.add(
          String.format(
              Locale.ROOT,
              "not fit: %.2f %% of the cells are beyond tolerance",
              100 * day.shareBeyond()));
    }
    if (day.ignored() > 0) {
      why.add(Sizes.count(day.ignored()) + " ignored");
    }
    return String.join("; ", why);
  }

  public void printLedgers(Output output) {
    List<List<String>> rows = new ArrayList<>();
    for (Ledger ledger : result.ledgers()) {
      String parts =
          ledger.dispositions().entrySet().stream()
              .map(e -> e.getKey() + " " + Sizes.count(e.getValue()))
              .collect(Collectors.joining(" + "));
      String outcome = ledger.addsUp() ? "adds up" : Sizes.count(ledger.wrong()) + " UNACCOUNTED";
      rows.add(List.of(pathOf(ledger), Sizes.count(ledger.bronze()), parts, outcome));
    }
    output.table(Table.of(List.of("path", "bronze rows", "dispositions", "ledger"), rows));
    LedgerView.print(output, result.ledgers());
  }

  /** With the domain where there are several. */
  private String pathOf(Ledger ledger) {
    boolean several = result.ledgers().stream().map(Ledger::domain).distinct().count() > 1;
    return several ? ledger.domain() + ": " + ledger.path() : ledger.path();
  }

  public void printLargest(Output output) {
    if (result.largest().isEmpty()) {
      output.line("No cell differs.");
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (CellDifference d : result.largest().stream().limit(LARGEST).toList()) {
      String causes =
          d.terms().entrySet().stream()
              .map(t -> t.getKey().label() + " " + signed(t.getValue()))
              .collect(Collectors.joining(", "));
      rows.add(
          List.of(
              d.day().toString(),
              d.cell(),
              d.measure(),
              shortNumber(d.control()),
              shortNumber(d.test()),
              signed(d.difference()),
              causes,
              plain(d.unexplained())));
    }
    output.table(
        Table.of(
            List.of(
                "day",
                "cell",
                "measure",
                "batch",
                "live",
                "live - batch",
                "because of",
                "unexplained"),
            rows));
  }

  /** The dimension that explains each measure best. */
  private void printDrillDown(Output output) {
    Map<List<String>, Explanation> best = new LinkedHashMap<>();
    drillDown.forEach(e -> best.putIfAbsent(List.of(e.metrics(), e.measure()), e));
    List<List<String>> rows = new ArrayList<>();
    for (Explanation e : best.values()) {
      String values =
          e.values().stream()
              .limit(CARRIERS)
              .map(
                  p ->
                      String.format(
                          Locale.ROOT, "%s %.0f %%", p.value().orElse("NULL"), p.share() * 100))
              .collect(Collectors.joining(", "));
      rows.add(
          List.of(
              e.metrics(),
              e.measure(),
              e.dimension(),
              Sizes.count(e.carriers()) + " of about " + Sizes.count(e.ofValues()),
              values));
    }
    if (!rows.isEmpty()) {
      output.table(
          Table.of(
              List.of("metrics", "measure", "lies in", "values with most of it", "share"), rows));
    }
  }

  private void printRows(Output output) {
    List<List<String>> rows = new ArrayList<>();
    for (ContributingRow r : result.rows()) {
      rows.add(
          List.of(
              r.day().toString(),
              r.cell(),
              r.partition() + "",
              r.offset() + "",
              r.live(),
              r.batch(),
              r.cause().label()));
    }
    if (!rows.isEmpty()) {
      output.table(
          Table.of(List.of("day", "cell", "partition", "offset", "live", "batch", "cause"), rows));
    }
  }

  /** The result as one JSON document. */
  public Map<String, Object> document(boolean explain) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("days", days());
    document.put(
        "ledgers",
        result.ledgers().stream()
            .map(
                l -> {
                  Map<String, Object> ledger = new LinkedHashMap<>();
                  ledger.put("domain", l.domain());
                  ledger.put("path", l.path());
                  ledger.put("bronze", l.bronze());
                  ledger.put("dispositions", l.dispositions());
                  ledger.put("unaccounted", l.unaccounted());
                  ledger.putAll(LedgerView.details(l));
                  return ledger;
                })
            .toList());
    document.put("not_compared", documents(result.missing()));
    if (explain) {
      document.put("differences", result.largest().stream().map(ProofView::difference).toList());
      document.put("drill_down", drillDown.stream().map(Explanation::document).toList());
      document.put("rows", result.rows().stream().map(ProofView::row).toList());
    }
    return document;
  }

  /** What could not be compared, and what to do. */
  static List<Map<String, String>> documents(List<Uncompared> missing) {
    List<Map<String, String>> documents = new ArrayList<>();
    for (Uncompared one : missing) {
      Map<String, String> document = new LinkedHashMap<>();
      document.put("domain", one.domain());
      document.put("name", one.name());
      document.put("why", one.why().getMessage());
      document.put("what_to_do", one.why().mend());
      documents.add(document);
    }
    return documents;
  }

  /** The days' part of the document. */
  public List<Map<String, Object>> days() {
    List<Map<String, Object>> days = new ArrayList<>();
    for (DayVerdict d : result.days()) {
      Map<String, Object> day = new LinkedHashMap<>();
      day.put("metrics", d.metrics());
      day.put("day", d.day().toString());
      day.put("verdict", d.verdict().label());
      day.put("cells", d.cells());
      day.put("differing", d.differing());
      day.put("unexplained", d.unexplained());
      d.verdict().reason().ifPresent(why -> day.put("why", why));
      day.put("rung", d.rung().label());
      day.put("ended", d.ended());
      day.put("share_beyond", d.shareBeyond());
      day.put("ignored", d.ignored());
      day.put("fit", d.fit());
      day.put("evidence_id", d.evidenceId());
      days.add(day);
    }
    return days;
  }

  private static Map<String, Object> difference(CellDifference d) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("metrics", d.metrics());
    document.put("day", d.day().toString());
    document.put("cell", d.cell());
    document.put("measure", d.measure());
    document.put("control", d.control());
    document.put("test", d.test());
    document.put("difference", d.difference());
    Map<String, BigDecimal> terms = new LinkedHashMap<>();
    for (Map.Entry<Cause, BigDecimal> term : d.terms().entrySet()) {
      terms.put(term.getKey().label(), term.getValue());
    }
    document.put("terms", terms);
    document.put("unexplained", d.unexplained());
    document.put("verdict", d.verdict());
    return document;
  }

  private static Map<String, Object> row(ContributingRow r) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("metrics", r.metrics());
    document.put("day", r.day().toString());
    document.put("cell", r.cell());
    document.put("partition", r.partition());
    document.put("offset", r.offset());
    document.put("live", r.live());
    document.put("batch", r.batch());
    document.put("cause", r.cause().label());
    return document;
  }

  private static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }

  private static String signed(BigDecimal number) {
    String rounded = plain(number.setScale(2, java.math.RoundingMode.HALF_EVEN));
    return number.signum() > 0 ? "+" + rounded : rounded;
  }

  /** A long fraction says nothing more to a person; the tables keep all of it. */
  private static String shortNumber(String value) {
    int point = value.indexOf('.');
    return point >= 0 && value.length() > point + 3 && !value.contains("E")
        ? value.substring(0, point + 3)
        : value;
  }
}
