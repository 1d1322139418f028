package assay.reconciliation;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_if;

import assay.core.contract.MetricSet;
import assay.gold.Gold;
import assay.reconciliation.CellJoin.DayCount;
import assay.silver.EventParser;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Compares the cells of a metric set, from cheap to dear: a day goes no further than its outcome
 * asks for, and rows are read of no cell on which both sides agree.
 */
final class Ladder implements AutoCloseable {
  private final MetricSet metrics;
  private final CellJoin join;
  private final Attribution attribution;
  private final CellComparison comparison;
  private final Dataset<Row> control;
  private final Dataset<Row> test;
  private final Dataset<Row> silver;
  private final Dataset<Row> differences;
  private final List<Dataset<Row>> kept = new ArrayList<>();

  /**
   * A comparison of whole days.
   *
   * @param control cells of gold
   * @param test cells of the live view
   * @param silver the rows that {@code control} was computed from
   * @param differences see {@link RowDifferences}
   */
  Ladder(
      MetricSet metrics,
      Attribution attribution,
      CellComparison comparison,
      Dataset<Row> control,
      Dataset<Row> test,
      Dataset<Row> silver,
      Dataset<Row> differences) {
    this.metrics = metrics;
    this.join = new CellJoin(metrics);
    this.attribution = attribution;
    this.comparison = comparison;
    this.control = control;
    this.test = test;
    this.silver = silver;
    this.differences = differences.persist(StorageLevel.MEMORY_AND_DISK());
    this.kept.add(this.differences);
  }

  /**
   * Where a day's comparison ended.
   *
   * @param count before any difference was looked into
   * @param why in a person's words
   */
  record Outcome(Rung rung, String why, DayCount count, DayTally tally) {}

  /**
   * What the comparison came to.
   *
   * @param judged see {@link CellComparison#judge}: the cells that were looked into; empty where
   *     none was
   */
  record Result(Map<LocalDate, Outcome> days, Optional<Dataset<Row>> judged) {}

  /** Rows that one side alone counts; they are read once. */
  Dataset<Row> differences() {
    return differences;
  }

  /** Why the two sides' columns cannot be compared; empty where they can. */
  Optional<String> otherSchema() {
    List<String> names =
        Stream.concat(Gold.grain(metrics).stream(), metrics.measures().stream().map(m -> m.name()))
            .toList();
    for (String name : names) {
      Optional<DataType> ofControl = type(control.schema(), name);
      Optional<DataType> ofTest = type(test.schema(), name);
      if (ofControl.isEmpty() || ofTest.isEmpty()) {
        return Optional.of(
            "%s has no column %s".formatted(ofControl.isEmpty() ? "gold" : "the live view", name));
      }
      boolean comparable =
          ofControl.get().equals(ofTest.get())
              || (ofControl.get() instanceof NumericType && ofTest.get() instanceof NumericType);
      if (!comparable) {
        return Optional.of(
            "%s is a %s in gold and a %s in the live view"
                .formatted(name, ofControl.get().simpleString(), ofTest.get().simpleString()));
      }
    }
    return Optional.empty();
  }

  private static Optional<DataType> type(StructType schema, String name) {
    return Arrays.stream(schema.fields())
        .filter(field -> field.name().equals(name))
        .map(field -> field.dataType())
        .findFirst();
  }

  /** Climbs, once {@link #otherSchema} has found nothing. */
  Result climb() {
    StructType types = control.schema();
    Map<LocalDate, Set<Cause>> causes = causesByDay();
    Dataset<Row> joined = join.join(control, test);
    Map<LocalDate, DayCount> counts = new TreeMap<>(join.countByDay(joined, types));
    causes.keySet().forEach(day -> counts.putIfAbsent(day, DayCount.NONE));
    Map<LocalDate, Outcome> days = new TreeMap<>();
    Set<LocalDate> open = new TreeSet<>();
    counts.forEach(
        (day, count) -> {
          Optional<Outcome> ended = endedEarly(count, causes.containsKey(day));
          ended.ifPresentOrElse(outcome -> days.put(day, outcome), () -> open.add(day));
        });
    if (open.isEmpty()) {
      return new Result(days, Optional.empty());
    }
    Dataset<Row> judged = judge(joined, open, causes, types, counts, days);
    return new Result(days, Optional.of(judged));
  }

