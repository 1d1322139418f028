package assay.silver;

import static java.nio.charset.StandardCharsets.UTF_8;

import assay.core.contract.Column;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import org.apache.spark.unsafe.types.UTF8String;

/** Reads the fields of one JSON object as the contract's columns. */
final class FieldReader implements Serializable {
  private static final long serialVersionUID = 1;

  private final String[] names;
  private final TextCast[] casts;
  private final HashMap<String, Integer> columnOf = new HashMap<>();

  FieldReader(List<Column> columns) {
    names = columns.stream().map(Column::name).toArray(String[]::new);
    casts = columns.stream().map(c -> TextCast.to(c.type())).toArray(TextCast[]::new);
    for (int i = 0; i < names.length; i++) {
      columnOf.put(names[i], i);
    }
  }

  /** An object without fields. */
  Fields nothing() {
    return new Fields(names.length);
  }

  /**
   * Reads to the object's end.
   *
   * @param json at the object's start
   * @param bytes what the parser reads from
   * @param base where in {@code bytes} it began to
   * @param keepRest whether to keep the fields that are no columns
   */
  Fields read(JsonParser json, byte[] bytes, int base, boolean keepRest) throws IOException {
    Fields fields = nothing();
    // Producers write the fields of each object in one order, most often that of the contract.
    int expected = 0;
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      JsonToken token = json.nextToken();
      int column =
          expected < names.length && names[expected].equals(name)
              ? expected
              : columnOf.getOrDefault(name, -1);
      if (column >= 0) {
        readColumn(json, token, bytes, base, fields, column);
        expected = column + 1;
      } else if (keepRest) {
        int from = base + start(json);
        fields.addRest(name, Arrays.copyOfRange(bytes, from, base + end(json)));
      } else {
        json.skipChildren();
      }
    }
    return fields;
  }

  private void readColumn(
      JsonParser json, JsonToken token, byte[] bytes, int base, Fields fields, int column)
      throws IOException {
    TextCast cast = casts[column];
    Object value =
        switch (token) {
          case VALUE_NULL -> null;
          case VALUE_TRUE, VALUE_FALSE -> cast.read(token == JsonToken.VALUE_TRUE);
          case START_OBJECT, START_ARRAY -> null;
          case VALUE_STRING ->
              cast.takesAnyText() ? UTF8String.fromString(json.getText()) : readText(json, cast);
          default -> readText(json, cast);
        };
    if (value != null) {
      fields.set(column, value);
    } else if (token == JsonToken.VALUE_NULL) {
      fields.setMissing(column);
    } else {
      int from = base + start(json);
      int to = base + end(json);
      if (cast.takesAnyText()) {
        fields.set(column, UTF8String.fromBytes(JsonText.withoutBlanks(bytes, from, to)));
      } else {
        fields.setFailed(column, excerpt(bytes, from, to));
      }
    }
  }

  private static Object readText(JsonParser json, TextCast cast) throws IOException {
    char[] text = json.getTextCharacters();
    int from = json.getTextOffset();
    return cast.read(text, from, from + json.getTextLength());
  }

  /** Of the value at hand, counted from where the parser began. */
  private static int start(JsonParser json) {
    return (int) json.currentTokenLocation().getByteOffset();
  }

  /** Reads the value at hand to its end, exclusive. */
  private static int end(JsonParser json) throws IOException {
    json.skipChildren();
    json.finishToken();
    return (int) json.currentLocation().getByteOffset();
  }

  private static String excerpt(byte[] bytes, int from, int to) {
    // No character takes more than four bytes.
    int length = Math.min(to - from, 4 * EventParser.EXCERPT);
    String text = new String(bytes, from, length, UTF_8);
    return text.codePointCount(0, text.length()) <= EventParser.EXCERPT
        ? text
        : text.substring(0, text.offsetByCodePoints(0, EventParser.EXCERPT));
  }

  String name(int column) {
    return names[column];
  }

  int columns() {
    return names.length;
  }

  /** The place of each of some columns among all. */
  int[] places(List<String> of) {
    return of.stream().mapToInt(columnOf::get).toArray();
  }
}
