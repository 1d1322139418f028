package assay.silver;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Optional;

/**
 * What Debezium wraps a changed row in. With schemas on, the envelope stands under {@code payload}
 * beside its schema, and a Kafka key does so too.
 *
 * @see <a
 *     href="https://debezium.io/documentation/reference/stable/connectors/postgresql.html#postgresql-events">Debezium:
 *     data change events</a>
 */
final class Envelope {
  private static final String PAYLOAD = "payload";

  private String operation = "";
  private Fields after;
  private int beforeFrom;
  private int beforeTo;

  private Envelope() {}

  /**
   * Reads to the end of the value's object.
   *
   * @param json at the object's start
   */
  static Envelope read(JsonParser json, FieldReader reader, byte[] value) throws IOException {
    return new Envelope().readFields(json, reader, value, true);
  }

  private Envelope readFields(
      JsonParser json, FieldReader reader, byte[] value, boolean mayBeWrapped) throws IOException {
    Envelope found = this;
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      boolean object = json.nextToken() == JsonToken.START_OBJECT;
      if (name.equals("op")) {
        operation = json.currentToken() == JsonToken.VALUE_STRING ? json.getText() : "";
        json.skipChildren();
      } else if (name.equals("after")) {
        after = object ? reader.read(json, value, 0, true) : null;
        json.skipChildren();
      } else if (name.equals("before")) {
        // Only a delete needs it, and what the row is comes behind it.
        beforeFrom = (int) json.currentTokenLocation().getByteOffset();
        json.skipChildren();
        beforeTo = object ? (int) json.currentLocation().getByteOffset() : beforeFrom;
      } else if (mayBeWrapped && object && name.equals(PAYLOAD)) {
        found = new Envelope().readFields(json, reader, value, false);
      } else {
        json.skipChildren();
      }
    }
    return found;
  }

  /** A letter; empty where there is none. */
  String operation() {
    return operation;
  }

  Optional<Fields> after() {
    return Optional.ofNullable(after);
  }

  /** The row that was; without fields where it is not told. */
  Fields before(FieldReader reader, byte[] value) throws IOException {
    return beforeFrom == beforeTo
        ? reader.nothing()
        : readObject(value, beforeFrom, beforeTo, reader);
  }

  /** What a Kafka key has of the contract's columns: nothing where it is not one JSON object. */
  static Fields readKey(byte[] key, FieldReader reader) {
    if (!JsonText.isUtf8(key) || JsonText.whyNoObject(key).isPresent()) {
      return reader.nothing();
    }
    try (JsonParser json = JsonText.parser(key, 0, key.length)) {
      json.nextToken();
      int from = 0;
      int to = key.length;
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        boolean payload = json.nextToken() == JsonToken.START_OBJECT && name.equals(PAYLOAD);
        int start = (int) json.currentTokenLocation().getByteOffset();
        json.skipChildren();
        if (payload) {
          from = start;
          to = (int) json.currentLocation().getByteOffset();
        }
      }
      return json.nextToken() == null ? readObject(key, from, to, reader) : reader.nothing();
    } catch (IOException e) {
      return reader.nothing();
    }
  }

  private static Fields readObject(byte[] bytes, int from, int to, FieldReader reader)
      throws IOException {
    try (JsonParser json = JsonText.parser(bytes, from, to)) {
      json.nextToken();
      return reader.read(json, bytes, from, false);
    }
  }
}
