package assay.core.yaml;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.path.NodePath;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Checks a document against a JSON schema and says what is wrong in words a user can act on. The
 * words come from the schema: {@code title} says what a value is, {@code examples} what to write.
 */
public final class SchemaCheck {
  private final SchemaWords words;
  private final Schema schema;

  private SchemaCheck(JsonNode tree) {
    this.words = new SchemaWords(tree);
    this.schema = SchemaRegistry.withDefaultDialect(Dialects.getDraft202012()).getSchema(tree);
  }

  /**
   * Reads a schema.
   *
   * @param resource its absolute name on the class path
   */
  public static SchemaCheck ofResource(String resource) {
    try (InputStream in =
        Objects.requireNonNull(SchemaCheck.class.getResourceAsStream(resource), resource)) {
      return new SchemaCheck(new ObjectMapper().readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reports what does not fit, one mistake a place; what was reported is not healthy then. */
  public void check(YamlDocument document) {
    List<Error> errors = schema.validate(document.root().json());
    Set<JsonPointer> misspelt = new HashSet<>();
    for (Error error : errors) {
      if (error.getKeyword().equals("additionalProperties")) {
        unknownKey(document, error).ifPresent(misspelt::add);
      }
    }
    for (Error error : errors) {
      JsonPointer at = pointer(error.getInstanceLocation());
      switch (error.getKeyword()) {
        case "additionalProperties" -> {}
        case "required" -> {
          if (!misspelt.contains(at.appendProperty(error.getProperty()))) {
            missingKey(document, at, error);
          }
        }
        case "propertyNames" -> {
          Position position = document.positionOfKey(at.appendProperty(error.getProperty()));
          badName(document, position, error.getProperty());
        }
        default -> {
          // A wrong kind of value fails other keywords too; the validator reports the kind first.
          if (!document.isSick(at)) {
            wrongValue(document, at, error);
            document.markSick(at);
          }
        }
      }
    }
  }

  /** Reports the key; gives back the one that was probably meant, which is then not missing. */
  private Optional<JsonPointer> unknownKey(YamlDocument document, Error error) {
    JsonPointer at = pointer(error.getInstanceLocation());
    String key = error.getProperty();
    List<String> free = new ArrayList<>(words.knownKeys(error.getEvaluationPath()));
    free.removeIf(error.getInstanceNode()::has);
    document.markSick(at.appendProperty(key));
    Position position = document.positionOfKey(at.appendProperty(key));
    if (key.equals("<<")) {
      document.problems().add(position, "merge keys are not read", "Write the keys out.");
      return Optional.empty();
    }
    document.problems().add(position, "unknown key `" + key + "`", Nearest.mend(key, free));
    return Nearest.to(key, free).map(at::appendProperty);
  }

  private void missingKey(YamlDocument document, JsonPointer at, Error error) {
    String key = error.getProperty();
    String owner = at.matches() ? "the file" : subject(at);
    String mend =
        words
            .exampleOf(error.getEvaluationPath(), key)
            .map(example -> "Add for example `" + key + ": " + example + "`.")
            .orElse("Add `" + key + ":`.");
    document
        .problems()
        .add(document.positionOfKey(at), owner + " lacks the key `" + key + "`", mend);
  }

  private void wrongValue(YamlDocument document, JsonPointer at, Error error) {
    JsonNode value = error.getInstanceNode();
    NodePath keyword = error.getEvaluationPath();
    Position position = document.positionOfValue(at);
    String title = words.title(keyword);
    String mend =
        words.example(keyword).map(e -> "Write for example `" + e + "`.").orElse("Change it.");
    if (value.isNull()) {
      String orNothing = at.matches() ? "" : " Or leave the key out.";
      String missing = subject(at) + " has no value";
      document.problems().add(position, missing, mend + orNothing);
    } else if (value.isContainerNode() && value.isEmpty() && !error.getKeyword().equals("type")) {
      document.problems().add(position, subject(at) + " is empty", mend);
    } else if (title.equals("a name") && error.getKeyword().equals("pattern")) {
      badName(document, position, value.asText());
    } else {
      String not = ", not " + shown(document, at, value);
      document.problems().add(position, subject(at) + " must be " + title + not, mend);
    }
  }

  private static void badName(YamlDocument document, Position position, String name) {
    document.problems().add(position, Names.message(name), Names.mend(name));
  }

  private static String subject(JsonPointer at) {
    if (at.matches()) {
      return "the file";
    }
    boolean item = at.last().mayMatchElement() && !at.head().matches();
    return item
        ? "an item of `" + at.head().last().getMatchingProperty() + "`"
        : "`" + at.last().getMatchingProperty() + "`";
  }

  private static String shown(YamlDocument document, JsonPointer at, JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> "a mapping";
      case ARRAY -> "a list";
      default -> {
        String text = document.rawText(at).lines().findFirst().orElse("");
        yield "`" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "`";
      }
    };
  }

  private static JsonPointer pointer(NodePath path) {
    JsonPointer pointer = JsonPointer.empty();
    for (int i = 0; i < path.getNameCount(); i++) {
      Object step = path.getElement(i);
      pointer =
          step instanceof Integer index
              ? pointer.appendIndex(index)
              : pointer.appendProperty(String.valueOf(step));
    }
    return pointer;
  }
}
