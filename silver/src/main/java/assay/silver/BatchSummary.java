package assay.silver;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import assay.core.AssayException;
import assay.core.contract.Contract;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What must be known of the rows of a micro-batch before they are judged, in one pass over them.
 *
 * @param lastOffsets by Kafka partition
 * @param failing rows that fail
 * @param firstDay the earliest day of the rows that do not fail; empty where none has a day
 * @param lastDay the latest of them
 * @param undated rows that do not fail, concern a key, and have no day
 * @param truncates that came among them, in their order
 * @param stopping rows that fail a rule that stops, by rule
 * @param warned rows that fail a rule that warns, by rule
 */
record BatchSummary(
    long rows,
    Map<Integer, Long> lastOffsets,
    long failing,
    Optional<LocalDate> firstDay,
    Optional<LocalDate> lastDay,
    long undated,
    List<Arrival> truncates,
    Map<String, Long> stopping,
    Map<String, Long> warned) {

  private static final String ROWS = "rows";
  private static final String LAST_OFFSET = "last_offset";
  private static final String FAILING = "failing";
  private static final String FIRST_DAY = "first_day";
  private static final String LAST_DAY = "last_day";
  private static final String UNDATED = "undated";
  private static final String TRUNCATES = "truncates";

  static BatchSummary of(Dataset<Row> parsed, Contract contract) {
    Column good = not(col(EventParser.FAILS));
    Column truncate = col(EventParser.OPERATION).equalTo(EventParser.TRUNCATE);
    Column day = when(good, col(EventParser.EVENT_DATE));
    StopRules rules = new StopRules(contract);
    List<Column> counts = new ArrayList<>(rules.counts());
    counts.addAll(
        List.of(
            max(col(EventParser.OFFSET)).as(LAST_OFFSET),
            count_if(col(EventParser.FAILS)).as(FAILING),
            min(day).as(FIRST_DAY),
            max(day).as(LAST_DAY),
            count_if(good.and(not(truncate)).and(col(EventParser.EVENT_DATE).isNull())).as(UNDATED),
            count_if(good.and(truncate)).as(TRUNCATES)));
    List<Row> parts =
        parsed
            .groupBy(col(EventParser.PARTITION))
            .agg(count(lit(1)).as(ROWS), counts.toArray(Column[]::new))
            .collectAsList();
    Map<Integer, Long> lastOffsets = new TreeMap<>();
    parts.forEach(
        part -> lastOffsets.put(part.getAs(EventParser.PARTITION), part.<Long>getAs(LAST_OFFSET)));
    return new BatchSummary(
        sum(parts, ROWS),
        lastOffsets,
        sum(parts, FAILING),
        day(parts, FIRST_DAY, BinaryOperator.minBy(Comparator.naturalOrder())),
        day(parts, LAST_DAY, BinaryOperator.maxBy(Comparator.naturalOrder())),
        sum(parts, UNDATED),
        sum(parts, TRUNCATES) == 0 ? List.of() : truncates(parsed),
        sum(parts, rules::stopping),
        sum(parts, rules::warnings));
  }

  /** The truncates among parsed rows, in the order of bronze. */
  static List<Arrival> truncates(Dataset<Row> parsed) {
    List<Arrival> arrivals = new ArrayList<>();
    parsed
        .where(
            not(col(EventParser.FAILS))
                .and(col(EventParser.OPERATION).equalTo(EventParser.TRUNCATE)))
        .select(EventParser.INGESTED_AT, EventParser.PARTITION, EventParser.OFFSET)
        .collectAsList()
        .forEach(
            row -> arrivals.add(new Arrival(row.getInstant(0), row.getInt(1), row.getLong(2))));
    return List.copyOf(arrivals);
  }

  /** What stops the stage before anything is written; empty where nothing does. */
  Optional<AssayException> stop(Contract contract, long batchId) {
    return new StopRules(contract).check(rows, stopping, batchId);
  }

  /** What is known of a run's outcome before its rows are judged. */
  SilverResult result(String domain) {
    return new SilverResult(domain, rows, 0, 0, 0, 0, truncates.size(), failing, warned, -1);
  }

  /** Rows that concern a key. */
  long keyed() {
    return rows - failing - truncates.size();
  }

  private static Map<String, Long> sum(List<Row> parts, Function<Row, Map<String, Long>> counts) {
    Map<String, Long> sums = new TreeMap<>();
    parts.forEach(
        part -> counts.apply(part).forEach((rule, rows) -> sums.merge(rule, rows, Long::sum)));
    return sums;
  }

  private static long sum(List<Row> parts, String column) {
    return parts.stream().mapToLong(part -> part.<Long>getAs(column)).sum();
  }

  private static Optional<LocalDate> day(
      List<Row> parts, String column, BinaryOperator<LocalDate> choose) {
    return parts.stream()
        .filter(part -> !part.isNullAt(part.fieldIndex(column)))
        .map(part -> part.<LocalDate>getAs(column))
        .reduce(choose);
  }
}
