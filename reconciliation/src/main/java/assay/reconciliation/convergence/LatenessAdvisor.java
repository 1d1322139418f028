package assay.reconciliation.convergence;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.TableFiles;
import assay.core.TableSize;
import assay.core.contract.Contract;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.gold.Gold;
import assay.reconciliation.convergence.LatenessAdvice.Candidate;
import assay.reconciliation.convergence.LatenessAdvice.Cost;
import assay.reconciliation.convergence.LatenessAdvice.Curve;
import assay.reconciliation.convergence.LatenessAdvice.Point;
import assay.reconciliation.convergence.LatenessAdvice.Touched;
import assay.silver.EventParser;
import assay.silver.Silver;
import assay.views.live.BronzeReads;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Says what another allowed lateness would win and cost. How late a row came is a function of
 * bronze alone: the highest event time in the bronze micro-batches before its own, less its own
 * event time; under any allowed lateness it is late where it came later than that.
 */
public final class LatenessAdvisor {
  private static final String AT = "_at";
  private static final String LATE = "_late_";
  private static final String ALL = "_all_";

  /** The most that one fingerprint takes, in bytes, and the place of the row that stands. */
  private static final long FINGERPRINT_BYTES = 96;

  private static final long STANDING_BYTES = 112;

  private static final List<Duration> ALWAYS =
      List.of(Duration.ofHours(1), Duration.ofHours(12), Duration.ofHours(24));

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;

