package assay.core.contract;

import assay.core.yaml.YamlNode;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one rule. */
final class RuleReader {
  private static final Pattern PERCENT = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,9})?) ?%");
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  private final ExpressionCheck expressions;

  RuleReader(ExpressionCheck expressions) {
    this.expressions = expressions;
  }

  /** Reports what is wrong with a rule; empty where there is none to check a row by. */
  Optional<Rule> read(YamlNode node) {
    Rule.Otherwise otherwise =
        node.field("otherwise").map(RuleReader::otherwise).orElse(Rule.Otherwise.QUARANTINE);
    Optional<BigDecimal> above = above(node, otherwise);
    Optional<SqlText> check = node.field("check").flatMap(SqlText::parse);
    if (check.isEmpty()) {
      return Optional.empty();
    }
    SqlText sql = check.get();
    expressions.checkCondition(sql);
    boolean whole = above.isPresent() == (otherwise == Rule.Otherwise.STOP);
    return whole
        ? Optional.of(new Rule(node.name(), sql.node().text().strip(), otherwise, above))
        : Optional.empty();
  }

  private static Rule.Otherwise otherwise(YamlNode node) {
    return switch (node.text()) {
      case "warn" -> Rule.Otherwise.WARN;
      case "stop" -> Rule.Otherwise.STOP;
      default -> Rule.Otherwise.QUARANTINE;
    };
  }

  private static Optional<BigDecimal> above(YamlNode node, Rule.Otherwise otherwise) {
    if (otherwise != Rule.Otherwise.STOP) {
      boolean unread = node.has("otherwise") && node.field("otherwise").isEmpty();
      if (!unread) {
        node.field("above")
            .ifPresent(
                a ->
                    a.mistakeInKey(
                        "`above` is a limit for rules that stop",
                        "Write `otherwise: stop`, or remove `above`."));
      }
      return Optional.empty();
    }
    if (!node.has("above")) {
      node.field("otherwise")
          .ifPresent(
              o ->
                  o.mistake(
                      "`stop` needs a limit",
                      "Add for example `above: 1%`: more failing rows than that stop the stage."));
    }
    return node.field("above").flatMap(RuleReader::share);
  }

  private static Optional<BigDecimal> share(YamlNode node) {
    String text = node.text().strip();
    Matcher percent = PERCENT.matcher(text);
    if (!percent.matches() || new BigDecimal(percent.group(1)).compareTo(HUNDRED) > 0) {
      node.mistake(
          "`above` must be a share of the rows, not `" + text + "`",
          "Write a percentage from `0%` to `100%`.");
      return Optional.empty();
    }
    return Optional.of(new BigDecimal(percent.group(1)).movePointLeft(2));
  }
}
