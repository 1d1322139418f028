package assay.silver;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * What one JSON object has for the contract's columns. A field that is there twice is set twice, so
 * that the last one stays.
 */
final class Fields {
  private final Object[] values;

  /** By column, JSON text that is not of the column's type; without any where all are. */
  private String[] failed;

  private Map<String, byte[]> rest;

  Fields(int columns) {
    this.values = new Object[columns];
  }

  void set(int column, Object value) {
    put(column, value, null);
  }

  /** The field is null. */
  void setMissing(int column) {
    put(column, null, null);
  }

  /**
   * @param text of the value, which is not of the column's type
   */
  void setFailed(int column, String text) {
    put(column, null, text);
  }

  private void put(int column, Object value, String text) {
    values[column] = value;
    if (text != null && failed == null) {
      failed = new String[values.length];
    }
    if (failed != null) {
      failed[column] = text;
    }
  }

  /** Adds a field that is no column, as it stands. */
  void addRest(String name, byte[] json) {
    if (rest == null) {
      rest = new LinkedHashMap<>();
    }
    rest.put(name, json);
  }

  /** {@code NULL} where it is missing or failed. */
  Object value(int column) {
    return values[column];
  }

  /** {@code NULL} where the column did not fail. */
  String failure(int column) {
    return failed == null ? null : failed[column];
  }

  boolean isMissing(int column) {
    return values[column] == null && failure(column) == null;
  }

  /** Takes a column from another object. */
  void take(int column, Fields other) {
    put(column, other.values[column], other.failure(column));
  }

  /** All columns, in a new array with room for {@code more} behind them. */
  Object[] valuesAnd(int more) {
    Object[] row = new Object[values.length + more];
    System.arraycopy(values, 0, row, 0, values.length);
    return row;
  }

  /** A JSON object of the fields that are no columns, {@code NULL} where there are none. */
  UTF8String rest() {
    if (rest == null) {
      return null;
    }
    ByteArrayOutputStream json = new ByteArrayOutputStream(256);
    char before = '{';
    for (Map.Entry<String, byte[]> field : rest.entrySet()) {
      json.write(before);
      json.write('"');
      json.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(field.getKey()));
      json.writeBytes("\":".getBytes(UTF_8));
      json.writeBytes(field.getValue());
      before = ',';
    }
    json.write('}');
    return UTF8String.fromBytes(json.toByteArray());
  }
}
