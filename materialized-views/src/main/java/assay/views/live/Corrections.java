package assay.views.live;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.xxhash64;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.ingestion.Bronze;
import assay.silver.Disposition;
import assay.silver.EventParser;
import assay.views.live.StandingRows.Standing;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Decides between rows of one key that would all count: docs/dispositions.md, "Corrections". The
 * row that stands for a key may have been counted long ago; it is read from bronze again, and comes
 * with the rows of the micro-batch where it stands no more.
 */
final class Corrections {
  // Last among the columns, in this order.
  private static final String EARLIER = "_counted_before";
  private static final String PLACE = "_place";
  private static final String NUMBER = "_number";
  private static final String STANDS = "_stands";

  /** The most parts of bronze that are named one by one; each is part of a file. */
  private static final int MOST_PARTS = 100;

  private static final StructType POSITION =
      new StructType()
          .add(EventParser.PARTITION, DataTypes.IntegerType)
          .add(EventParser.OFFSET, DataTypes.LongType);

  private final Lake lake;
  private final Contract contract;

  Corrections(Lake lake, Contract contract) {
    this.lake = lake;
    this.contract = contract;
  }

  /** A hash of a row's key. */
  Column keyHash() {
    return xxhash64(columns(contract.key()));
  }

  /** The rows of bronze that count already and may be corrected. */
  Dataset<Row> standing(SparkSession spark, Met met) {
    Dataset<Row> bronze = new LakeTable(spark, lake.bronze(contract.domain())).read();
    List<Row> positions =
        met.standing().stream().map(s -> RowFactory.create(s.partition(), s.offset())).toList();
    Dataset<Row> wanted = spark.createDataFrame(positions, POSITION);
    return bronze
        .where(parts(met.standing()))
        .join(
            broadcast(wanted),
            bronze
                .col(Bronze.PARTITION)
                .equalTo(wanted.col(EventParser.PARTITION))
                .and(bronze.col(Bronze.OFFSET).equalTo(wanted.col(EventParser.OFFSET))),
            "left_semi");
  }

  /** What part of bronze the rows are in, so that few files are opened. */
  private static Column parts(List<Standing> rows) {
    record Part(long at, int partition) {}
    Map<Part, LongSummaryStatistics> parts =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    row -> new Part(row.at(), row.partition()),
                    Collectors.summarizingLong(Standing::offset)));
    if (parts.size() > MOST_PARTS) {
      LongSummaryStatistics times = rows.stream().collect(Collectors.summarizingLong(Standing::at));
      return ingested(times.getMin(), times.getMax());
    }
    List<Column> each = new ArrayList<>();
    parts.forEach(
        (part, offsets) ->
            each.add(
                ingested(part.at(), part.at())
                    .and(col(Bronze.PARTITION).equalTo(part.partition()))
                    .and(col(Bronze.OFFSET).between(offsets.getMin(), offsets.getMax()))));
    return each.stream().reduce(Column::or).orElse(lit(false));
  }

  private static Column ingested(long from, long to) {
    Instant first = Arrivals.instant(from);
    Instant last = Arrivals.instant(to);
    return col(Bronze.INGEST_DATE)
        .between(day(first), day(last))
        .and(col(Bronze.INGESTED_AT).between(first, last));
  }

  private static LocalDate day(Instant at) {
    return LocalDate.ofInstant(at, ZoneOffset.UTC);
  }

  /**
   * Decides.
   *
   * @param judged a judged micro-batch with {@link LiveTables#KEY_HASH} and {@link
   *     LiveView#TAKEN_BACK}, all false
   * @param standing {@link #standing} as the micro-batch's rows were read, with the columns of
   *     {@code judged} but for the disposition
   * @return {@code judged}, and behind its rows those that are taken back
   */
  Dataset<Row> decide(Dataset<Row> judged, Dataset<Row> standing, Met met) {
    Column open =
        col(Disposition.COLUMN)
            .equalTo(Disposition.COUNTED)
            .and(met.keys().holds(col(LiveTables.KEY_HASH)));
    Dataset<Row> all =
        judged
            .where(open)
            .withColumn(EARLIER, lit(false))
            .unionByName(
                standing
                    .withColumn(Disposition.COLUMN, lit(Disposition.COUNTED))
                    .withColumn(EARLIER, lit(true)));
    Dataset<Row> decided =
        walk(met.few() ? all.coalesce(1) : all)
            .where(not(col(EARLIER).and(col(STANDS))))
            .withColumn(
                Disposition.COLUMN,
                functions.when(col(STANDS), Disposition.COUNTED).otherwise(Disposition.SUPERSEDED))
            .withColumn(LiveView.TAKEN_BACK, col(EARLIER))
            .drop(EARLIER, PLACE, NUMBER, STANDS);
    return judged.where(not(open)).unionByName(decided);
  }

  /** Adds whether each row stands at the end. */
  private Dataset<Row> walk(Dataset<Row> rows) {
    WindowSpec ofKey = Window.partitionBy(columns(contract.key()));
    Column[] position = columns(List.of(EventParser.PARTITION, EventParser.OFFSET));
    Column[] place =
        Stream.concat(Stream.of(columns(contract.orderBy())), Stream.of(position))
            .toArray(Column[]::new);
    Column[] asTheyCame =
        Stream.concat(
                Stream.of(col(EventParser.INGESTED_AT), col(EARLIER).desc()), Stream.of(position))
            .toArray(Column[]::new);
    Dataset<Row> numbered =
        rows.withColumn(PLACE, row_number().over(ofKey.orderBy(place)))
            .withColumn(NUMBER, row_number().over(ofKey.orderBy(asTheyCame)))
            .sortWithinPartitions(
                Stream.concat(Stream.of(columns(contract.key())), Stream.of(asTheyCame))
                    .toArray(Column[]::new));
    int ingestedAt = numbered.schema().fieldIndex(EventParser.INGESTED_AT);
    int placeAt = numbered.schema().fieldIndex(PLACE);
    int numberAt = numbered.schema().fieldIndex(NUMBER);
    long within = contract.dedupWithin().toNanos() / 1000;
    FlatMapFunction<Iterator<InternalRow>, InternalRow> decide =
        part -> new KeyWalk(part, ingestedAt, placeAt, numberAt, within);
    RDD<InternalRow> decided =
        numbered.queryExecution().toRdd().toJavaRDD().mapPartitions(decide).rdd();
    return ((org.apache.spark.sql.classic.SparkSession) rows.sparkSession())
        .internalCreateDataFrame(
            decided, numbered.schema().add(STANDS, DataTypes.BooleanType, false), false);
  }

  private static Column[] columns(List<String> names) {
    return names.stream().map(functions::col).toArray(Column[]::new);
  }
}
