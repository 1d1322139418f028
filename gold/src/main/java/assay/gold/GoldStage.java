package assay.gold;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.Transaction;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.gold.Gold.Origin;
import assay.silver.EventParser;
import assay.silver.Silver;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Silver to gold: recomputes exactly the days that silver touched since the last run and replaces
 * them in one commit a metric set. That commit names the version of silver it stands for, so that a
 * run after a crash begins where the last commit ended.
 */
public final class GoldStage {
  private static final String STAGE = "gold";

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final Steps steps;

  public GoldStage(SparkSession spark, Lake lake, Contract contract, Steps steps) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.steps = steps;
  }

  public List<GoldResult> run() {
    LakeTable silver = new Silver(spark, lake, contract).table();
    if (!silver.exists()) {
      throw AssayException.failed(
          "there is no " + silver.path() + " to read", "run 'assay silver' first");
    }
    List<String> missing = silver.columnsMissing(contract.columnNames());
    if (!missing.isEmpty()) {
      throw AssayException.failed(
          silver.path() + " does not have the contract's columns " + missing + " yet",
          "run 'assay silver' first: it adds them");
    }
    // One version for all metric sets, so that they speak of the same rows.
    long version = silver.version();
    List<GoldResult> results = new ArrayList<>();
    for (MetricSet metrics : contract.metrics()) {
      results.add(refresh(metrics, silver, version));
    }
    return results;
  }

  private GoldResult refresh(MetricSet metrics, LakeTable silver, long silverVersion) {
    Gold gold = new Gold(spark, lake, contract, metrics);
    Dataset<Row> rows = silver.readAt(silverVersion);
    Optional<Origin> origin =
        gold.table().exists() ? gold.originAt(gold.table().version()) : Optional.empty();
    Optional<Set<String>> touched =
        origin
            .filter(o -> o.basis().equals(gold.basis(silver)))
            .flatMap(o -> touchedDays(gold, o, silver, silverVersion));
    List<LocalDate> days;
    if (touched.isEmpty()) {
      // The first run, another definition, or a log that no longer reaches back to the last run.
      days = daysOf(rows);
      replaceAll(gold, silver, rows, silverVersion);
    } else {
      days = touched.get().stream().map(LocalDate::parse).toList();
      replaceDays(gold, origin.get(), rows, silverVersion, touched.get());
    }
    steps.reached(STAGE, metrics.name() + ": " + days.size() + " days committed");
    return new GoldResult(metrics.name(), days, silverVersion, gold.table().version());
  }

  private static Optional<Set<String>> touchedDays(
      Gold gold, Origin origin, LakeTable silver, long silverVersion) {
    OptionalLong last = gold.table().lastTransaction(gold.transactionId(origin.generation()));
    return last.isEmpty()
        ? Optional.empty()
        : silver.partitionsChanged(EventParser.EVENT_DATE, last.getAsLong(), silverVersion);
  }

  private static void replaceDays(
      Gold gold, Origin origin, Dataset<Row> rows, long silverVersion, Set<String> days) {
    Transaction transaction =
        new Transaction(gold.transactionId(origin.generation()), silverVersion);
    if (days.isEmpty()) {
      // No row, but a commit: gold stands for the newer version of silver from here on.
      if (gold.table().lastTransaction(transaction.appId()).orElse(-1) < silverVersion) {
        gold.table().append(gold.table().read().limit(0), transaction);
      }
      return;
    }
    String predicate = EventParser.EVENT_DATE + " IN " + LakeTable.dates(days);
    gold.table().replaceWhere(gold.aggregate(rows.where(expr(predicate))), predicate, transaction);
  }

  private static void replaceAll(
      Gold gold, LakeTable silver, Dataset<Row> rows, long silverVersion) {
    Origin origin = new Origin(gold.basis(silver), gold.table().version() + 1);
    Dataset<Row> cells = gold.withOrigin(gold.aggregate(rows), origin);
    List<String> partitionBy = List.of(EventParser.EVENT_DATE);
    if (!gold.table().exists()) {
      gold.table().createOrExtend(cells.schema(), partitionBy);
    }
    gold.table()
        .replaceAll(
            cells,
            partitionBy,
            new Transaction(gold.transactionId(origin.generation()), silverVersion));
  }

  private static List<LocalDate> daysOf(Dataset<Row> rows) {
    return rows.select(col(EventParser.EVENT_DATE)).distinct().collectAsList().stream()
        .map(row -> row.getLocalDate(0))
        .sorted()
        .collect(Collectors.toList());
  }
}
