package assay.silver;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_compact;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.from_utc_timestamp;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.is_valid_utf8;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.ltrim;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.to_date;
import static org.apache.spark.sql.functions.when;

import assay.core.contract.Column;
import assay.core.contract.Contract;
import assay.core.contract.Rule;
import assay.ingestion.Bronze;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Reads bronze rows as the contract has them. Both paths use it, so that they never differ by how a
 * value is read. {@code docs/dispositions.md} says what is accepted and what fails.
 */
public final class EventParser {
  /** Where the row stands in bronze. */
  public static final String PARTITION = "_partition";

  public static final String OFFSET = "_offset";
  public static final String INGESTED_AT = "_ingested_at";

  /** What Kafka held, unchanged. */
  public static final String KAFKA_TIMESTAMP = "_kafka_timestamp";

  public static final String KEY = "_key";
  public static final String VALUE = "_value";

  /** The day of the event time, in the contract's zone. */
  public static final String EVENT_DATE = "event_date";

  /** The names of all that failed, warnings included, in the contract's order. */
  public static final String FAILED_RULES = "_failed_rules";

  /** Whether the row fails, that is, whether more than warnings failed. */
  public static final String FAILS = "_fails";

  /** What the row does to its key: {@code upsert}, {@code delete}, or {@code truncate} to all. */
  public static final String OPERATION = "_operation";

  /** The values of {@link #OPERATION}. */
  public static final String UPSERT = "upsert";

  public static final String DELETE = "delete";
  public static final String TRUNCATE = "truncate";

  private static final String TEXT = "_text";
  private static final String JSON = "_json";
  private static final String VALUE_FAILURE = "_value_failure";

  /** Marks the element that is put behind a value to see where the value ends. */
  private static final String END = "_assay_end";

  /** JSON as its standard has it; the engine's defaults let more pass. */
  private static final Map<String, String> STRICT =
      Map.of("allowSingleQuotes", "false", "allowNonNumericNumbers", "false");

  private final Contract contract;

  public EventParser(Contract contract) {
    this.contract = contract;
  }

  /**
   * Bronze rows to rows with the contract's columns, {@link #EVENT_DATE}, the position, {@link
   * #FAILED_RULES}, {@link #FAILS} and what Kafka held. One row each, none left out.
   */
  public Dataset<Row> parse(Dataset<Row> bronze) {
    return markFailures(castColumns(readJson(bronze))).withColumn(OPERATION, lit(UPSERT));
  }

  /** The columns of the contract, the day and the position: what silver holds. */
  public List<String> silverColumns() {
    return Stream.concat(
            contract.columnNames().stream(), Stream.of(EVENT_DATE, PARTITION, OFFSET, INGESTED_AT))
        .toList();
  }

  /** The schema of {@link #silverColumns}. */
  public StructType silverSchema() {
    StructType schema = new StructType();
    for (Column column : contract.columns()) {
      schema = schema.add(column.name(), column.type());
    }
    return schema
        .add(EVENT_DATE, DataTypes.DateType)
        .add(PARTITION, DataTypes.IntegerType)
        .add(OFFSET, DataTypes.LongType)
        .add(INGESTED_AT, DataTypes.TimestampType);
  }

  private Dataset<Row> readJson(Dataset<Row> bronze) {
    StructType fields = new StructType();
    for (Column column : contract.columns()) {
      fields = fields.add(column.name(), TextCast.readAs(column.type()));
    }
    fields = fields.add(END, DataTypes.StringType);
    // As the first of two elements of an array: read as it stands, whatever follows the object's
    // end would pass unseen. Only where the second is ours as well is the text one object.
    org.apache.spark.sql.Column framed =
        concat(lit("["), col(TEXT), lit(",{\"" + END + "\":\"1\"}]"));
    org.apache.spark.sql.Column whole =
        ltrim(col(TEXT), lit(" \t\r\n"))
            .startsWith("{")
            .and(size(col(JSON)).equalTo(2))
            .and(get(col(JSON), lit(1)).getField(END).equalTo("1"));
    return bronze
        .select(
            col(Bronze.PARTITION).as(PARTITION),
            col(Bronze.OFFSET).as(OFFSET),
            col(Bronze.INGESTED_AT).as(INGESTED_AT),
            col(Bronze.KAFKA_TIMESTAMP).as(KAFKA_TIMESTAMP),
            col(Bronze.KEY).as(KEY),
            col(Bronze.VALUE).as(VALUE),
            col(Bronze.VALUE).cast(DataTypes.StringType).as(TEXT))
        .withColumn(JSON, from_json(framed, DataTypes.createArrayType(fields), STRICT))
        .withColumn(
            VALUE_FAILURE,
            when(col(VALUE).isNull(), lit("value(null)"))
                .when(not(is_valid_utf8(col(TEXT))), lit("value(utf8)"))
                .when(not(coalesce(whole, lit(false))), lit("value(json)")));
  }

