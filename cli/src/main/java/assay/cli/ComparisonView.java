package assay.cli;

import assay.reconciliation.compare.Comparison;
import assay.reconciliation.compare.Comparison.MeasureCounts;
import assay.reconciliation.compare.Comparison.RowCounts;
import assay.reconciliation.compare.Comparison.RowKey;
import assay.reconciliation.compare.Comparison.Rung;
import assay.reconciliation.compare.Comparison.Side;
import assay.reconciliation.compare.Comparison.ValueDifference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A comparison of two tables as people and programs read it. */
final class ComparisonView {
  private final Comparison result;

  ComparisonView(Comparison result) {
    this.result = result;
  }

  /** What was compared, how far the ladder went, then what differs. */
  void print(Output output) {
    output.line("A  " + spoken(result.control()));
    output.line("B  " + spoken(result.test()));
    output.table(Table.of(List.of("rung", "outcome"), rungs()));
    if (!result.measures().isEmpty()) {
      output.table(measures());
    }
    if (!result.largest().isEmpty()) {
      output.table(differences());
    }
    printKeys(output, "only in A", result.onlyInControl());
    printKeys(output, "only in B", result.onlyInTest());
    printDoubled(output);
    output.line(result.verdict() + ": " + inWords());
  }

  private static String spoken(Side side) {
    return side.name() + " (" + side.what() + ")";
  }

  private List<List<String>> rungs() {
    List<List<String>> rungs = new ArrayList<>();
    if (result.reached() == Rung.SCHEMA) {
      result.problems().forEach(problem -> rungs.add(List.of("schema", problem)));
      return rungs;
    }
    Side a = result.control();
    Side b = result.test();
    rungs.add(List.of("schema", "the columns compare"));
    boolean unique = a.doubledKeys() + b.doubledKeys() == 0;
    rungs.add(
        List.of(
            "keys",
            unique
                ? "unique on both sides"
                : "%s keys of A and %s of B come more than once"
                    .formatted(Sizes.count(a.doubledKeys()), Sizes.count(b.doubledKeys()))));
    rungs.add(
        List.of(
            "counts", "%s and %s rows".formatted(Sizes.count(a.rows()), Sizes.count(b.rows()))));
    if (unique) {
      rungs.add(
          List.of(
              "hashes",
              result.differing() == 0
                  ? "all %s buckets are equal".formatted(Sizes.count(result.buckets()))
                  : "%s of %s buckets differ"
                      .formatted(Sizes.count(result.differing()), Sizes.count(result.buckets()))));
    }
    if (result.reached() == Rung.ROWS) {
      rungs.add(List.of("rows", Sizes.count(result.rowsRead()) + " rows of both sides compared"));
    }
    return rungs;
  }

  private Table measures() {
    List<List<String>> rows = new ArrayList<>();
    for (MeasureCounts m : result.measures()) {
      rows.add(
          List.of(
              m.measure(),
              m.tolerance(),
              Sizes.count(m.equal()),
              Sizes.count(m.within()),
              Sizes.count(m.beyond())));
    }
    return Table.of(List.of("measure", "tolerance", "equal", "within", "beyond"), rows);
  }

  private Table differences() {
    List<String> header =
        Stream.concat(
                result.key().stream(), Stream.of("measure", "A", "B", "B - A", "within tolerance"))
            .toList();
    List<List<Optional<String>>> rows = new ArrayList<>();
    for (ValueDifference d : result.largest()) {
      List<Optional<String>> row = new ArrayList<>(d.key().values());
      row.add(Optional.of(d.measure()));
      row.add(d.control());
      row.add(d.test());
      row.add(Optional.of(d.difference().map(number -> number.toPlainString()).orElse("")));
      row.add(Optional.of(d.withinTolerance() ? "yes" : "no"));
      rows.add(row);
    }
    return new Table(header, rows);
  }

  private void printKeys(Output output, String what, List<RowKey> keys) {
    if (!keys.isEmpty()) {
      output.line(what + ":");
      output.table(new Table(result.key(), keys.stream().map(RowKey::values).toList()));
    }
  }

