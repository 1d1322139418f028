package assay.core.yaml;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.path.NodePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks up what a schema says about a place: what it is called, what to write there. */
final class SchemaWords {
  private final JsonNode root;

  SchemaWords(JsonNode root) {
    this.root = root;
  }

  /** The keys known beside an {@code additionalProperties} or {@code required} that failed. */
  List<String> knownKeys(NodePath keyword) {
    List<String> known = new ArrayList<>();
    owner(keyword).path("properties").fieldNames().forEachRemaining(known::add);
    return known;
  }

  /** An example of a property's value, where the schema has one. */
  Optional<String> exampleOf(NodePath keyword, String property) {
    return example(owner(keyword).path("properties").path(property));
  }

  /** An example of the value that a keyword refused. */
  Optional<String> example(NodePath keyword) {
    return example(outermost(keyword));
  }

  /** What the value that a keyword refused is called: "a duration", "a list of columns". */
  String title(NodePath keyword) {
    return word(outermost(keyword), "title").orElse("something else");
  }

  private Optional<String> example(JsonNode schema) {
    Optional<String> own = firstExample(schema);
    return own.isPresent() ? own : firstExample(target(schema));
  }

  private static Optional<String> firstExample(JsonNode schema) {
    return Optional.ofNullable(schema.path("examples").get(0)).map(JsonNode::asText);
  }

  private Optional<String> word(JsonNode schema, String key) {
    JsonNode own = schema.path(key);
    JsonNode word = own.isMissingNode() ? target(schema).path(key) : own;
    return word.isMissingNode() ? Optional.empty() : Optional.of(word.asText());
  }

  /** The schema that holds the keyword. */
  private JsonNode owner(NodePath keyword) {
    return walk(keyword, keyword.getNameCount() - 1);
  }

  /** The schema that holds the keyword, or that refers to it: what is said there goes first. */
  private JsonNode outermost(NodePath keyword) {
    int length = keyword.getNameCount() - 1;
    boolean referred = length > 0 && "$ref".equals(String.valueOf(keyword.getElement(length - 1)));
    return walk(keyword, referred ? length - 1 : length);
  }

  private JsonNode walk(NodePath path, int length) {
    JsonNode schema = root;
    for (int i = 0; i < length; i++) {
      String step = String.valueOf(path.getElement(i));
      schema = step.equals("$ref") ? target(schema) : schema.path(step);
    }
    return schema;
  }

  private JsonNode target(JsonNode schema) {
    String reference = schema.path("$ref").asText("");
    return reference.startsWith("#/")
        ? root.at(JsonPointer.compile(reference.substring(1)))
        : root.path("nothing");
  }
}
