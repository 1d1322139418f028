package assay.core.yaml;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * A YAML file as a tree that knows where everything stands. Nothing in the file can make an object:
 * only mappings, lists, texts, numbers, {@code true}, {@code false} and nothing.
 */
public final class YamlDocument {
  private static final int MOST_BYTES = 1_000_000;

  private final Problems problems;
  private final int[] source;
  private JsonNode tree;
  private final Map<JsonPointer, Node> keys = new HashMap<>();
  private final Map<JsonPointer, Node> values = new HashMap<>();
  private final Set<JsonPointer> sick = new HashSet<>();

  private YamlDocument(Problems problems, String text) {
    this.problems = problems;
    this.source = text.codePoints().toArray();
  }

  /**
   * Reads a file.
   *
   * @param problems gets what is wrong with the file itself: away, not UTF-8, not YAML, keys that
   *     are written twice
   * @return empty where there is no tree to look at
   */
  public static Optional<YamlDocument> read(Path file, Problems problems) {
    return readText(file, problems).flatMap(text -> parse(text, problems));
  }

  private static Optional<String> readText(Path file, Problems problems) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        problems.add(Position.START, "the file is larger than 1 MB", "Split it.");
        return Optional.empty();
      }
      byte[] bytes = Files.readAllBytes(file);
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return Optional.of(text.startsWith("\uFEFF") ? text.substring(1) : text);
    } catch (NoSuchFileException e) {
      problems.add(Position.START, "there is no such file", "Check the path.");
    } catch (CharacterCodingException e) {
      problems.add(Position.START, "the file is not UTF-8", "Save it as UTF-8.");
    } catch (IOException e) {
      problems.add(
          Position.START, "the file cannot be read: " + e.getMessage(), "Check its permissions.");
    }
    return Optional.empty();
  }

  /** The same of a text that stands in no file. */
  public static Optional<YamlDocument> parse(String text, Problems problems) {
    LoaderOptions limits = new LoaderOptions();
    limits.setAllowRecursiveKeys(false);
    limits.setMaxAliasesForCollections(20);
    limits.setNestingDepthLimit(20);
    try {
      Node root = new Yaml(limits).compose(new StringReader(text));
      YamlDocument document = new YamlDocument(problems, text);
      if (root == null) {
        // Nothing but comments says the same as a mapping without keys.
        document.tree = JsonNodeFactory.instance.objectNode();
        return Optional.of(document);
      }
      YamlTree reader = new YamlTree(document, problems);
      document.tree = reader.read(root);
      return reader.isWhole() ? Optional.of(document) : Optional.empty();
    } catch (MarkedYAMLException e) {
      problems.add(markOf(e), "this is not YAML: " + describe(e), mendOf(e));
    } catch (YAMLException e) {
      problems.add(
          Position.START,
          "this is not YAML: " + firstLine(e.getMessage()),
          "Remove what is not text, or write less.");
    }
    return Optional.empty();
  }

  private static String describe(MarkedYAMLException e) {
    String context = e.getContext() == null ? "" : firstLine(e.getContext()) + ", ";
    return context + firstLine(e.getProblem());
  }

  private static String mendOf(MarkedYAMLException e) {
    String problem = e.getProblem() == null ? "" : e.getProblem();
    if (problem.contains("(TAB)")) {
      return "Indent with blanks, not tabs.";
    }
    if (problem.contains("tag is not allowed")) {
      return "Remove the tag.";
    }
    if (problem.contains("another document")) {
      return "Write one document a file.";
    }
    if (problem.contains("mapping values are not allowed")) {
      return "Put a text that holds a colon in quotes.";
    }
    return "Check indentation, quotes and brackets on and above this line.";
  }

  private static Position markOf(MarkedYAMLException e) {
    Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
    return mark == null ? Position.START : positionOf(mark);
  }

  static Position positionOf(Mark mark) {
    return new Position(mark.getLine() + 1, mark.getColumn() + 1);
  }

  private static String firstLine(String message) {
    return String.valueOf(message).lines().findFirst().orElse("");
  }

  void place(JsonPointer at, Node value) {
    values.put(at, value);
  }

  void placeKey(JsonPointer at, Node key) {
    keys.put(at, key);
  }

  public YamlNode root() {
    return new YamlNode(this, JsonPointer.empty(), tree);
  }

  Problems problems() {
    return problems;
  }

  /** Remembers that a value was complained about, so that later checks leave it alone. */
  void markSick(JsonPointer at) {
    sick.add(at);
  }

  boolean isSick(JsonPointer at) {
    return sick.contains(at);
  }

  Position positionOfValue(JsonPointer at) {
    Node node = values.get(at);
    return node == null ? Position.START : positionOf(node.getStartMark());
  }

  /** Where the key stands; for an item of a list or the whole file, where the value stands. */
  Position positionOfKey(JsonPointer at) {
    Node node = keys.get(at);
    return node == null ? positionOfValue(at) : positionOf(node.getStartMark());
  }

  Position positionWithin(JsonPointer at, int offset) {
    return values.get(at) instanceof ScalarNode scalar
        ? new ScalarText(source, scalar).at(offset)
        : positionOfValue(at);
  }

  /** A scalar as it was written, without quotes. */
  String rawText(JsonPointer at) {
    return values.get(at) instanceof ScalarNode scalar ? scalar.getValue() : "";
  }
}
