package assay.reconciliation.report;

import static java.util.Comparator.naturalOrder;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import assay.core.AssayException;
import assay.core.DayRange;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.contract.Contract;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.reconciliation.DrillDown;
import assay.reconciliation.DrillDown.Explanation;
import assay.reconciliation.EvidenceTables;
import assay.reconciliation.report.ReportModel.DayReport;
import assay.reconciliation.report.ReportModel.MeasureDifference;
import assay.reconciliation.report.ReportModel.MetricsReport;
import assay.reconciliation.report.ReportModel.Reach;
import assay.reconciliation.report.ReportModel.Versions;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Reads a {@link ReportModel} from the tables of a lake. */
public final class ReportReader {
  private final SparkSession spark;
  private final Lake lake;
  private final List<MetricSet> contracts;
  private final Clock clock;
  private final EvidenceTables tables;

  /**
   * Reads from one lake.
   *
   * @param contracts tell the order of measures and which may be added up; metric sets that none
   *     has any more are reported all the same
   */
  public ReportReader(SparkSession spark, Lake lake, List<Contract> contracts, Clock clock) {
    this.spark = spark;
    this.lake = lake;
    this.contracts = contracts.stream().flatMap(c -> c.metrics().stream()).toList();
    this.clock = clock;
    this.tables = new EvidenceTables(spark, lake);
  }

  /**
   * Reads the newest evidence of each day, and all that belongs to it.
   *
   * @throws AssayException with {@code INCONCLUSIVE} where nothing was compared of what is asked
   *     for
   */
  public ReportModel read(ReportRequest request) {
    if (!tables.evidence().exists()) {
      throw nothing("nothing has been compared in " + lake.root() + " yet");
    }
    Dataset<Row> evidence = tables.evidence().read();
    // In groups: without them Delta answers from its log, and fails at dates of java.time.
    List<Row> known =
        evidence
            .groupBy("domain", "metrics")
            .agg(min("day").as("first"), max("day").as("last"))
            .orderBy("metrics")
            .collectAsList();
    List<Row> wanted = known.stream().filter(row -> isWanted(row, request)).toList();
    if (wanted.isEmpty()) {
      throw nothing(
          "nothing has been compared of what is asked for; there is evidence of "
              + known.stream()
                  .map(row -> row.<String>getAs("metrics"))
                  .collect(Collectors.joining(", ")));
    }
    LocalDate newest =
        wanted.stream().map(row -> day(row, "last")).max(naturalOrder()).orElseThrow();
    DayRange days =
        request
            .day()
            .map(day -> new DayRange(day, day))
            .orElseGet(() -> new DayRange(newest.minusDays(request.last() - 1L), newest));
    List<Row> newestOfDays =
        newestOf(
            evidence.where(
                col("metrics")
                    .isin(wanted.stream().map(row -> row.<String>getAs("metrics")).toArray())),
            days);
    if (newestOfDays.isEmpty()) {
      LocalDate oldest =
          wanted.stream().map(row -> day(row, "first")).min(naturalOrder()).orElseThrow();
      throw nothing(
          "%s has not been compared; there is evidence from %s to %s"
              .formatted(days, oldest, newest));
    }
    // Days before the first that was ever compared say nothing.
    DayRange shown =
        request.day().isPresent() ? days : new DayRange(day(newestOfDays.get(0), "day"), newest);
    return new ReportModel(
        clock.instant().truncatedTo(ChronoUnit.SECONDS),
        shown,
        metricsOf(newestOfDays),
        new LedgerReader(spark, lake)
            .read(namesOf(newestOfDays, "domain"), namesOf(newestOfDays, "metrics")));
  }

  private static boolean isWanted(Row known, ReportRequest request) {
    return (request.domains().isEmpty()
            || request.domains().contains(known.<String>getAs("domain")))
        && (request.metrics().isEmpty()
            || request.metrics().contains(known.<String>getAs("metrics")));
  }