  private Dataset<Row> castColumns(Dataset<Row> read) {
    List<org.apache.spark.sql.Column> selected = new ArrayList<>(passedOn(read));
    for (Column column : contract.columns()) {
      org.apache.spark.sql.Column field =
          when(col(VALUE_FAILURE).isNull(), get(col(JSON), lit(0)).getField(column.name()));
      selected.add(field.as(fieldOf(column)));
    }
    selected.add(col(TEXT));
    Dataset<Row> cast = read.select(selected.toArray(org.apache.spark.sql.Column[]::new));
    for (Column column : contract.columns()) {
      cast = cast.withColumn(column.name(), TextCast.read(column, col(fieldOf(column)), col(TEXT)));
    }
    org.apache.spark.sql.Column eventTime = col(contract.eventTime());
    boolean utc = contract.zone().normalized().equals(ZoneOffset.UTC);
    return cast.withColumn(
        EVENT_DATE,
        to_date(utc ? eventTime : from_utc_timestamp(eventTime, contract.zone().getId())));
  }

  private Dataset<Row> markFailures(Dataset<Row> cast) {
    List<org.apache.spark.sql.Column> names = new ArrayList<>();
    List<org.apache.spark.sql.Column> fatal = new ArrayList<>();
    for (Column column : contract.columns()) {
      org.apache.spark.sql.Column there = TextCast.isThere(column, col(fieldOf(column)), col(TEXT));
      org.apache.spark.sql.Column wrongType = col(column.name()).isNull().and(there);
      names.add(when(wrongType, lit("type(" + column.name() + ")")));
      fatal.add(wrongType);
      if (column.required()) {
        org.apache.spark.sql.Column missing = col(column.name()).isNull().and(not(there));
        names.add(when(missing, lit("required(" + column.name() + ")")));
        fatal.add(missing);
      }
    }
    for (Rule rule : contract.rules()) {
      org.apache.spark.sql.Column failed = not(coalesce(expr(rule.check()), lit(true)));
      names.add(when(failed, lit(rule.name())));
      if (rule.otherwise() == Rule.Otherwise.QUARANTINE) {
        fatal.add(failed);
      }
    }
    org.apache.spark.sql.Column anyFatal =
        fatal.stream().reduce(org.apache.spark.sql.Column::or).orElse(lit(false));
    org.apache.spark.sql.Column unreadable = col(VALUE_FAILURE).isNotNull();
    Dataset<Row> marked =
        cast.withColumn(
                FAILED_RULES,
                when(unreadable, array(col(VALUE_FAILURE)))
                    .otherwise(
                        array_compact(array(names.toArray(org.apache.spark.sql.Column[]::new)))))
            .withColumn(FAILS, unreadable.or(anyFatal));
    return marked.drop(
        Stream.concat(
                Stream.of(VALUE_FAILURE, TEXT),
                contract.columns().stream().map(EventParser::fieldOf))
            .toArray(String[]::new));
  }

  private List<org.apache.spark.sql.Column> passedOn(Dataset<Row> read) {
    return Stream.of(read.columns())
        .filter(name -> !List.of(TEXT, JSON).contains(name))
        .map(org.apache.spark.sql.functions::col)
        .toList();
  }

  private static String fieldOf(Column column) {
    return "_field_" + column.name();
  }
}
