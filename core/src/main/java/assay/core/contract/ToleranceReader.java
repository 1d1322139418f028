package assay.core.contract;

import assay.core.yaml.YamlNode;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads tolerances: {@code 5}, {@code 0.1%} or {@code {absolute: 1, relative: 0.1%}}. */
final class ToleranceReader {
  private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9]{1,18}(\\.[0-9]{1,18})?");
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
  private static final String MEND =
      "Write for example `5`, `0.1%` or `{absolute: 1, relative: 0.1%}`.";

  private ToleranceReader() {}

  static Optional<Tolerance> read(YamlNode node) {
    if (!node.json().isObject()) {
      boolean percent = node.text().strip().endsWith("%");
      return percent
          ? relative(node).map(r -> new Tolerance(BigDecimal.ZERO, r))
          : absolute(node).map(a -> new Tolerance(a, BigDecimal.ZERO));
    }
    Optional<BigDecimal> absolute =
        node.has("absolute")
            ? node.field("absolute").flatMap(ToleranceReader::absolute)
            : Optional.of(BigDecimal.ZERO);
    Optional<BigDecimal> relative =
        node.has("relative")
            ? node.field("relative").flatMap(ToleranceReader::relative)
            : Optional.of(BigDecimal.ZERO);
    return absolute.flatMap(a -> relative.map(r -> new Tolerance(a, r)));
  }

  private static Optional<BigDecimal> absolute(YamlNode node) {
    return number(node, node.text().strip());
  }

  /** A percentage as a ratio. */
  static Optional<BigDecimal> relative(YamlNode node) {
    String text = node.text().strip();
    if (!text.endsWith("%")) {
      node.mistake(
          "`" + node.name() + "` must be a percentage, not `" + text + "`",
          "Write for example `0.1%`.");
      return Optional.empty();
    }
    Optional<BigDecimal> percent = number(node, text.substring(0, text.length() - 1).strip());
    if (percent.isPresent() && percent.get().compareTo(HUNDRED) > 0) {
      node.mistake("`" + text + "` is more than all", "Write at most `100%`.");
      return Optional.empty();
    }
    return percent.map(p -> p.movePointLeft(2));
  }

  private static Optional<BigDecimal> number(YamlNode node, String text) {
    if (!NUMBER.matcher(text).matches()) {
      node.mistake("`" + node.text() + "` is no tolerance", MEND);
      return Optional.empty();
    }
    BigDecimal number = new BigDecimal(text);
    if (number.signum() < 0) {
      node.mistake("a tolerance cannot be below zero: `" + node.text() + "`", MEND);
      return Optional.empty();
    }
    return Optional.of(number);
  }
}