  private void printDoubled(Output output) {
    if (!result.doubled().isEmpty()) {
      List<String> header =
          Stream.of(Stream.of("table"), result.key().stream(), Stream.of("rows"))
              .flatMap(names -> names)
              .toList();
      output.table(
          new Table(
              header,
              result.doubled().stream()
                  .map(
                      d ->
                          Stream.of(
                                  Stream.of(Optional.of(d.side())),
                                  d.key().values().stream(),
                                  Stream.of(Optional.of(Sizes.count(d.rows()))))
                              .flatMap(values -> values)
                              .toList())
                  .toList()));
    }
  }

  private String inWords() {
    if (result.counts().isEmpty()) {
      return result.reached() == Rung.SCHEMA
          ? "the columns are not the same; leave some out with --ignore-column, or name those to"
              + " compare with --measures"
          : "without a unique key rows cannot be told from each other; name more columns with --key";
    }
    RowCounts rows = result.counts().get();
    if (result.verdict().equals("INCONCLUSIVE")) {
      return "neither side holds a row";
    }
    return "%s rows equal, %s within tolerance, %s beyond, %s only in A, %s only in B"
        .formatted(
            Sizes.count(rows.equal()),
            Sizes.count(rows.within()),
            Sizes.count(rows.beyond()),
            Sizes.count(rows.onlyInControl()),
            Sizes.count(rows.onlyInTest()));
  }

  /** The result as one JSON document. */
  Map<String, Object> document() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("verdict", result.verdict());
    document.put("control", side(result.control()));
    document.put("test", side(result.test()));
    document.put("reached", result.reached().name().toLowerCase(Locale.ROOT));
    document.put("problems", result.problems());
    document.put("buckets", result.buckets());
    document.put("differing_buckets", result.differing());
    document.put("rows_read", result.rowsRead());
    result.counts().ifPresent(rows -> document.put("rows", rows(rows)));
    document.put("measures", result.measures().stream().map(ComparisonView::measure).toList());
    document.put("differences", result.largest().stream().map(this::difference).toList());
    document.put("only_in_control", result.onlyInControl().stream().map(this::key).toList());
    document.put("only_in_test", result.onlyInTest().stream().map(this::key).toList());
    document.put(
        "doubled_keys",
        result.doubled().stream()
            .map(
                d -> {
                  Map<String, Object> doubled = new LinkedHashMap<>();
                  doubled.put("table", d.side());
                  doubled.put("key", key(d.key()));
                  doubled.put("rows", d.rows());
                  return doubled;
                })
            .toList());
    return document;
  }

  private static Map<String, Object> side(Side side) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("table", side.name());
    document.put("read_as", side.what());
    document.put("rows", side.rows());
    document.put("doubled_keys", side.doubledKeys());
    return document;
  }

  private static Map<String, Object> rows(RowCounts rows) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("equal", rows.equal());
    document.put("within_tolerance", rows.within());
    document.put("beyond_tolerance", rows.beyond());
    document.put("only_in_control", rows.onlyInControl());
    document.put("only_in_test", rows.onlyInTest());
    return document;
  }

  private static Map<String, Object> measure(MeasureCounts counts) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("measure", counts.measure());
    document.put("tolerance", counts.tolerance());
    document.put("equal", counts.equal());
    document.put("within_tolerance", counts.within());
    document.put("beyond_tolerance", counts.beyond());
    return document;
  }

  private Map<String, Object> difference(ValueDifference d) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("key", key(d.key()));
    document.put("measure", d.measure());
    document.put("control", d.control().orElse(null));
    document.put("test", d.test().orElse(null));
    document.put("difference", d.difference().orElse(null));
    document.put("within_tolerance", d.withinTolerance());
    return document;
  }

  private Map<String, Object> key(RowKey key) {
    Map<String, Object> document = new LinkedHashMap<>();
    for (int i = 0; i < result.key().size(); i++) {
      document.put(result.key().get(i), key.values().get(i).orElse(null));
    }
    return document;
  }
}
