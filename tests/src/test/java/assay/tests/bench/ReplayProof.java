package assay.tests.bench;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.gold.Gold;
import assay.ingestion.Bronze;
import assay.reconciliation.DayVerdict;
import assay.reconciliation.EvidenceTables;
import assay.reconciliation.Ledger;
import assay.reconciliation.Reconciliation;
import assay.silver.Silver;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Holds the proof of the example's flights to its word, and once more without it: the dispositions
 * of each row on both paths, joined by its place in Kafka, make up each cell's difference.
 */
final class ReplayProof {
  private static final String ROWS = "replay_rows";

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final MetricSet metrics;

  ReplayProof(SparkSession spark, Lake lake, Contract contract) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.metrics = contract.metrics().get(0);
  }

  /**
   * What was proven, as Markdown.
   *
   * @param sent how many records there are
   * @throws IllegalStateException where anything is left unproven
   */
  String check(long sent, Reconciliation proof) {
    Dataset<Row> rows = rows().persist();
    rows.createOrReplaceTempView(ROWS);
    require(
        "bronze holds every record once",
        sent,
        new LakeTable(spark, lake.bronze(contract.domain()))
            .read()
            .select(Bronze.PARTITION, Bronze.OFFSET)
            .distinct()
            .count());
    require("every record has a disposition", sent, rows.count());
    for (Ledger ledger : proof.ledgers()) {
      require("the dispositions of " + ledger.path() + " add up", 0, ledger.unaccounted());
      require("bronze, as " + ledger.path() + " counts it", sent, ledger.bronze());
    }
    for (DayVerdict day : proof.days()) {
      if (!day.verdict().green() || day.unexplained().signum() != 0) {
        throw new IllegalStateException("not proven: " + day);
      }
    }
    EvidenceTables evidence = new EvidenceTables(spark, lake);
    require("nothing is unexplained in any cell", 0, unexplained(evidence.cells().read()));
    require("rows make up every cell's difference", 0, cellsThatRowsDoNotMake());
    String tables =
        ledgers(proof) + "\n" + days(proof) + "\n" + causes(evidence.attribution().read());
    rows.unpersist();
    return tables;
  }

  private static void require(String what, long expected, long actual) {
    if (expected != actual) {
      throw new IllegalStateException("%s: %,d, not %,d".formatted(what, actual, expected));
    }
  }

  private static long unexplained(Dataset<Row> cells) {
    BigDecimal all = cells.agg(sum(abs(col("unexplained")))).head().getDecimal(0);
    return all == null ? 0 : all.setScale(0, RoundingMode.UP).longValueExact();
  }

  /** Every row that silver has read, with its columns and what each path did with it. */
  private Dataset<Row> rows() {
    Silver silver = new Silver(spark, lake, contract);
    long version = silver.table().version();
    String columns = "_partition, _offset, event_date, origin, destination, delay_minutes";
    silver.table().readAt(version).createOrReplaceTempView("replay_silver");
    silver.exceptions(version).createOrReplaceTempView("replay_exceptions");
    silver.quarantine(version).createOrReplaceTempView("replay_quarantine");
    new LiveTables(spark, lake, contract)
        .exceptions()
        .read()
        .createOrReplaceTempView("replay_late");
    return spark.sql(
        "SELECT b.*, coalesce(l.disposition, 'counted') AS live FROM (SELECT "
            + columns
            + ", 'loaded' AS batch FROM replay_silver UNION ALL SELECT "
            + columns
            + ", disposition FROM replay_exceptions UNION ALL SELECT _partition, _offset, NULL,"
            + " NULL, NULL, NULL, 'quarantined' FROM replay_quarantine) b LEFT JOIN replay_late l"
            + " ON b._partition = l._partition AND b._offset = l._offset");
  }

  /**
   * Cells in which the rows of either side are not what the side shows, in number or in minutes.
   */
  private long cellsThatRowsDoNotMake() {
    LiveView view = new LiveView(spark, lake, contract, metrics);
    view.fold(view.table().read()).createOrReplaceTempView("replay_live");
    new Gold(spark, lake, contract, metrics).table().read().createOrReplaceTempView("replay_gold");
    String cell = "event_date, origin, destination";
    String side =
        "SELECT %s, count(*) AS flights, sum(delay_minutes) AS delay_minutes FROM %s WHERE %s"
            + " GROUP BY ALL";
    String shown = "SELECT " + cell + ", flights, delay_minutes FROM ";
    return differing(side.formatted(cell, ROWS, "live = 'counted'"), shown + "replay_live")
        + differing(side.formatted(cell, ROWS, "batch = 'loaded'"), shown + "replay_gold");
  }

  private long differing(String one, String other) {
    Dataset<Row> left = spark.sql(one);
    Dataset<Row> right = spark.sql(other);
    return left.exceptAll(right).count() + right.exceptAll(left).count();
  }

  private static String ledgers(Reconciliation proof) {
    List<List<String>> table = new ArrayList<>();
    for (Ledger ledger : proof.ledgers()) {
      table.add(
          List.of(
              ledger.path(),
              number(ledger.bronze()),
              ledger.dispositions().entrySet().stream()
                  .map(d -> d.getKey() + " " + number(d.getValue()))
                  .collect(Collectors.joining(", ")),
              number(ledger.unaccounted())));
    }
    return Timings.markdown(List.of("path", "rows", "dispositions", "unaccounted"), table);
  }

  /** Day by day, and how many rows each pair of dispositions that disagree is made of. */
  private String days(Reconciliation proof) {
    Map<LocalDate, Map<String, Long>> byDay = new TreeMap<>();
    spark
        .sql(
            ("SELECT event_date, concat(live, ' / ', batch), count(*) FROM %s WHERE event_date IS"
                    + " NOT NULL AND (live = 'counted') <> (batch = 'loaded') GROUP BY ALL")
                .formatted(ROWS))
        .collectAsList()
        .forEach(
            row ->
                byDay
                    .computeIfAbsent(row.getLocalDate(0), day -> new TreeMap<>())
                    .put(row.getString(1), row.getLong(2)));
    TreeSet<String> pairs = new TreeSet<>();
    byDay.values().forEach(counts -> pairs.addAll(counts.keySet()));
    List<String> header =
        new ArrayList<>(List.of("day", "verdict", "cells", "that differ", "unexplained"));
    header.addAll(pairs);
    List<List<String>> table = new ArrayList<>();
    for (DayVerdict day : proof.days()) {
      List<String> line =
          new ArrayList<>(
              List.of(
                  day.day().toString(),
                  day.verdict().label(),
                  number(day.cells()),
                  number(day.differing()),
                  day.unexplained().toPlainString()));
      Map<String, Long> counts = byDay.getOrDefault(day.day(), Map.of());
      pairs.forEach(pair -> line.add(number(counts.getOrDefault(pair, 0L))));
      table.add(line);
    }
    return Timings.markdown(header, table);
  }

  /** How much of each measure each cause makes, all cells together without their signs. */
  private static String causes(Dataset<Row> attribution) {
    List<List<String>> table =
        attribution
            .groupBy("measure", "cause")
            .agg(count(lit(1)), sum(abs(col("amount"))))
            .orderBy("measure", "cause")
            .collectAsList()
            .stream()
            .map(
                row ->
                    List.of(
                        row.getString(0),
                        row.getString(1),
                        number(row.getLong(2)),
                        row.getDecimal(3).stripTrailingZeros().toPlainString()))
            .toList();
    return Timings.markdown(List.of("measure", "cause", "cells", "difference"), table);
  }

  private static String number(long number) {
    return "%,d".formatted(number);
  }
}
