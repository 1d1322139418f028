package assay.core.yaml;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Turns composed YAML into a JSON tree and notes where each part stands. Scalars are read by the
 * core schema of YAML 1.2, so that {@code no}, {@code on} and {@code 12:30} stay texts.
 */
final class YamlTree {
  private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]{1,100}");
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?([0-9]{1,100}\\.[0-9]{0,100}|\\.[0-9]{1,100})");

  /** Aliases can write a small file into a huge tree. */
  private static final int MOST_NODES = 50_000;

  private final YamlDocument document;
  private final Problems problems;
  private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private int nodes;
  private boolean whole = true;

  YamlTree(YamlDocument document, Problems problems) {
    this.document = document;
    this.problems = problems;
  }

  JsonNode read(Node root) {
    return read(JsonPointer.empty(), root);
  }

  /** Whether the tree is worth a look: nothing was cut off for its size or for a loop. */
  boolean isWhole() {
    return whole;
  }

  private JsonNode read(JsonPointer at, Node node) {
    document.place(at, node);
    if (!mayRead(node)) {
      return JsonNodeFactory.instance.nullNode();
    }
    open.add(node);
    try {
      if (node instanceof MappingNode mapping) {
        return mapping(at, mapping);
      }
      if (node instanceof SequenceNode sequence) {
        ArrayNode items = JsonNodeFactory.instance.arrayNode();
        for (Node item : sequence.getValue()) {
          items.add(read(at.appendIndex(items.size()), item));
        }
        return items;
      }
      return scalar((ScalarNode) node);
    } finally {
      open.remove(node);
    }
  }

  private boolean mayRead(Node node) {
    if (!whole) {
      return false;
    }
    Position position = YamlDocument.positionOf(node.getStartMark());
    if (open.contains(node)) {
      problems.add(position, "this part holds itself", "Write it out instead of the alias.");
      whole = false;
    } else if (++nodes > MOST_NODES) {
      problems.add(position, "aliases make the file too large", "Write the parts out.");
      whole = false;
    } else if (!node.getTag().startsWith(Tag.PREFIX)) {
      problems.add(
          position,
          "the tag `" + node.getTag().getValue() + "` means nothing here",
          "Remove the tag.");
    }
    return whole;
  }

  private ObjectNode mapping(JsonPointer at, MappingNode mapping) {
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    Map<String, Position> first = new HashMap<>();
    for (NodeTuple entry : mapping.getValue()) {
      Position position = YamlDocument.positionOf(entry.getKeyNode().getStartMark());
      if (!(entry.getKeyNode() instanceof ScalarNode key)) {
        problems.add(position, "a key must be a text", "Write a name before the colon.");
        continue;
      }
      String name = key.getValue();
      Position earlier = first.putIfAbsent(name, position);
      if (earlier != null) {
        problems.add(
            position,
            "`" + name + "` was already written on line " + earlier.line(),
            "Keep one of the two.");
        continue;
      }
      JsonPointer child = at.appendProperty(name);
      document.placeKey(child, key);
      fields.set(name, read(child, entry.getValueNode()));
    }
    return fields;
  }

  private static JsonNode scalar(ScalarNode scalar) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    String text = scalar.getValue();
    if (scalar.getScalarStyle() != ScalarStyle.PLAIN) {
      return json.textNode(text);
    }
    return switch (text) {
      case "", "~", "null", "Null", "NULL" -> json.nullNode();
      case "true", "True", "TRUE" -> json.booleanNode(true);
      case "false", "False", "FALSE" -> json.booleanNode(false);
      default -> {
        if (INTEGER.matcher(text).matches()) {
          yield json.numberNode(new BigInteger(text));
        }
        yield NUMBER.matcher(text).matches()
            ? json.numberNode(new BigDecimal(text))
            : json.textNode(text);
      }
    };
  }
}
