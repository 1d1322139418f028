package assay.core;

import assay.core.yaml.Nearest;
import assay.core.yaml.YamlNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Puts in what {@code ${NAME}}, {@code ${NAME:-otherwise}} and {@code ${file:/path}} stand for.
 * What is put in is never looked at again, and never shown in a mistake.
 */
final class Substitution {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Path folder;
  private final Map<String, String> environment;

  /**
   * @param folder what paths of secret files are relative to
   */
  Substitution(Path folder, Map<String, String> environment) {
    this.folder = folder;
    this.environment = Map.copyOf(environment);
  }

  /** The text of a value, filled in; empty where something was missing and was reported. */
  Optional<String> fill(YamlNode node) {
    String text = node.text();
    StringBuilder filled = new StringBuilder();
    int at = 0;
    boolean whole = true;
    while (at < text.length()) {
      int open = text.indexOf("${", at);
      if (open < 0) {
        break;
      }
      filled.append(text, at, open);
      int close = text.indexOf('}', open);
      int offset = text.codePointCount(0, open);
      if (close < 0) {
        node.mistakeWithin(offset, "`${` is not closed", "Add `}`.");
        return Optional.empty();
      }
      Optional<String> value = value(node, offset, text.substring(open + 2, close));
      whole &= value.isPresent();
      filled.append(value.orElse(""));
      at = close + 1;
    }
    filled.append(text, at, text.length());
    return whole ? Optional.of(filled.toString()) : Optional.empty();
  }

  private Optional<String> value(YamlNode node, int offset, String reference) {
    if (reference.startsWith("file:")) {
      return secret(node, offset, reference.substring("file:".length()));
    }
    int separator = reference.indexOf(":-");
    String name = separator < 0 ? reference : reference.substring(0, separator);
    if (!NAME.matcher(name).matches()) {
      node.mistakeWithin(
          offset,
          "`${" + reference + "}` is no reference",
          "Write ${NAME}, ${NAME:-otherwise} or ${file:/path}.");
      return Optional.empty();
    }
    Optional<String> value = Optional.ofNullable(environment.get(name));
    if (separator >= 0) {
      // As in a shell, `:-` also stands in for a variable that is set to nothing.
      return Optional.of(
          value.filter(v -> !v.isEmpty()).orElse(reference.substring(separator + 2)));
    }
    if (value.isEmpty()) {
      String near =
          Nearest.to(name, environment.keySet())
              .map(n -> "Did you mean `" + n + "`?")
              .orElse("Set it, or write ${" + name + ":-otherwise}.");
      node.mistakeWithin(offset, "the variable `" + name + "` is not set", near);
    }
    return value;
  }

  private Optional<String> secret(YamlNode node, int offset, String path) {
    try {
      return Optional.of(Files.readString(folder.resolve(path)).replaceFirst("(\\r?\\n)+\\z", ""));
    } catch (IOException | InvalidPathException e) {
      node.mistakeWithin(
          offset,
          "the secret file `" + path + "` cannot be read",
          "Check that it is there, is UTF-8 and may be read.");
      return Optional.empty();
    }
  }
}
