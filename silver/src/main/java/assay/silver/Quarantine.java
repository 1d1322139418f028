package assay.silver;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import assay.core.Lake;
import assay.core.contract.Contract;
import assay.ingestion.Bronze;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The rows that silver set aside because they failed, to look at. */
public final class Quarantine {
  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;

  public Quarantine(SparkSession spark, Lake lake, Contract contract) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
  }

  /** What failed, the most frequent first. */
  public List<QuarantineGroup> groups() {
    return rows()
        .groupBy(col("failed_rules"))
        .agg(
            count(lit(1)).as("n"),
            min(col(EventParser.INGESTED_AT)),
            max(col(EventParser.INGESTED_AT)))
        .orderBy(col("n").desc(), col("failed_rules"))
        .collectAsList()
        .stream()
        .map(
            row ->
                new QuarantineGroup(
                    row.getList(0), row.getLong(1), row.getInstant(2), row.getInstant(3)))
        .toList();
  }

  /**
   * Rows themselves, the newest first.
   *
   * @param rule that they failed, among others; empty for all
   * @param limit zero or more
   */
  public List<QuarantinedRow> newest(Optional<String> rule, int limit) {
    Dataset<Row> all = rows();
    Dataset<Row> chosen =
        rule.map(name -> all.where(array_contains(col("failed_rules"), name))).orElse(all);
    Dataset<Row> shown =
        chosen
            .orderBy(
                col(EventParser.INGESTED_AT).desc(),
                col(EventParser.PARTITION),
                col(EventParser.OFFSET).desc())
            .limit(limit);
    Dataset<Row> read = EventReader.now(spark, lake, contract).read(asBronze(shown));
    List<QuarantinedRow> rows = new ArrayList<>();
    for (Row row :
        read.join(
                shown.select(
                    EventParser.PARTITION,
                    EventParser.OFFSET,
                    "failed_rules",
                    Silver.FAILED_VALUES,
                    Silver.PARSER_MESSAGE,
                    Silver.RUN),
                new String[] {EventParser.PARTITION, EventParser.OFFSET})
            .orderBy(
                col(EventParser.INGESTED_AT).desc(),
                col(EventParser.PARTITION),
                col(EventParser.OFFSET).desc())
            .collectAsList()) {
      rows.add(quarantined(row));
    }
    return rows;
  }

  /** Quarantine's rows with the names they had in bronze, to be read once more. */
  public static Dataset<Row> asBronze(Dataset<Row> quarantined) {
    return quarantined
        .withColumnRenamed(EventParser.PARTITION, Bronze.PARTITION)
        .withColumnRenamed(EventParser.OFFSET, Bronze.OFFSET)
        .withColumnRenamed(EventParser.INGESTED_AT, Bronze.INGESTED_AT)
        .withColumnRenamed(EventParser.KAFKA_TIMESTAMP, Bronze.KAFKA_TIMESTAMP)
        .withColumnRenamed(EventParser.KEY, Bronze.KEY)
        .withColumnRenamed(EventParser.VALUE, Bronze.VALUE);
  }

  private Dataset<Row> rows() {
    Silver silver = new Silver(spark, lake, contract);
    return silver.quarantine(silver.table().required("run 'assay silver' first").version());
  }

  private QuarantinedRow quarantined(Row row) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String name : contract.allColumnNames()) {
      Object value = row.getAs(name);
      if (value != null) {
        values.put(name, value.toString());
      }
    }
    byte[] value = row.getAs(EventParser.VALUE);
    return new QuarantinedRow(
        row.<Integer>getAs(EventParser.PARTITION),
        row.<Long>getAs(EventParser.OFFSET),
        row.getAs(EventParser.INGESTED_AT),
        row.getList(row.fieldIndex("failed_rules")),
        values,
        Optional.ofNullable(value).map(v -> new String(v, StandardCharsets.UTF_8)),
        row.isNullAt(row.fieldIndex(Silver.FAILED_VALUES))
            ? Map.of()
            : row.getJavaMap(row.fieldIndex(Silver.FAILED_VALUES)),
        Optional.ofNullable(row.getAs(Silver.PARSER_MESSAGE)),
        Optional.ofNullable(row.getAs(Silver.RUN)));
  }
}
