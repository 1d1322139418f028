package assay.tests;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.Transaction;
import assay.core.contract.Contract;
import assay.gold.Gold;
import assay.gold.GoldStage;
import assay.ingestion.Bronze;
import assay.silver.IngestRange;
import assay.silver.Silver;
import assay.silver.SilverStage;
import assay.tests.oracle.BronzeRow;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/** Runs the stages of the batch path over a lake of payments, and reads what they left. */
final class BatchPathDriver {
  private static final String DOMAIN = "payments";

  private static final String[] POSITION = {"_partition", "_offset", "_ingested_at"};

  private final SparkSession spark;
  private final Lake lake;
  private long batches;

  BatchPathDriver(SparkSession spark, Lake lake) {
    this.spark = spark;
    this.lake = lake;
    bronze().createOrExtend(Bronze.schema(), List.of(Bronze.INGEST_DATE));
  }

  /** Appends a micro-batch as ingestion does. */
  void ingest(List<BronzeRow> batch) {
    List<Row> rows =
        batch.stream()
            .map(
                row ->
                    RowFactory.create(
                        "topic",
                        row.partition(),
                        row.offset(),
                        row.ingestedAt(),
                        0,
                        row.key().map(ByteBuffer::array).orElse(null),
                        row.value().map(ByteBuffer::array).orElse(null),
                        List.of(),
                        row.ingestedAt(),
                        LocalDate.ofInstant(row.ingestedAt(), ZoneOffset.UTC)))
            .toList();
    bronze()
        .append(
            spark.createDataFrame(rows, Bronze.schema()).coalesce(1),
            new Transaction("fixture", batches++));
  }

  void runSilver(Contract contract, Steps steps) {
    new SilverStage(spark, lake, contract, steps).run();
  }

  /**
   * Reads rows of an ingest time anew.
   *
   * @param from inclusive
   * @param to exclusive
   */
  void reprocess(Contract contract, Instant from, Instant to, Steps steps) {
    new SilverStage(spark, lake, contract, steps).reprocess(new IngestRange(from, to));
  }

  void retry(Contract contract, Optional<String> rule, Steps steps) {
    new SilverStage(spark, lake, contract, steps).retry(rule);
  }

  void replay(Contract contract, Steps steps) {
    new SilverStage(spark, lake, contract, steps).rebuild();
  }

  void runGold(Contract contract, Steps steps) {
    new GoldStage(spark, lake, contract, Clock.systemUTC(), steps).run(Optional.empty());
  }

  /** Whether silver is there, with the contract's columns, so that gold can be made of it. */
  boolean silverIsReady(Contract contract) {
    LakeTable silver = new Silver(spark, lake, contract).table();
    return silver.exists() && silver.columnsMissing(contract.columnNames()).isEmpty();
  }

  /** What readers see; the column {@code note} empty where a table does not have it yet. */
  BatchTables tables(Contract contract) {
    Silver silver = new Silver(spark, lake, contract);
    long version = silver.table().version();
    Dataset<Row> exceptions = silver.exceptions(version);
    Dataset<Row> quarantine = silver.quarantine(version);
    Dataset<Row> table = silver.table().readAt(version);
    return new BatchTables(
        Rows.of(table, columns(table)),
        Rows.of(exceptions, columns(exceptions, "disposition")),
        Rows.of(quarantine, concat(POSITION, "_key", "_value", "failed_rules")));
  }

  List<List<Object>> gold(Contract contract) {
    Gold gold = new Gold(spark, lake, contract, contract.metrics().get(0));
    return Rows.of(
        gold.table().read(),
        "event_date",
        "kind",
        "payments",
        "CAST(amount AS LONG)",
        "CAST(most AS LONG)",
        "mean");
  }

  /** Whole numbers as long, so that they compare whichever the column is. */
  private static String[] columns(Dataset<Row> table, String... more) {
    boolean noted = Arrays.asList(table.columns()).contains("note");
    return concat(
        concat(
            POSITION,
            "payment_id",
            "paid_at",
            "CAST(revision AS LONG)",
            "CAST(amount AS LONG)",
            "kind",
            noted ? "note" : "CAST(NULL AS STRING)",
            "event_date"),
        more);
  }

  private static String[] concat(String[] first, String... more) {
    return Stream.of(first, more).flatMap(Stream::of).toArray(String[]::new);
  }

  private LakeTable bronze() {
    return new LakeTable(spark, lake.bronze(DOMAIN));
  }
}
