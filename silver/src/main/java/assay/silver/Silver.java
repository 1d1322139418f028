package assay.silver;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import java.util.List;
import java.util.OptionalLong;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The tables of the batch path's first half, and which micro-batches stand in them. */
public final class Silver {
  public static final String DISPOSITION = "disposition";
  public static final String SUPERSEDED = "superseded";
  public static final String DUPLICATE = "duplicate";

  /** The micro-batch that wrote a row of exceptions or quarantine. */
  public static final String BATCH_ID = "_batch_id";

  static final StructType QUARANTINE_SCHEMA =
      new StructType()
          .add(EventParser.PARTITION, IntegerType)
          .add(EventParser.OFFSET, LongType)
          .add(EventParser.KAFKA_TIMESTAMP, TimestampType)
          .add(EventParser.INGESTED_AT, TimestampType)
          .add(EventParser.KEY, BinaryType)
          .add(EventParser.VALUE, BinaryType)
          .add("failed_rules", DataTypes.createArrayType(StringType))
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

  String transactionId() {
    return "assay.silver." + contract.domain();
  }

  void createTables() {
    table().createIfAbsent(parser.silverSchema(), List.of(EventParser.EVENT_DATE));
    exceptions()
        .createIfAbsent(
            parser.silverSchema().add(DISPOSITION, StringType).add(BATCH_ID, LongType), List.of());
    quarantine().createIfAbsent(QUARANTINE_SCHEMA, List.of());
    reads().table().createIfAbsent(BronzeReads.SCHEMA, List.of());
  }
}
