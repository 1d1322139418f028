package assay.silver;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.ingestion.Bronze;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The tables of the batch path's first half, and which micro-batches stand in them. */
public final class Silver {
  /** The micro-batch that wrote a row of exceptions or quarantine. */
  public static final String BATCH_ID = "_batch_id";

  /** Columns of quarantine: what failed, why the value is no JSON, and the run that read it. */
  static final String FAILED_VALUES = "failed_values";

  static final String PARSER_MESSAGE = "parser_message";
  static final String RUN = "run";

  static final StructType QUARANTINE_SCHEMA =
      new StructType()
          .add(EventParser.PARTITION, IntegerType)
          .add(EventParser.OFFSET, LongType)
          .add(EventParser.KAFKA_TIMESTAMP, TimestampType)
          .add(EventParser.INGESTED_AT, TimestampType)
          .add(EventParser.KEY, BinaryType)
          .add(EventParser.VALUE, BinaryType)
          .add("failed_rules", DataTypes.createArrayType(StringType))
          .add(FAILED_VALUES, DataTypes.createMapType(StringType, StringType))
          .add(PARSER_MESSAGE, StringType)
          .add(RUN, StringType)
          .add(BATCH_ID, LongType);

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final EventParser parser;

  public Silver(SparkSession spark, Lake lake, Contract contract) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.parser = new EventParser(contract);
  }

  public LakeTable table() {
    return new LakeTable(spark, lake.silver(contract.domain()));
  }

  public LakeTable exceptions() {
    return new LakeTable(spark, lake.silverExceptions(contract.domain()));
  }

  public LakeTable quarantine() {
    return new LakeTable(spark, lake.quarantine(contract.domain()));
  }

  public BronzeReads reads() {
    return new BronzeReads(new LakeTable(spark, lake.silverReads(contract.domain())));
  }

  /**
   * The last micro-batch that silver holds as of one of its versions. Its commit is the last of a
   * micro-batch, so rows of exceptions, quarantine and reads with a higher number belong to one
   * that is not finished yet.
   */
  public OptionalLong lastBatch(long version) {
    return table().lastTransactionAt(version, transactionId());
  }

  /**
   * When the first row that silver has not read came to bronze; empty where it has read all.
   *
   * @param read what silver has read
   */
  public Optional<Instant> firstUnread(long bronzeVersion, Cut read) {
    return firstUnread(bronze().readAt(bronzeVersion), read);
  }

  /** The same as of bronze's newest version. */
  public Optional<Instant> firstUnread(Cut read) {
    return firstUnread(bronze().read(), read);
  }

  private LakeTable bronze() {
    return new LakeTable(spark, lake.bronze(contract.domain()));
  }

  private static Optional<Instant> firstUnread(Dataset<Row> bronze, Cut read) {
    Row row =
        bronze
            .where(read.isBefore(col(Bronze.PARTITION), col(Bronze.OFFSET)))
            .agg(min(col(Bronze.INGESTED_AT)))
            .head();
    return Optional.ofNullable(row.getInstant(0));
  }

  String transactionId() {
    return "assay.silver." + contract.domain();
  }

  void createTables() {
    table().createOrExtend(parser.silverSchema(), List.of(EventParser.EVENT_DATE));
    exceptions()
        .createOrExtend(
            parser.silverSchema().add(Disposition.COLUMN, StringType).add(BATCH_ID, LongType),
            List.of());
    quarantine().createOrExtend(QUARANTINE_SCHEMA, List.of());
    reads().table().createOrExtend(BronzeReads.SCHEMA, List.of());
  }
}
