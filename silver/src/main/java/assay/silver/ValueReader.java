package assay.silver;

import assay.core.contract.Column;
import assay.core.contract.Contract;
import assay.core.contract.Source;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Reads a Kafka record's value in one pass over its bytes, up to the rules: those are SQL, and
 * Spark evaluates them. Never throws, whatever the bytes are. Public for the code that Spark
 * generates; use {@link EventParser}.
 */
public final class ValueReader implements Serializable {
  private static final long serialVersionUID = 1;

  /** Whether the rules are to be looked at. */
  static final String JUDGED = "_judged";

  /** The fields of {@link #schema} behind the columns, in their order. */
  private static final int OPERATION = 0;

  private static final int REST = 1;
  private static final int FAILED = 2;
  private static final int FAILED_VALUES = 3;
  private static final int MESSAGE = 4;
  private static final int IS_JUDGED = 5;
  private static final int MORE = 6;

  private static final UTF8String UPSERT = UTF8String.fromString(EventParser.UPSERT);
  private static final UTF8String DELETE = UTF8String.fromString(EventParser.DELETE);
  private static final UTF8String TRUNCATE = UTF8String.fromString(EventParser.TRUNCATE);

  private final String domain;
  private final boolean debezium;
  private final FieldReader reader;
  private final boolean[] required;
  private final int[] all;
  private final int[] key;

  ValueReader(Contract contract) {
    List<Column> columns = contract.columns();
    this.domain = contract.domain();
    this.debezium = contract.source().format() == Source.Format.DEBEZIUM;
    this.reader = new FieldReader(columns);
    this.required = new boolean[columns.size()];
    for (int i = 0; i < required.length; i++) {
      required[i] = columns.get(i).required();
    }
    this.all = IntStream.range(0, columns.size()).toArray();
    this.key = reader.places(contract.key());
  }

  /**
   * What {@link #read} returns: the columns, then names of {@link EventParser}. {@link
   * EventParser#FAILED_RULES} and {@link EventParser#FAILED_VALUES} are NULL where nothing failed.
   */
  static StructType schema(Contract contract) {
    StructType schema = new StructType();
    for (Column column : contract.columns()) {
      schema = schema.add(column.name(), column.type());
    }
    return schema
        .add(EventParser.OPERATION, DataTypes.StringType, false)
        .add(EventParser.REST, DataTypes.StringType)
        .add(EventParser.FAILED_RULES, DataTypes.createArrayType(DataTypes.StringType, false))
        .add(
            EventParser.FAILED_VALUES,
            DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, false))
        .add(EventParser.PARSER_MESSAGE, DataTypes.StringType)
        .add(JUDGED, DataTypes.BooleanType, false);
  }

  /**
   * Reads one record.
   *
   * @param value as Kafka held it, may be {@code null}
   * @param kafkaKey as Kafka held it, may be {@code null}
   */
  public InternalRow read(byte[] value, byte[] kafkaKey) {
    if (value == null) {
      return debezium && kafkaKey != null
          ? delete(reader.nothing(), kafkaKey)
          : unreadable("null", null);
    }
    if (!JsonText.isUtf8(value)) {
      return unreadable("utf8", JsonText.whyNoUtf8(value));
    }
    Optional<String> noObject = JsonText.whyNoObject(value);
    if (noObject.isPresent()) {
      return unreadable("json", noObject.get());
    }
    try (JsonParser json = JsonText.parser(value, 0, value.length)) {
      try {
        return readObject(json, value, kafkaKey);
      } catch (IOException e) {
        return unreadable("json", JsonText.message(e, json));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory could not be read", e);
    }
  }

  private InternalRow readObject(JsonParser json, byte[] value, byte[] kafkaKey)
      throws IOException {
    json.nextToken();
    if (debezium) {
      Envelope envelope = Envelope.read(json, reader, value);
      JsonText.refuseMore(json);
      return row(envelope, value, kafkaKey);
    }
    Fields fields = reader.read(json, value, 0, true);
    JsonText.refuseMore(json);
    return upsert(fields);
  }

  private InternalRow row(Envelope envelope, byte[] value, byte[] kafkaKey) throws IOException {
    switch (envelope.operation()) {
      case "c", "r", "u" -> {
        return envelope.after().map(this::upsert).orElseGet(() -> unreadable("after", null));
      }
      case "d" -> {
        return delete(envelope.before(reader, value), kafkaKey);
      }
      case "t" -> {
        return row(TRUNCATE, reader.nothing(), new int[0]);
      }
      default -> {
        return unreadable("op", null);
      }
    }
  }

  private InternalRow upsert(Fields fields) {
    return row(UPSERT, fields, all);
  }

  /**
   * @param before the row that was, as far as it is known; key columns that it lacks are those of
   *     the Kafka key
   */
  private InternalRow delete(Fields before, byte[] kafkaKey) {
    boolean lacking = IntStream.of(key).anyMatch(before::isMissing);
    if (lacking && kafkaKey != null) {
      Fields ofKey = Envelope.readKey(kafkaKey, reader);
      for (int column : key) {
        if (before.isMissing(column)) {
          before.take(column, ofKey);
        }
      }
    }
    return row(DELETE, before, key);
  }

  /**
   * @param checked columns that may fail, in the contract's order
   */
  private InternalRow row(UTF8String operation, Fields fields, int[] checked) {
    int columns = all.length;
    Object[] row = fields.valuesAnd(MORE);
    row[columns + OPERATION] = operation;
    row[columns + REST] = fields.rest();
    row[columns + IS_JUDGED] = operation.equals(UPSERT);
    for (int column : checked) {
      if (row[column] == null && (required[column] || fields.failure(column) != null)) {
        addFailures(row, fields, checked);
        break;
      }
    }
    return new GenericInternalRow(row);
  }

  private void addFailures(Object[] row, Fields fields, int[] checked) {
    List<UTF8String> names = new ArrayList<>();
    List<UTF8String> typeNames = new ArrayList<>();
    List<UTF8String> texts = new ArrayList<>();
    for (int column : checked) {
      String failure = fields.failure(column);
      if (failure != null) {
        UTF8String name = UTF8String.fromString("type(" + reader.name(column) + ")");
        names.add(name);
        typeNames.add(name);
        texts.add(UTF8String.fromString(failure));
      } else if (row[column] == null && required[column]) {
        names.add(UTF8String.fromString("required(" + reader.name(column) + ")"));
      }
    }
    row[all.length + FAILED] = new GenericArrayData(names.toArray());
    row[all.length + FAILED_VALUES] =
        new ArrayBasedMapData(
            new GenericArrayData(typeNames.toArray()), new GenericArrayData(texts.toArray()));
  }

  private InternalRow unreadable(String why, String message) {
    int columns = all.length;
    Object[] row = new Object[columns + MORE];
    row[columns + OPERATION] = UPSERT;
    row[columns + FAILED] =
        new GenericArrayData(new Object[] {UTF8String.fromString("value(" + why + ")")});
    row[columns + MESSAGE] = message == null ? null : UTF8String.fromString(message);
    row[columns + IS_JUDGED] = false;
    return new GenericInternalRow(row);
  }

  /** For query plans. */
  @Override
  public String toString() {
    return "reader of " + domain;
  }
}
