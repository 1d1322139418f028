package assay.reconciliation;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.ingestion.Bronze;
import assay.reconciliation.ShownRows.MeasureTerm;
import assay.silver.EventParser;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/** Shows the rows behind a term of a reconciliation, as both sides stand now. */
public final class CauseRows {
  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;

  public CauseRows(SparkSession spark, Lake lake, Contract contract) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
  }

  /**
   * The rows of a metric set.
   *
   * @param metrics one of {@link ShowRequest#among}
   */
  public ShownRows show(ShowRequest request, MetricSet metrics) {
    Pins pins = Pins.take(spark, lake, contract, metrics, OptionalLong.empty());
    Column wanted = wanted(request);
    Dataset<Row> differences =
        metrics
            .filter()
            .passing(
                new RowDifferences(spark, lake, contract, metrics.lookUps(contract.enrich()), pins)
                    .find(onDay(request))
                    .where(wanted))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Dataset<Row> ofCause =
          differences.where(col(RowDifferences.CAUSE).equalTo(request.cause().label()));
      Map<String, BigDecimal> amounts = new HashMap<>();
      long all = sum(ofCause, metrics, amounts);
      if (all > 0 && request.isOneCell(metrics)) {
        amounts.putAll(ofTheCell(request, metrics, pins));
      }
      return new ShownRows(
          metrics.name(),
          request.cause(),
          rows(ofCause, request, metrics, pins),
          all,
          metrics.measures().stream()
              .map(m -> new MeasureTerm(m.name(), Optional.ofNullable(amounts.get(m.name()))))
              .toList());
    } finally {
      differences.unpersist();
    }
  }

  private static Column onDay(ShowRequest request) {
    return request.day().map(d -> col(EventParser.EVENT_DATE).equalTo(lit(d))).orElse(lit(true));
  }

  private static Column wanted(ShowRequest request) {
    Column wanted = onDay(request);
    for (Map.Entry<String, String> dimension : request.cell().entrySet()) {
      Column text = coalesce(col(dimension.getKey()).cast("string"), lit(""));
      wanted = wanted.and(text.equalTo(dimension.getValue()));
    }
    return wanted;
  }

  /** Puts the sums in; gives the number of rows. */
  private static long sum(Dataset<Row> rows, MetricSet metrics, Map<String, BigDecimal> amounts) {
    List<Measure> additive = metrics.measures().stream().filter(Measure::additive).toList();
    List<Column> sums = new ArrayList<>();
    for (Measure measure : additive) {
      sums.add(Attribution.sum(measure, lit(true)));
    }
    Row row = rows.agg(count(lit(1)), sums.toArray(Column[]::new)).head();
    for (int i = 0; i < additive.size(); i++) {
      amounts.put(additive.get(i).name(), row.getDecimal(i + 1).stripTrailingZeros());
    }
    return row.getLong(0);
  }

  /**
   * What the newest evidence says of the cause for the measures that cannot be summed, where it is
   * of the same versions.
   */
  private Map<String, BigDecimal> ofTheCell(ShowRequest request, MetricSet metrics, Pins pins) {
    EvidenceTables tables = new EvidenceTables(spark, lake);
    if (!tables.evidence().exists()) {
      return Map.of();
    }
    List<Row> evidence =
        tables
            .evidence()
            .read()
            .where(col("metrics").equalTo(metrics.name()))
            .where(col("day").equalTo(lit(request.day().orElseThrow())))
            .where(col("gold_version").equalTo(pins.gold()))
            .where(col("live_version").equalTo(pins.live()))
            .orderBy(col("reconciled_at").desc())
            .select(EvidenceTables.EVIDENCE_ID)
            .limit(1)
            .collectAsList();
    if (evidence.isEmpty()) {
      return Map.of();
    }
    Column cell = lit(true);
    for (Map.Entry<String, String> dimension : request.cell().entrySet()) {
      Column value = col(EvidenceTables.DIMENSIONS).getItem(dimension.getKey());
      cell = cell.and(coalesce(value, lit("")).equalTo(dimension.getValue()));
    }
    Map<String, BigDecimal> amounts = new HashMap<>();
    metrics.measures().stream()
        .filter(m -> !m.additive())
        .forEach(m -> amounts.put(m.name(), BigDecimal.ZERO));
    tables
        .attribution()
        .read()
        .where(col(EvidenceTables.EVIDENCE_ID).equalTo(evidence.get(0).getString(0)))
        .where(cell)
        .where(col("cause").equalTo(request.cause().label()))
        .select("measure", "amount")
        .collectAsList()
        .forEach(row -> amounts.replace(row.getString(0), row.getDecimal(1).stripTrailingZeros()));
    return amounts;
  }

  private List<ShownRow> rows(
      Dataset<Row> ofCause, ShowRequest request, MetricSet metrics, Pins pins) {
    List<Row> chosen =
        ofCause
            .orderBy(
                col(EventParser.EVENT_DATE),
                col(EventParser.PARTITION),
                col(EventParser.OFFSET),
                col(RowDifferences.SIGN))
            .limit(request.limit())
            .collectAsList();
    Map<Position, Row> records = records(chosen, pins.bronze());
    return chosen.stream().map(row -> shown(row, records.get(Position.of(row)), metrics)).toList();
  }

  private record Position(int partition, long offset) {
    static Position of(Row row) {
      return new Position(
          row.<Integer>getAs(EventParser.PARTITION), row.<Long>getAs(EventParser.OFFSET));
    }
  }

  /** Of bronze, whose files without these positions stay closed. */
  private Map<Position, Row> records(List<Row> rows, long bronzeVersion) {
    Map<Integer, List<Row>> byPartition =
        rows.stream().collect(Collectors.groupingBy(r -> r.<Integer>getAs(EventParser.PARTITION)));
    Column among =
        byPartition.entrySet().stream()
            .map(
                part ->
                    col(Bronze.PARTITION)
                        .equalTo(part.getKey())
                        .and(
                            col(Bronze.OFFSET)
                                .isin(
                                    part.getValue().stream()
                                        .map(r -> r.<Object>getAs(EventParser.OFFSET))
                                        .toArray())))
            .reduce(Column::or)
            .orElse(lit(false));
    Map<Position, Row> records = new HashMap<>();
    new LakeTable(spark, lake.bronze(contract.domain()))
        .readAt(bronzeVersion)
        .where(among)
        .collectAsList()
        .forEach(
            record ->
                records.put(
                    new Position(
                        record.<Integer>getAs(Bronze.PARTITION), record.<Long>getAs(Bronze.OFFSET)),
                    record));
    return records;
  }

  private static ShownRow shown(Row row, Row record, MetricSet metrics) {
    return new ShownRow(
        metrics.name(),
        row.<LocalDate>getAs(EventParser.EVENT_DATE),
        CellJoin.nameOf(metrics.by(), row),
        record.getAs(Bronze.TOPIC),
        row.<Integer>getAs(EventParser.PARTITION),
        row.<Long>getAs(EventParser.OFFSET),
        record.getAs(Bronze.KAFKA_TIMESTAMP),
        row.getAs(RowDifferences.LIVE),
        row.getAs(RowDifferences.BATCH),
        row.<Integer>getAs(RowDifferences.SIGN),
        text(record.getAs(Bronze.KEY)),
        text(record.getAs(Bronze.VALUE)));
  }

  private static Optional<String> text(byte[] bytes) {
    return Optional.ofNullable(bytes).map(b -> new String(b, StandardCharsets.UTF_8));
  }
}
