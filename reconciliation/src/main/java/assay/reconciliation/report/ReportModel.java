package assay.reconciliation.report;

import assay.core.DayRange;
import assay.reconciliation.DrillDown.Explanation;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the tables of reconciliation say of some days: all that a report shows, whatever its format.
 *
 * @param metrics by name; each has evidence of at least one of the days
 * @param ledger a path each; empty where it has not been stored by offset range
 */
public record ReportModel(
    Instant createdAt, DayRange days, List<MetricsReport> metrics, List<LedgerPath> ledger) {
  /** Beside the causes: what no row explains. */
  static final String UNEXPLAINED = "unexplained";

  public ReportModel {
    metrics = List.copyOf(metrics);
    ledger = List.copyOf(ledger);
  }

  /** A sentence a metric set: how its days came out, and where all differences come from. */
  public List<String> summaries() {
    return metrics.stream().map(m -> m.name() + ": " + Words.summary(m, days)).toList();
  }

  /**
   * One metric set.
   *
   * @param days those that were compared, by day
   * @param differences by day and measure, where the sides differ
   * @param rowsByCause how many rows are in one side's number only, by cause; empty where the
   *     measures do not tell
   * @param drillDown over all of the days, the best explanation of each measure first
   * @param convergence a curve a measure; empty where it has not been computed
   * @param stages every change of its stage, oldest first
   */
  record MetricsReport(
      String domain,
      String name,
      List<DayReport> days,
      List<MeasureDifference> differences,
      Map<String, Long> rowsByCause,
      List<Explanation> drillDown,
      List<Curve> convergence,
      List<StageChange> stages) {
    MetricsReport {
      days = List.copyOf(days);
      differences = List.copyOf(differences);
      rowsByCause = Collections.unmodifiableMap(new LinkedHashMap<>(rowsByCause));
      drillDown = List.copyOf(drillDown);
      convergence = List.copyOf(convergence);
      stages = List.copyOf(stages);
    }

    Optional<DayReport> day(LocalDate day) {
      return days.stream().filter(d -> d.day().equals(day)).findFirst();
    }

    long daysWith(String... verdicts) {
      List<String> wanted = List.of(verdicts);
      return days.stream().filter(d -> wanted.contains(d.verdict())).count();
    }

    /** How many rows are in one side's number only, over all days. */
    long rows() {
      return days.stream().mapToLong(DayReport::rows).sum();
    }

    /** Those measures that differ on any day, in the contract's order. */
    List<String> measures() {
      return differences.stream().map(MeasureDifference::measure).distinct().toList();
    }

    /** The causes of all differences, in their order, {@link #UNEXPLAINED} last. */
    List<String> causes() {
      return Causes.inOrder(
          differences.stream().flatMap(d -> d.terms().keySet().stream()).distinct().toList());
    }
  }

  /**
   * The newest evidence of one day.
   *
   * @param verdict as in {@code reconciliation.evidence}
   * @param reason why no more can be said
   * @param rows in one side's number only
   * @param unexplained the sum over cells and measures, without sign
   * @param unaccounted rows of bronze without a disposition, or with two
   * @param cells the greatest differences; {@code differences} counts all of them
   */
  record DayReport(
      LocalDate day,
      String verdict,
      Optional<String> reason,
      long compared,
      long differing,
      long rows,
      BigDecimal unexplained,
      long unaccounted,
      String evidenceId,
      Instant reconciledAt,
      Versions versions,
      Reach reach,
      List<CellReport> cells,
      long differences) {
    DayReport {
      cells = List.copyOf(cells);
    }
  }

  /** The versions that were compared. */
  record Versions(long bronze, long silver, long gold, long live, String contractHash) {}

  /**
   * How far the comparison of a day went.
   *
   * @param rung the last of its steps
   * @param ended why it ended there, in a person's words
   * @param ignored measures of cells that differ and, as the contract says, do not count
   * @param fit whether no more cells differ than the contract bears
   */
  record Reach(Optional<String> rung, Optional<String> ended, long ignored, boolean fit) {}

  /**
   * How far test and control stand apart in one measure on one day, over all cells.
   *
   * @param additive whether the sum over cells is a difference of the day's total
   * @param difference test less control
   * @param terms by cause, {@link #UNEXPLAINED} too; none is zero
   */
  record MeasureDifference(
      LocalDate day,
      String measure,
      boolean additive,
      long cells,
      BigDecimal difference,
      Map<String, BigDecimal> terms) {
    MeasureDifference {
      terms = Collections.unmodifiableMap(new LinkedHashMap<>(terms));
    }
  }

  /** A dimension of a cell; the value may be NULL. */
  record Dimension(String name, Optional<String> value) {}

  /**
   * One measure of one cell.
   *
   * @param control of batch, as text; empty where it is NULL or batch has no such cell
   * @param test of live, the same
   * @param terms as in {@link MeasureDifference}
   */
  record CellReport(
      List<Dimension> dimensions,
      String measure,
      Optional<String> control,
      Optional<String> test,
      BigDecimal difference,
      Map<String, BigDecimal> terms,
      long rows,
      String verdict) {
    CellReport {
      dimensions = List.copyOf(dimensions);
      terms = Collections.unmodifiableMap(new LinkedHashMap<>(terms));
    }
  }

  /** How the live number of a measure neared the final one. */
  record Curve(String measure, List<Point> points) {
    Curve {
      points = List.copyOf(points);
    }
  }

  /**
   * So long after a window closed. Errors are relative to the final value.
   *
   * @param windows how many windows of cells had closed so long
   * @param half the median of the days' medians
   * @param nineTenths the median of the days' 90th percentiles
   * @param worst of all windows and days
   * @param exact the share of windows that showed their final value
   */
  record Point(
      int minutes, long windows, double half, double nineTenths, double worst, double exact) {}

  /**
   * One entry of {@code ops.stages}.
   *
   * @param canaryShare of consumers that read the stream, 0 to 1
   * @param evidence how many pieces of evidence it rests on
   */
  record StageChange(
      long number,
      String stage,
      double canaryShare,
      String who,
      String why,
      int evidence,
      Instant at) {}

  /**
   * Where every row of bronze that one path has read went, by partition.
   *
   * @param unaccounted rows that went nowhere, or, below zero, to two places
   */
  record LedgerPath(
      String domain,
      String path,
      long bronzeVersion,
      Instant at,
      long unaccounted,
      List<OffsetRange> ranges) {
    LedgerPath {
      ranges = List.copyOf(ranges);
    }

    long rows() {
      return ranges.stream().mapToLong(OffsetRange::rows).sum();
    }

    Map<String, Long> dispositions() {
      Map<String, Long> all = new LinkedHashMap<>();
      ranges.forEach(r -> r.dispositions().forEach((name, n) -> all.merge(name, n, Long::sum)));
      return all;
    }
  }

  /** Offsets of one partition, both inclusive. */
  record OffsetRange(
      int partition,
      long first,
      long last,
      long rows,
      Map<String, Long> dispositions,
      List<Gap> gaps) {
    OffsetRange {
      dispositions = Collections.unmodifiableMap(new LinkedHashMap<>(dispositions));
      gaps = List.copyOf(gaps);
    }
  }

  /** Offsets that no row of bronze has, both inclusive. */
  record Gap(long first, long last, String cause) {}
}
