package assay.tests.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.to_date;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.Transaction;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.ingestion.Bronze;
import assay.silver.Silver;
import assay.silver.SilverStage;
import io.delta.tables.DeltaTable;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * An hour of 50,000 rows, 500 of them corrections of known keys, into silver of 2, 10 and 30
 * million rows of 100,000 a day, beside Delta's MERGE of the same rows into a table that holds the
 * same: on the key alone, and with the days of the rows as literals. Each of them parses the rows
 * from bronze.
 */
final class SilverScaleBenchmark {
  private static final List<Long> SIZES = List.of(2_000_000L, 10_000_000L, 30_000_000L);
  private static final int ROUNDS = 4;
  private static final long DAY = 86_400;
  private static final Instant FIRST_DAY = Instant.parse("2025-01-01T00:00:00Z");

  private static final String SILVER = "assay silver";
  private static final String KEY_ONLY = "MERGE on the key alone";
  private static final String BOUNDED = "MERGE with literal days";

  private final SparkSession spark;
  private final Path folder;
  private final Contract contract = FlightsContract.contract();
  private final double scale;
  private final long hour;
  private final long corrections;
  private final long day;

  SilverScaleBenchmark(SparkSession spark, Path folder, double scale) {
    this.spark = spark;
    this.folder = folder;
    this.scale = scale;
    this.hour = Math.max(400, Math.round(50_000 * scale) / 4 * 4);
    this.corrections = Math.max(4, hour / 100);
    this.day = Math.max(hour, Math.round(100_000 * scale));
  }

  String run() {
    List<List<String>> rows = new ArrayList<>();
    System.err.println("warms up, not counted:");
    measure(2 * day);
    for (long size : SIZES) {
      rows.add(measure(Math.max(2 * day, Math.round(size * scale))));
    }
    return "An hour of %,d rows, %,d of them corrections, median seconds of %d warm rounds%n%n"
            .formatted(hour, corrections, ROUNDS - 1)
        + Timings.markdown(List.of("rows in silver", SILVER, KEY_ONLY, BOUNDED, "files"), rows);
  }

  private List<String> measure(long size) {
    System.err.printf(Locale.ROOT, "silver of %,d rows%n", size);
    Lake lake = new Lake(folder.resolve("lake-" + size).toString());
    BronzeMaker bronze = new BronzeMaker(spark, lake.bronze(contract.domain()));
    Silver silver = new Silver(spark, lake, contract);
    fill(lake, bronze, silver.table(), size);
    String keyOnly = copy(silver.table(), "key-only-" + size);
    String bounded = copy(silver.table(), "bounded-" + size);
    Timings timings = new Timings();
    for (int round = 0; round < ROUNDS; round++) {
      Instant at = bronze.ingest(hour(size, round), hour);
      timings.time(SILVER, () -> new SilverStage(spark, lake, contract, Steps.SILENT).run());
      timings.time(KEY_ONLY, () -> merge(keyOnly, source(lake, at), "true"));
      timings.time(BOUNDED, () -> merge(bounded, source(lake, at), days(size)));
      refuseDifference(silver.table(), keyOnly, bounded);
    }
    List<String> cells = new ArrayList<>(List.of("%,d".formatted(size)));
    Stream.of(SILVER, KEY_ONLY, BOUNDED)
        .forEach(what -> cells.add(String.format(Locale.ROOT, "%.2f", timings.median(what))));
    cells.add("%,d".formatted(silver.table().read().inputFiles().length));
    return cells;
  }

