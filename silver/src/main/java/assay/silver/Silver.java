package assay.silver;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.ingestion.Bronze;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The tables of the batch path's first half, and which micro-batches stand in them. */
public final class Silver {
  /** The version at which a table is there and holds nothing. */
  private static final long AS_CREATED = 0;

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

  /** Read it as of the version that silver names, see {@link #exceptions(long)}. */
  public LakeTable exceptions() {
    return new LakeTable(spark, lake.silverExceptions(contract.domain()));
  }

  /** Read it as of the version that silver names, see {@link #quarantine(long)}. */
  public LakeTable quarantine() {
    return new LakeTable(spark, lake.quarantine(contract.domain()));
  }

  /**
   * What a version of silver names.
   *
   * @param version 0 or more
   */
  public SilverState state(long version) {
    return state(version, table().numbersAt(version, transactionId()));
  }

  /**
   * The same from the numbers that its commit wrote.
   *
   * @param numbers by id
   */
  SilverState state(long version, Map<String, Long> numbers) {
    Map<Integer, Long> offsets = new TreeMap<>();
    Map<String, Long> references = new TreeMap<>();
    numbers.forEach(
        (id, number) -> {
          if (id.startsWith(partitionId())) {
            offsets.put(Integer.valueOf(id.substring(partitionId().length())), number);
          } else if (id.startsWith(referenceId())) {
            references.put(id.substring(referenceId().length()), number);
          }
        });
    Long batch = numbers.get(transactionId());
    return new SilverState(
        version,
        numbers.getOrDefault(exceptionsId(), AS_CREATED),
        numbers.getOrDefault(quarantineId(), AS_CREATED),
        batch == null ? OptionalLong.empty() : OptionalLong.of(batch),
        new Cut(offsets),
        numbers.getOrDefault(rowsId(), 0L),
        numbers.getOrDefault(rewritesId(), 0L),
        references);
  }

  /**
   * What the newest version names, with the newest versions of the tables beside it that hold the
   * same rows: their files are the ones that can be changed.
   *
   * @throws AssayException where a table beside it is another one than it was
   */
  SilverState newest() {
    SilverState named = state(table().version());
    refuseForeignTables(named);
    return new SilverState(
        named.version(),
        exceptions().newestEqual(named.exceptions()),
        quarantine().newestEqual(named.quarantine()),
        named.lastBatch(),
        named.read(),
        named.rowsRead(),
        named.rewrites(),
        named.references());
  }

  /**
   * All numbers of a state, for the commit that follows it. They are written again each time, so
   * that none grows too old to be kept.
   */
  Map<String, Long> numbers(SilverState state) {
    Map<String, Long> numbers = referenceNumbers(state.references());
    state.lastBatch().ifPresent(batch -> numbers.put(transactionId(), batch));
    numbers.put(rowsId(), state.rowsRead());
    numbers.put(rewritesId(), state.rewrites());
    state
        .read()
        .lastOffsets()
        .forEach((partition, offset) -> numbers.put(partitionId() + partition, offset));
    return numbers;
  }

  /**
   * With which versions of the reference tables the rows of a version of silver were looked up, as
   * far back as silver's log tells.
   */
  public List<LookedUp> lookedUp(long version) {
    return new LookUpHistory(this).of(version);
  }

  /** The rows set aside that belong to a version of silver. */
  public Dataset<Row> exceptions(long version) {
    return exceptions().readAt(state(version).exceptions());
  }

  /** The rows in quarantine that belong to a version of silver. */
  public Dataset<Row> quarantine(long version) {
    return quarantine().readAt(state(version).quarantine());
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

  /**
   * Refuses to go on where a table beside silver is not the one whose versions silver names: it was
   * moved away and made anew, or put back from an older copy.
   */
  void refuseForeignTables(SilverState state) {
    refuseForeign(exceptions(), state.exceptions());
    refuseForeign(quarantine(), state.quarantine());
  }

  private void refuseForeign(LakeTable beside, long named) {
    long newest = beside.version();
    if (newest < named) {
      throw AssayException.failed(
          "%s %s, but %s names its version %d"
              .formatted(
                  beside.path(),
                  newest < 0 ? "is gone" : "ends with version " + newest,
                  table().path(),
                  named),
          "put the table back, or run 'assay replay "
              + contract.domain()
              + "', which makes it anew");
    }
  }

  String transactionId() {
    return "assay.silver." + contract.domain();
  }

  String exceptionsId() {
    return transactionId() + ".exceptions";
  }

  String quarantineId() {
    return transactionId() + ".quarantine";
  }

  String rowsId() {
    return transactionId() + ".rows";
  }

  String rewritesId() {
    return transactionId() + ".rewrites";
  }

  /** What stands before the number of a Kafka partition in the id of its last offset. */
  String partitionId() {
    return transactionId() + ".partition.";
  }

  private String referenceId() {
    return transactionId() + ".reference.";
  }

  /** The versions that look-ups read, by the look-up's name, as numbers of silver's commit. */
  Map<String, Long> referenceNumbers(Map<String, Long> references) {
    Map<String, Long> numbers = new TreeMap<>();
    references.forEach((name, version) -> numbers.put(referenceId() + name, version));
    return numbers;
  }

  StructType schema() {
    return parser.silverSchema();
  }

  StructType exceptionsSchema() {
    return parser
        .silverSchema()
        .add(EventParser.OPERATION, StringType)
        .add(Disposition.COLUMN, StringType)
        .add(BATCH_ID, LongType);
  }

  /** Creates those tables beside silver that are not there. */
  void createMissingBeside() {
    if (!exceptions().exists() || !quarantine().exists()) {
      createBeside();
    }
  }

  /** Silver comes last: where it is, the tables whose versions it names are there too. */
  void createTables() {
    createBeside();
    table().createOrExtend(schema(), List.of(EventParser.EVENT_DATE), properties());
  }

  private static Map<String, String> properties() {
    Map<String, String> properties = new TreeMap<>(LakeTable.GUARDED);
    properties.put(LakeTable.WIDENING, "true");
    return properties;
  }

  private void createBeside() {
    // By disposition, so that standing deletes are found without reading what else was set aside.
    exceptions().createOrExtend(exceptionsSchema(), List.of(Disposition.COLUMN), properties());
    quarantine().createOrExtend(QUARANTINE_SCHEMA, List.of(), LakeTable.GUARDED);
  }
}