  public LatenessAdvisor(SparkSession spark, Lake lake, Contract contract) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
  }

  /**
   * Advises.
   *
   * @param last how many days, back from the newest that there is evidence of; one or more
   * @param evidence of the domain's metric sets, by name: ids by day
   * @throws AssayException with {@code INCONCLUSIVE} where no evidence tells how a day became final
   */
  public LatenessAdvice advise(int last, Map<String, Map<LocalDate, String>> evidence) {
    List<MetricSet> chosen =
        contract.liveMetrics().stream().filter(m -> evidence.containsKey(m.name())).toList();
    LocalDate to =
        evidence.values().stream()
            .flatMap(days -> days.keySet().stream())
            .max(LocalDate::compareTo)
            .orElseThrow(this::noEvidence);
    LocalDate earliest = to.minusDays(last - 1L);
    List<Curve> curves = new ArrayList<>();
    Set<LocalDate> days = new TreeSet<>();
    for (MetricSet metrics : chosen) {
      Map<LocalDate, String> ids = new LinkedHashMap<>(evidence.get(metrics.name()));
      ids.keySet().removeIf(day -> day.isBefore(earliest));
      curves.addAll(curves(metrics, ids, days));
    }
    if (curves.isEmpty()) {
      throw noEvidence();
    }
    List<Duration> latenesses = latenesses();
    Rows rows = rows(days, latenesses);
    List<Candidate> candidates = candidates(rows, latenesses, chosen, days);
    return new LatenessAdvice(
        contract.domain(),
        contract.allowedLateness(),
        days.stream().min(LocalDate::compareTo).orElseThrow(),
        days.stream().max(LocalDate::compareTo).orElseThrow(),
        rows.count(),
        curves,
        candidates,
        candidates.stream()
            .filter(c -> c.late() <= LatenessAdvice.LEFT * rows.count())
            .map(Candidate::lateness)
            .findFirst());
  }

  private AssayException noEvidence() {
    return new AssayException(
        ErrorCode.INCONCLUSIVE,
        "no evidence tells how a day of " + contract.domain() + " became final",
        "run 'assay reconcile' when a day is over and both paths have read it");
  }

  /** Adds the days that it found to {@code found}. */
  private List<Curve> curves(MetricSet metrics, Map<LocalDate, String> ids, Set<LocalDate> found) {
    ConvergenceTable table = new ConvergenceTable(spark, lake);
    if (ids.isEmpty() || !table.exists()) {
      return List.of();
    }
    List<Row> rows = table.of(ids.values()).orderBy(ConvergenceTable.MINUTES).collectAsList();
    rows.forEach(row -> found.add(row.getAs(ConvergenceTable.DAY)));
    Map<String, List<Row>> byMeasure =
        rows.stream().collect(Collectors.groupingBy(row -> row.getAs(ConvergenceTable.MEASURE)));
    return metrics.measures().stream()
        .map(Measure::name)
        .filter(byMeasure::containsKey)
        .map(measure -> new Curve(metrics.name(), measure, points(byMeasure.get(measure))))
        .toList();
  }

  /**
   * Days put together.
   *
   * @param rows of one measure, by age
   */
  private static List<Point> points(List<Row> rows) {
    Map<Integer, List<Row>> byAge =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    row -> row.<Integer>getAs(ConvergenceTable.MINUTES),
                    LinkedHashMap::new,
                    Collectors.toList()));
    List<Point> points = new ArrayList<>();
    byAge.forEach(
        (minutes, ofAge) -> {
          long windows =
              ofAge.stream().mapToLong(r -> r.<Long>getAs(ConvergenceTable.WINDOWS)).sum();
          points.add(
              new Point(
                  minutes,
                  windows,
                  weighed(ofAge, ConvergenceTable.EXACT_SHARE) / windows,
                  weighed(ofAge, ConvergenceTable.SETTLED_SHARE) / windows,
                  worst(ofAge, ConvergenceTable.ERROR_P90),
                  worst(ofAge, ConvergenceTable.ERROR_MAX)));
        });
    return points;
  }

  private static double weighed(List<Row> rows, String share) {
    return rows.stream()
        .mapToDouble(r -> r.<Double>getAs(share) * r.<Long>getAs(ConvergenceTable.WINDOWS))
        .sum();
  }

  private static double worst(List<Row> rows, String error) {
    return rows.stream().mapToDouble(r -> r.<Double>getAs(error)).max().orElse(0);
  }

  /**
   * Rows of silver that the stream has read, with {@link BronzeReads#CLOCK}.
   *
   * @param span of time of ingest, from the first to the last
   * @param late how many would be, by allowed lateness in the order asked for
   */
  private record Rows(Dataset<Row> withClock, long count, Duration span, List<Long> late) {}

  private Rows rows(Set<LocalDate> days, List<Duration> latenesses) {
    LakeTable table = new Silver(spark, lake, contract).table();
    Dataset<Row> silver =
        table.readAt(table.version()).where(col(EventParser.EVENT_DATE).isin(days.toArray()));
    LiveTables live = new LiveTables(spark, lake, contract);
    OptionalLong lastBatch = live.lastBatch();
    Instant from = silver.agg(min(col(EventParser.INGESTED_AT))).head().getInstant(0);
    Dataset<Row> withClock =
        silver.join(
            broadcast(live.reads().clock(lastBatch, from == null ? Instant.EPOCH : from)),
            EventParser.INGESTED_AT);
    Column at = col(EventParser.INGESTED_AT);
    List<Column> counts = new ArrayList<>(List.of(min(at), max(at)));
    latenesses.forEach(l -> counts.add(count_if(isLate(l))));
    Row all = withClock.agg(count(lit(1)), counts.toArray(Column[]::new)).head();
    Duration span =
        all.getLong(0) == 0
            ? Duration.ZERO
            : Duration.between(all.getInstant(1), all.getInstant(2));
    List<Long> late =
        IntStream.range(0, latenesses.size()).mapToObj(i -> all.getLong(i + 3)).toList();
    return new Rows(withClock, all.getLong(0), span, late);
  }

  /** Half of today's, today's, twice, four times, and some that are always asked about. */
  private List<Duration> latenesses() {
    Duration current = contract.allowedLateness();
    return Stream.concat(
            Stream.of(
                Duration.ofSeconds(current.toSeconds() / 2),
                current,
                current.multipliedBy(2),
                current.multipliedBy(4)),
            ALWAYS.stream())
        .distinct()
        .sorted()
        .toList();
  }

  private List<Candidate> candidates(
      Rows rows, List<Duration> latenesses, List<MetricSet> metrics, Set<LocalDate> days) {
    Map<MetricSet, Row> touched = new LinkedHashMap<>();
    Map<MetricSet, TableSize> partials = new LinkedHashMap<>();
    for (MetricSet one : metrics) {
      touched.put(one, touched(rows.withClock(), one, latenesses));
      partials.put(one, partials(one, days));
    }
    int today = latenesses.indexOf(contract.allowedLateness());
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < latenesses.size(); i++) {
      int place = i;
      long won = rows.late().get(today) - rows.late().get(i);
      candidates.add(
          new Candidate(
              latenesses.get(i),
              rows.late().get(i),
              metrics.stream().map(m -> touched(m, touched.get(m), place)).toList(),
              cost(latenesses.get(i), won, rows.span(), touched, partials, today, place)));
    }
    return candidates;
  }

  private Column isLate(Duration lateness) {
    Column watermark =
        col(BronzeReads.CLOCK).minus(expr("INTERVAL '" + lateness.toSeconds() + "' SECOND"));
    return coalesce(col(contract.eventTime()).lt(watermark), lit(false));
  }

  /** For each candidate the rows and cells that it touches, and what of each sum. */
  private Row touched(Dataset<Row> rows, MetricSet metrics, List<Duration> latenesses) {
    List<Measure> sums = metrics.measures().stream().filter(Measure::additive).toList();
    List<Column> ofCell = new ArrayList<>();
    List<Column> ofAll = new ArrayList<>();
    for (Measure measure : sums) {
      Column amount = amount(measure);
      ofCell.add(sum(amount).as(ALL + measure.name()));
      ofAll.add(sum(col(ALL + measure.name())).as(ALL + measure.name()));
    }
    for (int i = 0; i < latenesses.size(); i++) {
      Column late = isLate(latenesses.get(i));
      ofCell.add(count_if(late).as(LATE + i));
      ofAll.add(sum(col(LATE + i)).as(LATE + i));
      ofAll.add(count_if(col(LATE + i).gt(0)).as(AT + i));
      for (Measure measure : sums) {
        ofCell.add(sum(when(late, amount(measure))).as(LATE + i + measure.name()));
        ofAll.add(sum(col(LATE + i + measure.name())).as(LATE + i + measure.name()));
      }
    }
    Column[] grain = Gold.grain(metrics).stream().map(functions::col).toArray(Column[]::new);
    return metrics
        .filter()
        .passing(rows)
        .groupBy(grain)
        .agg(ofCell.get(0), ofCell.subList(1, ofCell.size()).toArray(Column[]::new))
        .agg(count(lit(1)).as(ALL), ofAll.toArray(Column[]::new))
        .head();
  }

  private static Column amount(Measure measure) {
    return abs(expr("CAST((" + measure.rowSql() + ") AS DOUBLE)"));
  }

  private static Touched touched(MetricSet metrics, Row row, int place) {
    Map<String, Double> missing = new LinkedHashMap<>();
    for (Measure measure : metrics.measures()) {
      if (measure.additive()) {
        double all = orZero(row, ALL + measure.name());
        double late = orZero(row, LATE + place + measure.name());
        missing.put(measure.name(), all > 0 ? late / all : 0);
      }
    }
    return new Touched(metrics.name(), row.<Long>getAs(ALL), row.<Long>getAs(AT + place), missing);
  }

  private static double orZero(Row row, String column) {
    Double value = row.getAs(column);
    return value == null ? 0 : value;
  }

  private TableSize partials(MetricSet metrics, Set<LocalDate> days) {
    LakeTable table = new LiveView(spark, lake, contract, metrics).table();
    Set<String> names = days.stream().map(LocalDate::toString).collect(Collectors.toSet());
    return new TableFiles(spark, table.path()).size(table.version(), EventParser.EVENT_DATE, names);
  }

  /**
   * What a candidate costs.
   *
   * @param won rows that would count and do not today
   */
  private Cost cost(
      Duration lateness,
      long won,
      Duration span,
      Map<MetricSet, Row> touched,
      Map<MetricSet, TableSize> partials,
      int today,
      int place) {
    long partialRows = 0;
    double partialBytes = 0;
    for (Map.Entry<MetricSet, Row> entry : touched.entrySet()) {
      // A row that counts is a row of partials, unless another of its cell came with it.
      long more = rowsLate(entry.getValue(), today) - rowsLate(entry.getValue(), place);
      TableSize size = partials.get(entry.getKey());
      partialRows += more;
      partialBytes += size.rows() == 0 ? 0 : more * ((double) size.bytes() / size.rows());
    }
    Duration within = contract.dedupWithin();
    double share = span.compareTo(within) <= 0 ? 1 : (double) within.toSeconds() / span.toSeconds();
    long lookBack = within.isZero() ? 0 : (long) Math.ceil(won * share);
    Duration grace = contract.grace();
    return new Cost(
        lateness.minus(contract.allowedLateness()),
        lateness.compareTo(grace) > 0 ? lateness.minus(grace) : Duration.ZERO,
        partialRows,
        Math.round(partialBytes),
        lookBack,
        lookBack * (FINGERPRINT_BYTES + (contract.adjusts() ? STANDING_BYTES : 0)));
  }

  private static long rowsLate(Row row, int place) {
    Long rows = row.getAs(LATE + place);
    return rows == null ? 0 : rows;
  }
}