  /** The stage makes the tables from one hour; the rest is put beside it, a file a day. */
  private void fill(Lake lake, BronzeMaker bronze, LakeTable silver, long size) {
    bronze.ingest(
        BronzeMaker.flights(spark.range(4), "concat('first', id)", seconds("0"), "id"), 4);
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
    Dataset<Row> rows =
        BronzeMaker.flights(
                spark.range(size), "concat('k', id)", seconds("id DIV " + day), "id % 240 - 30")
            .withColumn("event_date", to_date(col("scheduled_at")))
            // Before all that comes, in the Kafka partition that the corrections come in.
            .withColumn("_partition", lit(0))
            .withColumn("_offset", col("id").minus(size))
            .withColumn("_ingested_at", lit(FIRST_DAY));
    List<String> columns = new ArrayList<>();
    for (StructField field : silver.schemaAt(silver.version()).fields()) {
      boolean known = List.of(rows.columns()).contains(field.name());
      columns.add(
          known
              ? field.name()
              : "CAST(NULL AS %s) AS %s".formatted(field.dataType().sql(), field.name()));
    }
    silver.append(
        rows.selectExpr(columns.toArray(String[]::new))
            .repartitionByRange((int) Math.max(2, size / 1_000_000), col("event_date")),
        new Transaction("bench.fill", 0));
  }

  private String copy(LakeTable silver, String name) {
    String path = folder.resolve(name).toString();
    spark.sql("CREATE TABLE delta.`%s` SHALLOW CLONE delta.`%s`".formatted(path, silver.path()));
    return path;
  }

  /** New keys of the last day, and corrections of keys of the last two, spread evenly. */
  private Dataset<Row> hour(long size, int round) {
    String corrects = "id %% %d = 0".formatted(hour / corrections);
    // Whole days behind the last one, none of them corrected in another round.
    String known = "%d - 1 - (id * %d + %d)".formatted(size, 2 * day / hour, round);
    String key =
        "CASE WHEN %s THEN concat('k', %s) ELSE concat('r%d-', id) END"
            .formatted(corrects, known, round);
    String dayOf =
        "CASE WHEN %s THEN (%s) DIV %d ELSE %d END".formatted(corrects, known, day, lastDay(size));
    return BronzeMaker.flights(spark.range(hour), key, seconds(dayOf), "1000 + " + round);
  }

  private long lastDay(long size) {
    return (size - 1) / day;
  }

  private static String seconds(String day) {
    return "%d + %d * (%s) + id %% %d".formatted(FIRST_DAY.getEpochSecond(), DAY, day, DAY);
  }

  private Dataset<Row> source(Lake lake, Instant at) {
    StructType fields = new StructType();
    for (assay.core.contract.Column column : contract.columns()) {
      fields = fields.add(column.name(), column.type());
    }
    return new LakeTable(spark, lake.bronze(contract.domain()))
        .read()
        .where(col(Bronze.INGESTED_AT).equalTo(lit(at)))
        .select(
            from_json(col(Bronze.VALUE).cast("string"), fields).as("json"),
            col(Bronze.PARTITION).as("_partition"),
            col(Bronze.OFFSET).as("_offset"),
            col(Bronze.INGESTED_AT).as("_ingested_at"))
        .select(col("json.*"), col("_partition"), col("_offset"), col("_ingested_at"))
        .withColumn("event_date", to_date(col("scheduled_at")));
  }

  private String days(long size) {
    Instant last = FIRST_DAY.plusSeconds(DAY * lastDay(size));
    return "target.event_date BETWEEN DATE'%s' AND DATE'%s'"
        .formatted(
            last.minusSeconds(3 * DAY).toString().substring(0, 10),
            last.toString().substring(0, 10));
  }

  private void merge(String table, Dataset<Row> source, String bounds) {
    Map<String, Column> values = new LinkedHashMap<>();
    for (String name : source.columns()) {
      values.put(name, col("source." + name));
    }
    DeltaTable.forPath(spark, table)
        .as("target")
        .merge(
            source.as("source"),
            expr(bounds).and(col("target.flight_id").equalTo(col("source.flight_id"))))
        .whenMatched()
        .update(values)
        .whenNotMatched()
        .insert(values)
        .execute();
  }

  /** What is compared does the same work. */
  private void refuseDifference(LakeTable silver, String... tables) {
    String sums = "concat_ws(' ', count(*), sum(delay_minutes), sum(_offset), max(event_date))";
    String expected = silver.read().selectExpr(sums).head().getString(0);
    for (String table : tables) {
      String found = new LakeTable(spark, table).read().selectExpr(sums).head().getString(0);
      if (!found.equals(expected)) {
        throw new IllegalStateException("%s holds %s, silver %s".formatted(table, found, expected));
      }
    }
  }
}
