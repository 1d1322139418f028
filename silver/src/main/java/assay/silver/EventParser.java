package assay.silver;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.from_utc_timestamp;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.map_concat;
import static org.apache.spark.sql.functions.map_from_arrays;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.to_date;
import static org.apache.spark.sql.functions.when;

import assay.core.contract.Contract;
import assay.core.contract.Rule;
import assay.core.rows.JavaCall;
import assay.ingestion.Bronze;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
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

  /** The day of the event time, in the contract's zone; NULL where a row has no event time. */
  public static final String EVENT_DATE = "event_date";

  /**
   * What the row does: {@link #UPSERT}, {@link #DELETE} or {@link #TRUNCATE}. An upsert where it
   * cannot be read.
   */
  public static final String OPERATION = "_operation";

  public static final String UPSERT = "upsert";

  /** Takes the row of its key away. It has the key columns, and of the others what is known. */
  public static final String DELETE = "delete";

  /** Takes all rows away. It has no columns. */
  public static final String TRUNCATE = "truncate";

  /** A JSON object of the fields that are no columns, as they stood; NULL where there are none. */
  public static final String REST = "_rest";

  /** The names of all that failed, warnings included, in the contract's order. */
  public static final String FAILED_RULES = "_failed_rules";

  /** Whether the row fails, that is, whether more than warnings failed. */
  public static final String FAILS = "_fails";

  /**
   * By name in {@link #FAILED_RULES} what failed: JSON of a column that is not of its type, {@code
   * a=1, b=2} of a rule; at most {@link #EXCERPT} characters of it.
   */
  public static final String FAILED_VALUES = "_failed_values";

  /** Why and where a value is no JSON or no UTF-8; NULL where it is. */
  public static final String PARSER_MESSAGE = "_parser_message";

  /** The most characters of a value that failed. */
  static final int EXCERPT = 200;

  private static final String READ = "_read";

  private final Contract contract;
  private final ValueReader reader;
  private final StructType readSchema;

  public EventParser(Contract contract) {
    this.contract = contract;
    this.reader = new ValueReader(contract);
    this.readSchema = ValueReader.schema(contract);
  }

  /**
   * The first half of {@link EventReader#read}, through which stages read. Bronze rows to rows with
   * the contract's columns, {@link #EVENT_DATE}, the position, the other columns named here, and
   * what Kafka held. One row each, none left out.
   */
  public Dataset<Row> parse(Dataset<Row> bronze) {
    return markFailures(evaluateRules(readValues(bronze)));
  }

  /**
   * The contract's columns, enriched ones too, the rest, the day and the position: what silver
   * holds.
   */
  public List<String> silverColumns() {
    return List.of(silverSchema().fieldNames());
  }

  /** The schema of {@link #silverColumns}. */
  public StructType silverSchema() {
    StructType schema = new StructType();
    for (assay.core.contract.Column column : contract.columns()) {
      schema = schema.add(column.name(), column.type());
    }
    for (assay.core.contract.Column column : contract.enrichedColumns()) {
      schema = schema.add(column.name(), column.type());
    }
    return schema
        .add(REST, DataTypes.StringType)
        .add(EVENT_DATE, DataTypes.DateType)
        .add(PARTITION, DataTypes.IntegerType)
        .add(OFFSET, DataTypes.LongType)
        .add(INGESTED_AT, DataTypes.TimestampType);
  }

  private Dataset<Row> readValues(Dataset<Row> bronze) {
    List<Column> passedOn =
        List.of(
            col(Bronze.PARTITION).as(PARTITION),
            col(Bronze.OFFSET).as(OFFSET),
            col(Bronze.INGESTED_AT).as(INGESTED_AT),
            col(Bronze.KAFKA_TIMESTAMP).as(KAFKA_TIMESTAMP),
            col(Bronze.KEY).as(KEY),
            col(Bronze.VALUE).as(VALUE));
    Dataset<Row> read =
        bronze.select(
            columns(passedOn, Stream.of(readValue(col(Bronze.VALUE), col(Bronze.KEY)).as(READ))));
    List<Column> kept =
        Stream.of(read.columns()).filter(c -> !c.equals(READ)).map(c -> col(c)).toList();
    Column eventTime = col(READ).getField(contract.eventTime());
    boolean utc = contract.zone().normalized().equals(ZoneOffset.UTC);
    Column day = to_date(utc ? eventTime : from_utc_timestamp(eventTime, contract.zone().getId()));
    return read.select(
        columns(
            kept,
            Stream.concat(
                Stream.of(readSchema.fieldNames()).map(f -> col(READ).getField(f).as(f)),
                Stream.of(day.as(EVENT_DATE)))));
  }

  /**
   * No built-in function tells which field failed, keeps unknown ones and reads decimals as they
   * are written, and {@code from_json} takes longer. Fields of what is read are asked for many
   * times above.
   */
  private Column readValue(Column value, Column key) {
    return JavaCall.onceARow(reader, "read", readSchema, value, key);
  }

  /** Whether each rule failed, once, for the columns above that ask. */
  private Dataset<Row> evaluateRules(Dataset<Row> read) {
    List<Column> failed = new ArrayList<>();
    for (Rule rule : contract.rules()) {
      Column broken = not(coalesce(expr(rule.check()), lit(true)));
      failed.add(col(ValueReader.JUDGED).and(broken).as(failedOf(rule)));
    }
    return read.select(columns(List.of(col("*")), failed.stream()));
  }

  private Dataset<Row> markFailures(Dataset<Row> evaluated) {
    Column readFails = col(FAILED_RULES).isNotNull();
    Column fails = readFails;
    Column any = readFails;
    for (Rule rule : contract.rules()) {
      any = any.or(col(failedOf(rule)));
      if (rule.otherwise().setsAside()) {
        fails = fails.or(col(failedOf(rule)));
      }
    }
    Column noNames = array().cast(DataTypes.createArrayType(DataTypes.StringType));
    Column noValues = map_from_arrays(noNames, noNames);
    Column names = joined(FAILED_RULES, noNames, rule -> array(lit(rule.name())), c -> concat(c));
    Column values =
        joined(
            FAILED_VALUES,
            noValues,
            rule -> map(lit(rule.name()), valuesOf(rule)),
            c -> map_concat(c));
    // Behind a condition, so that a good row pays for neither.
    return evaluated.select(
        columns(
            Stream.of(evaluated.columns()).filter(c -> !isInternal(c)).map(c -> col(c)).toList(),
            Stream.of(
                when(any, names).otherwise(noNames).as(FAILED_RULES),
                when(any, values).otherwise(noValues).as(FAILED_VALUES),
                fails.as(FAILS))));
  }

  private boolean isInternal(String column) {
    return column.equals(FAILED_RULES)
        || column.equals(FAILED_VALUES)
        || column.equals(ValueReader.JUDGED)
        || contract.rules().stream().anyMatch(rule -> column.equals(failedOf(rule)));
  }

  /** What reading left in a column, and what each rule that failed adds. */
  private Column joined(
      String read, Column nothing, Function<Rule, Column> added, Function<Column[], Column> join) {
    List<Column> parts = new ArrayList<>();
    parts.add(coalesce(col(read), nothing));
    for (Rule rule : contract.rules()) {
      parts.add(when(col(failedOf(rule)), added.apply(rule)).otherwise(nothing));
    }
    return join.apply(parts.toArray(Column[]::new));
  }

  private Column valuesOf(Rule rule) {
    List<Column> parts = new ArrayList<>();
    for (String name : RuleColumns.of(rule, contract)) {
      parts.add(lit(parts.isEmpty() ? name + "=" : ", " + name + "="));
      parts.add(coalesce(col(name).cast(DataTypes.StringType), lit("NULL")));
    }
    return substring(concat(parts.toArray(Column[]::new)), 1, EXCERPT);
  }

  private static Column[] columns(List<Column> first, Stream<Column> then) {
    return Stream.concat(first.stream(), then).toArray(Column[]::new);
  }

  private static String failedOf(Rule rule) {
    return "_failed_" + rule.name();
  }
}
