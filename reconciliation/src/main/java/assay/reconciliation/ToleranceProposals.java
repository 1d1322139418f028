package assay.reconciliation;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;

import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.contract.Tolerance;
import assay.reconciliation.Calibration.ProposedTolerance;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Which tolerances the days that are proven would have asked for. Of each day the newest evidence
 * speaks, and none with anything unexplained: that no tolerance bears.
 */
record ToleranceProposals(EvidenceTables tables, MetricSet metrics) {
  private static final BigDecimal ONE_PERCENT = new BigDecimal("0.01");
  private static final String SHARE = "__share";
  private static final String DISTANCE = "__distance";

  /** One for each measure, in the order of the contract; none where no day is proven. */
  List<ProposedTolerance> propose() {
    List<DayEvidence> proven =
        tables.newestByDay(metrics.name()).stream()
            .filter(day -> Verdict.isGreen(day.verdict()))
            .toList();
    if (proven.isEmpty()) {
      return List.of();
    }
    BigDecimal but = metrics.alertAbove().orElse(ONE_PERCENT);
    long cells = proven.stream().mapToLong(DayEvidence::cells).sum();
    long borne = but.multiply(BigDecimal.valueOf(cells)).longValue();
    Dataset<Row> differing = differing(proven);
    Map<String, Row> largest = new HashMap<>();
    differing
        .groupBy(col("measure"))
        .agg(count(lit(1)), max(col(DISTANCE)), max(col(SHARE)))
        .collectAsList()
        .forEach(row -> largest.put(row.getString(0), row));
    Map<String, Double> shares = sharesBehind(differing, largest, borne);
    List<ProposedTolerance> proposals = new ArrayList<>();
    for (Measure measure : metrics.measures()) {
      Optional<Row> row = Optional.ofNullable(largest.get(measure.name()));
      proposals.add(
          new ProposedTolerance(
              metrics.name(),
              measure.name(),
              Optional.ofNullable(metrics.tolerances().get(measure.name()))
                  .map(ToleranceProposals::text),
              proven.size(),
              row.map(r -> r.getLong(1)).orElse(0L),
              row.map(r -> r.getDecimal(2).stripTrailingZeros()).orElse(BigDecimal.ZERO),
              row.map(r -> r.isNullAt(3) ? 0 : r.getDouble(3)).orElse(0.0),
              roundedUp(shares.getOrDefault(measure.name(), 0.0)),
              but));
    }
    return proposals;
  }

  private Dataset<Row> differing(List<DayEvidence> proven) {
    Column control = abs(col("control").try_cast("double"));
    Column test = abs(col("test").try_cast("double"));
    Column size = greatest(coalesce(control, lit(0.0)), coalesce(test, lit(0.0)));
    return tables
        .cells()
        .read()
        .where(
            col(EvidenceTables.EVIDENCE_ID)
                .isin(proven.stream().map(DayEvidence::evidenceId).toArray()))
        .where(not(col("verdict").equalTo(CellComparison.IGNORED)))
        .withColumn("__size", size)
        .select(
            col("measure"),
            abs(col("difference")).as(DISTANCE),
            expr("try_divide(abs(CAST(difference AS DOUBLE)), __size)").as(SHARE));
  }

  /**
   * The share that a measure's differences do not exceed in all cells but {@code borne}; a measure
   * that differs in no more cells than those is left out.
   */
  private static Map<String, Double> sharesBehind(
      Dataset<Row> differing, Map<String, Row> largest, long borne) {
    Map<String, Double> shares = new HashMap<>();
    largest.forEach(
        (measure, row) -> {
          long cells = row.getLong(1);
          if (cells > borne) {
            Row share =
                differing
                    .where(col("measure").equalTo(measure))
                    .agg(
                        expr(
                            "percentile_disc(%sD) WITHIN GROUP (ORDER BY %s)"
                                .formatted((double) (cells - borne) / cells, SHARE)))
                    .head();
            shares.put(measure, share.isNullAt(0) ? 0 : share.getDouble(0));
          }
        });
    return shares;
  }

  /** The next of 1, 2 and 5 of any power of ten, as the contract writes it. */
  static String roundedUp(double share) {
    if (share <= 0) {
      return "0";
    }
    if (share >= 1) {
      return "100%";
    }
    BigDecimal percent = BigDecimal.valueOf(share).movePointRight(2);
    BigDecimal unit = BigDecimal.ONE.scaleByPowerOfTen(percent.precision() - percent.scale() - 1);
    for (int step : new int[] {1, 2, 5}) {
      BigDecimal candidate = unit.multiply(BigDecimal.valueOf(step));
      if (candidate.compareTo(percent) >= 0) {
        return candidate.stripTrailingZeros().toPlainString() + "%";
      }
    }
    return unit.movePointRight(1).stripTrailingZeros().toPlainString() + "%";
  }

  private static String text(Tolerance tolerance) {
    String relative =
        tolerance
                .relative()
                .movePointRight(2)
                .setScale(10, RoundingMode.HALF_UP)
                .stripTrailingZeros()
                .toPlainString()
            + "%";
    String absolute = tolerance.absolute().stripTrailingZeros().toPlainString();
    if (tolerance.relative().signum() == 0) {
      return absolute;
    }
    return tolerance.absolute().signum() == 0
        ? relative
        : "{absolute: " + absolute + ", relative: " + relative + "}";
  }
}