  private static LocalDate day(Row row, String column) {
    return row.getAs(column);
  }

  private static Set<String> namesOf(List<Row> evidence, String column) {
    return evidence.stream().map(row -> row.<String>getAs(column)).collect(Collectors.toSet());
  }

  private static AssayException nothing(String message) {
    return new AssayException(
        ErrorCode.INCONCLUSIVE, message, "run 'assay reconcile' for these days first");
  }

  /** By day. */
  private static List<Row> newestOf(Dataset<Row> evidence, DayRange days) {
    return EvidenceTables.newest(evidence.where(col("day").between(days.first(), days.last())))
        .orderBy("day", "metrics")
        .collectAsList();
  }

  private List<MetricsReport> metricsOf(List<Row> evidence) {
    List<Row> differing = evidence.stream().filter(ReportReader::differs).toList();
    DifferenceReader differences = new DifferenceReader(tables, idsOf(differing));
    if (!differing.isEmpty()) {
      differences.read();
    }
    List<Explanation> drillDown = drillDown(differing);
    HistoryReader history = new HistoryReader(spark, lake);
    Map<String, List<ReportModel.Curve>> curves = history.convergence(idsOf(evidence));
    Map<String, List<ReportModel.StageChange>> stages = history.stages();
    Map<String, List<Row>> byMetrics = new TreeMap<>();
    evidence.forEach(
        row ->
            byMetrics
                .computeIfAbsent(row.<String>getAs("metrics"), name -> new ArrayList<>())
                .add(row));
    List<MetricsReport> all = new ArrayList<>();
    byMetrics.forEach(
        (name, rows) -> {
          List<MeasureDifference> ofMeasures = measuresOf(name, rows, differences);
          all.add(
              new MetricsReport(
                  rows.get(0).getAs("domain"),
                  name,
                  rows.stream().map(row -> dayOf(row, differences)).toList(),
                  ofMeasures,
                  rowsByCause(name, ofMeasures, rows, differences),
                  inOrder(name, drillDown),
                  curves.getOrDefault(name, List.of()),
                  stages.getOrDefault(name, List.of())));
        });
    return all;
  }

  private List<Explanation> drillDown(List<Row> differing) {
    return differing.isEmpty()
        ? List.of()
        : DrillDown.over(
            spark,
            tables,
            differing.stream().map(row -> row.<String>getAs(EvidenceTables.EVIDENCE_ID)).toList());
  }

  private static boolean differs(Row evidence) {
    return evidence.<Long>getAs("differing") > 0
        || ReportReader.<Long>added(evidence, "ignored").orElse(0L) > 0;
  }

  private Dataset<Row> idsOf(List<Row> evidence) {
    StructType schema =
        new StructType()
            .add(EvidenceTables.EVIDENCE_ID, DataTypes.StringType)
            .add("limit", DataTypes.IntegerType);
    List<Row> rows =
        evidence.stream()
            .map(
                row ->
                    RowFactory.create(
                        row.getAs(EvidenceTables.EVIDENCE_ID),
                        DifferenceReader.cellsShown(row.getAs("verdict"))))
            .toList();
    return broadcast(spark.createDataFrame(rows, schema));
  }

  private static DayReport dayOf(Row row, DifferenceReader differences) {
    String id = row.getAs(EvidenceTables.EVIDENCE_ID);
    return new DayReport(
        row.getAs("day"),
        row.getAs("verdict"),
        Optional.ofNullable(row.getAs("reason")),
        row.<Long>getAs("cells"),
        row.<Long>getAs("differing"),
        differences.rows(id),
        row.<BigDecimal>getAs("unexplained").stripTrailingZeros(),
        row.<Long>getAs("unaccounted"),
        id,
        row.getAs("reconciled_at"),
        new Versions(
            row.<Long>getAs("bronze_version"),
            row.<Long>getAs("silver_version"),
            row.<Long>getAs("gold_version"),
            row.<Long>getAs("live_version"),
            row.getAs("contract_hash")),
        new Reach(
            ReportReader.<String>added(row, "rung"),
            ReportReader.<String>added(row, "ended"),
            ReportReader.<Long>added(row, "ignored").orElse(0L),
            ReportReader.<Boolean>added(row, "fit").orElse(true)),
        differences.cells(id),
        differences.differences(id));
  }

