package assay.reconciliation.report;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.reconciliation.report.ReportModel.Gap;
import assay.reconciliation.report.ReportModel.LedgerPath;
import assay.reconciliation.report.ReportModel.OffsetRange;
import assay.silver.Disposition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads the newest ledger of each path; nothing where its table is not there. */
final class LedgerReader {
  private static final String LIVE = "live.";

  /** What counts first, what is still to be read last. */
  private static final List<String> ORDER =
      List.of(
          Disposition.LOADED,
          Disposition.COUNTED,
          Disposition.SUPERSEDED,
          Disposition.DUPLICATE,
          Disposition.LATE,
          Disposition.DELETED,
          Disposition.QUARANTINED,
          Disposition.PENDING);

  private final LakeTable ledger;

  LedgerReader(SparkSession spark, Lake lake) {
    this.ledger = new LakeTable(spark, lake.reconciliation("ledger"));
  }

  /**
   * The newest ledgers.
   *
   * @param domains whose paths are wanted
   * @param metrics the live paths that are wanted
   */
  List<LedgerPath> read(Set<String> domains, Set<String> metrics) {
    if (!ledger.exists()) {
      return List.of();
    }
    String[] path = {"domain", "path"};
    Dataset<Row> newest =
        ledger
            .read()
            .where(col("domain").isin(domains.toArray()))
            .groupBy("domain", "path")
            .agg(max("reconciled_at").as("newest"));
    Map<List<String>, List<Row>> paths = new LinkedHashMap<>();
    ledger
        .read()
        .join(newest, path)
        // A run adds what is new. What did not add up is looked at again by the next one.
        .where(col("unaccounted").equalTo(0).or(col("reconciled_at").equalTo(col("newest"))))
        .orderBy("domain", "path", "partition", "first_offset")
        .collectAsList()
        .forEach(
            row ->
                paths
                    .computeIfAbsent(
                        List.of(row.getAs("domain"), row.getAs("path")), key -> new ArrayList<>())
                    .add(row));
    return paths.entrySet().stream()
        .filter(e -> isWanted(e.getKey().get(1), metrics))
        .map(e -> path(e.getKey(), e.getValue()))
        .toList();
  }

  private static boolean isWanted(String path, Set<String> metrics) {
    return !path.startsWith(LIVE) || metrics.contains(path.substring(LIVE.length()));
  }

  private static LedgerPath path(List<String> name, List<Row> rows) {
    Row newest =
        rows.stream()
            .max(Comparator.comparing((Row row) -> row.<Instant>getAs("reconciled_at")))
            .orElseThrow();
    Map<Integer, OffsetRange> byPartition = new TreeMap<>();
    rows.forEach(row -> byPartition.merge(row.getAs("partition"), range(row), LedgerReader::and));
    return new LedgerPath(
        name.get(0),
        name.get(1),
        newest.<Long>getAs("bronze_version"),
        newest.getAs("reconciled_at"),
        // Of the whole path: each of a run's ranges has it.
        newest.<Long>getAs("unaccounted"),
        List.copyOf(byPartition.values()));
  }

  /** Two ranges of a partition, the second behind the first. */
  private static OffsetRange and(OffsetRange first, OffsetRange second) {
    Map<String, Long> dispositions = new HashMap<>(first.dispositions());
    second.dispositions().forEach((name, n) -> dispositions.merge(name, n, Long::sum));
    return new OffsetRange(
        first.partition(),
        first.first(),
        second.last(),
        first.rows() + second.rows(),
        inOrder(dispositions),
        Stream.concat(first.gaps().stream(), second.gaps().stream()).toList());
  }

  private static OffsetRange range(Row row) {
    List<Gap> gaps = new ArrayList<>();
    for (Row gap : row.<Row>getList(row.fieldIndex("gaps"))) {
      gaps.add(
          new Gap(
              gap.<Long>getAs("first_offset"), gap.<Long>getAs("last_offset"), gap.getAs("cause")));
    }
    return new OffsetRange(
        row.<Integer>getAs("partition"),
        row.<Long>getAs("first_offset"),
        row.<Long>getAs("last_offset"),
        row.<Long>getAs("rows"),
        inOrder(row.getJavaMap(row.fieldIndex("dispositions"))),
        gaps);
  }

  private static Map<String, Long> inOrder(Map<String, Long> dispositions) {
    Map<String, Long> ordered = new LinkedHashMap<>();
    dispositions.entrySet().stream()
        .sorted(Comparator.comparingInt(e -> ORDER.indexOf(e.getKey())))
        .forEach(e -> ordered.put(e.getKey(), e.getValue()));
    return ordered;
  }
}
