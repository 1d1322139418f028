package assay.core.yaml;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A value in a {@link YamlDocument}, with its place. */
public final class YamlNode {
  private final YamlDocument document;
  private final JsonPointer at;
  private final JsonNode json;

  YamlNode(YamlDocument document, JsonPointer at, JsonNode json) {
    this.document = document;
    this.at = at;
    this.json = json;
  }

  public JsonNode json() {
    return json;
  }

  /** The last name on the way to this value; the index for an item of a list. */
  public String name() {
    JsonPointer last = at.last();
    return last == null ? "" : last.getMatchingProperty();
  }

  /** A scalar as it was written, without quotes; empty for a mapping or a list. */
  public String text() {
    return document.rawText(at);
  }

  /** The value under a key, unless the key is missing or its value was complained about. */
  public Optional<YamlNode> field(String name) {
    JsonPointer child = at.appendProperty(name);
    return json.has(name) && !document.isSick(child)
        ? Optional.of(new YamlNode(document, child, json.get(name)))
        : Optional.empty();
  }

  /** Whether the key is written, whatever its value. */
  public boolean has(String name) {
    return json.has(name);
  }

  /** All values of a mapping in the order of the file, sick ones too: their names are known. */
  public List<YamlNode> fields() {
    List<YamlNode> fields = new ArrayList<>();
    json.properties()
        .forEach(
            e -> fields.add(new YamlNode(document, at.appendProperty(e.getKey()), e.getValue())));
    return fields;
  }

  /** The items of a list that were not complained about. */
  public List<YamlNode> items() {
    List<YamlNode> items = new ArrayList<>();
    for (int i = 0; i < json.size(); i++) {
      JsonPointer child = at.appendIndex(i);
      if (json.isArray() && !document.isSick(child)) {
        items.add(new YamlNode(document, child, json.get(i)));
      }
    }
    return items;
  }

  public boolean isHealthy() {
    return !document.isSick(at);
  }

  public Position position() {
    return document.positionOfValue(at);
  }

  public Position keyPosition() {
    return document.positionOfKey(at);
  }

  /** Reports a mistake in this value; it no longer counts as healthy. */
  public void mistake(String message, String mend) {
    report(position(), message, mend);
  }

  /** Reports a mistake in this value's key; the value itself may be healthy. */
  public void mistakeInKey(String message, String mend) {
    document.problems().add(keyPosition(), message, mend);
  }

  /** Reports a mistake at a character of this text, from 0. */
  public void mistakeWithin(int offset, String message, String mend) {
    report(document.positionWithin(at, offset), message, mend);
  }

  private void report(Position position, String message, String mend) {
    document.problems().add(position, message, mend);
    document.markSick(at);
  }
}