  /** A column that older evidence does not have. */
  private static <T> Optional<T> added(Row row, String column) {
    boolean there = Arrays.asList(row.schema().fieldNames()).contains(column);
    return there ? Optional.ofNullable(row.<T>getAs(column)) : Optional.empty();
  }

  private List<MeasureDifference> measuresOf(
      String metrics, List<Row> evidence, DifferenceReader differences) {
    List<String> order = measureNames(metrics);
    List<MeasureDifference> all = new ArrayList<>();
    for (Row row : evidence) {
      LocalDate day = row.getAs("day");
      List<DifferenceReader.OfMeasure> found =
          differences.measures(row.getAs(EvidenceTables.EVIDENCE_ID));
      for (DifferenceReader.OfMeasure one : found) {
        boolean additive = measure(metrics, one.measure()).map(Measure::additive).orElse(true);
        all.add(
            new MeasureDifference(
                day, one.measure(), additive, one.cells(), one.difference(), one.terms()));
      }
    }
    // By measure first: the page shows one at a time.
    all.sort(
        Comparator.comparingInt((MeasureDifference d) -> place(order, d.measure()))
            .thenComparing(MeasureDifference::measure)
            .thenComparing(MeasureDifference::day));
    return all;
  }

  /** A count of all rows tells how many rows each cause has, unless they outweigh one another. */
  private Map<String, Long> rowsByCause(
      String metrics,
      List<MeasureDifference> ofMeasures,
      List<Row> evidence,
      DifferenceReader differences) {
    Optional<String> counts =
        ofMeasures.stream()
            .map(MeasureDifference::measure)
            .distinct()
            .filter(
                name ->
                    measure(metrics, name)
                        .filter(m -> m instanceof Measure.Count c && c.argument().isEmpty())
                        .isPresent())
            .findFirst();
    if (counts.isEmpty()) {
      return Map.of();
    }
    Map<String, Long> rows = new LinkedHashMap<>();
    long all = 0;
    for (Row row : evidence) {
      String id = row.getAs(EvidenceTables.EVIDENCE_ID);
      all += differences.rows(id);
      differences.sizes(id, counts.get()).forEach((cause, n) -> rows.merge(cause, n, Long::sum));
    }
    long told = rows.values().stream().mapToLong(Long::longValue).sum();
    if (told < all) {
      return Map.of();
    }
    Map<String, Long> ordered = new LinkedHashMap<>();
    Causes.inOrder(List.copyOf(rows.keySet())).forEach(c -> ordered.put(c, rows.get(c)));
    return ordered;
  }

  private List<Explanation> inOrder(String metrics, List<Explanation> all) {
    List<String> order = measureNames(metrics);
    return all.stream()
        .filter(e -> e.metrics().equals(metrics))
        .sorted(Comparator.comparingInt(e -> place(order, e.measure())))
        .toList();
  }

  private List<String> measureNames(String metrics) {
    return contracts.stream()
        .filter(m -> m.name().equals(metrics))
        .flatMap(m -> m.measures().stream())
        .map(Measure::name)
        .toList();
  }

  private static int place(List<String> order, String measure) {
    int place = order.indexOf(measure);
    return place < 0 ? order.size() : place;
  }

  private Optional<Measure> measure(String metrics, String name) {
    return contracts.stream()
        .filter(m -> m.name().equals(metrics))
        .flatMap(m -> m.measures().stream())
        .filter(m -> m.name().equals(name))
        .findFirst();
  }
}