  private static Optional<Outcome> endedEarly(DayCount count, boolean rows) {
    if (count.controlTwice() + count.testTwice() > 0) {
      String why =
          "gold has %,d cells twice, the live view %,d"
              .formatted(count.controlTwice(), count.testTwice());
      return Optional.of(new Outcome(Rung.KEYS, why, count, DayTally.NONE));
    }
    return count.differing() == 0 && !rows
        ? Optional.of(
            new Outcome(
                Rung.MEASURES,
                "all measures of %,d cells are the same, made of the same rows"
                    .formatted(count.cells()),
                count,
                DayTally.NONE))
        : Optional.empty();
  }

  private Dataset<Row> judge(
      Dataset<Row> joined,
      Set<LocalDate> open,
      Map<LocalDate, Set<Cause>> causes,
      StructType types,
      Map<LocalDate, DayCount> counts,
      Map<LocalDate, Outcome> days) {
    List<String> grain = Gold.grain(metrics);
    Column isOpen = col(EventParser.EVENT_DATE).isin(open.toArray());
    Dataset<Row> rows = differences.where(isOpen);
    Dataset<Row> asked =
        keep(
            CellJoin.onGrain(grain, joined.where(isOpen), attribution.sums(rows), "full_outer")
                .where(col(Attribution.ROWS).isNotNull().or(join.differs(types))));
    Column needed = attribution.needsRows(types);
    Map<LocalDate, Long> read = new HashMap<>();
    asked
        .groupBy(col(EventParser.EVENT_DATE))
        .agg(count_if(needed))
        .collectAsList()
        .forEach(row -> read.put(row.getLocalDate(0), row.getLong(1)));
    Dataset<Row> explained = asked;
    if (read.values().stream().anyMatch(cells -> cells > 0)) {
      Dataset<Row> affected = asked.where(needed).select(CellJoin.grainColumns(grain));
      List<Cause> inOrder = inOrder(open, causes);
      explained =
          CellJoin.onGrain(
              grain,
              asked,
              attribution.steps(silver.where(isOpen), rows, affected, inOrder),
              "left_outer");
    }
    Dataset<Row> judged = keep(comparison.judge(explained, types));
    Map<LocalDate, DayTally> tallies = DayTally.byDay(judged, metrics);
    for (LocalDate day : open) {
      DayTally tally = tallies.getOrDefault(day, DayTally.NONE);
      long cellsRead = read.getOrDefault(day, 0L);
      Rung rung = cellsRead > 0 ? Rung.ROWS : Rung.ATTRIBUTION;
      days.put(
          day, new Outcome(rung, why(counts.get(day), tally, cellsRead), counts.get(day), tally));
    }
    return judged;
  }

  private static String why(DayCount count, DayTally tally, long cellsRead) {
    String sides =
        count.control() == count.test()
            ? ""
            : "gold has %,d cells, the live view %,d; ".formatted(count.control(), count.test());
    String how =
        cellsRead > 0
            ? "the rows of %,d cells, and those counted by one side alone,".formatted(cellsRead)
            : "the rows counted by one side alone";
    return tally.diverged() > 0
        ? sides + how + " leave a difference in %,d cells".formatted(tally.diverged())
        : sides + how + " make up all differences";
  }

  private static List<Cause> inOrder(
      Collection<LocalDate> open, Map<LocalDate, Set<Cause>> causes) {
    Set<Cause> found = new TreeSet<>();
    open.forEach(day -> found.addAll(causes.getOrDefault(day, Set.of())));
    return List.copyOf(found);
  }

  private Map<LocalDate, Set<Cause>> causesByDay() {
    Map<LocalDate, Set<Cause>> causes = new TreeMap<>();
    differences
        .select(col(EventParser.EVENT_DATE), col(RowDifferences.CAUSE))
        .distinct()
        .collectAsList()
        .forEach(
            row ->
                causes
                    .computeIfAbsent(row.getLocalDate(0), day -> new TreeSet<>())
                    .add(Cause.of(row.getString(1))));
    return causes;
  }

  private Dataset<Row> keep(Dataset<Row> rows) {
    Dataset<Row> persisted = rows.persist(StorageLevel.MEMORY_AND_DISK());
    kept.add(persisted);
    return persisted;
  }

  @Override
  public void close() {
    kept.forEach(Dataset::unpersist);
  }
}
