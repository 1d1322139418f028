package assay.core.contract;

import assay.core.sql.SqlErrors;
import assay.core.sql.SqlFunctions;
import assay.core.yaml.YamlNode;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import org.apache.spark.sql.catalyst.trees.Origin;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * An SQL text of a contract and its tree as Spark's own parser reads it. No session is needed. What
 * is wrong is reported at the character it is about.
 */
final class SqlText {
  private static final ParserInterface PARSER = CatalystSqlParser$.MODULE$;

  private final YamlNode node;
  private final String text;
  private final Expression tree;

  private SqlText(YamlNode node, String text, Expression tree) {
    this.node = node;
    this.text = text;
    this.tree = tree;
  }

  /** Reports a text that does not parse, and is empty then. */
  static Optional<SqlText> parse(YamlNode node) {
    String text = node.text();
    if (text.isBlank()) {
      node.mistake("the expression is empty", "Write Spark SQL over the columns.");
      return Optional.empty();
    }
    try {
      return Optional.of(new SqlText(node, text, PARSER.parseExpression(text)));
    } catch (ParseException e) {
      int line = integer(e.start().line()).orElse(1);
      int column = integer(e.start().startPosition()).orElse(0);
      String wrong = "this is not SQL: " + SqlErrors.condensed(e);
      node.mistakeWithin(offset(text, line, column), wrong, "Mend the expression here.");
      return Optional.empty();
    }
  }

  /** Loads the parser and what the checks of names need, which takes a while the first time. */
  static void load() {
    try {
      boolean unused = SqlFunctions.exists(PARSER.parseExpression("a = 1").prettyName());
    } catch (ParseException e) {
      throw new IllegalStateException("Spark's parser does not read a = 1", e);
    }
  }

  Expression tree() {
    return tree;
  }

  YamlNode node() {
    return node;
  }

  void mistake(Expression at, String message, String mend) {
    node.mistakeWithin(integer(at.origin().startIndex()).orElse(0), message, mend);
  }

  void mistake(Origin at, String message, String mend) {
    node.mistakeWithin(integer(at.startIndex()).orElse(0), message, mend);
  }

  /** The part of the text that a part of the tree was read from, as the user wrote it. */
  String slice(Expression part) {
    Optional<Integer> from = integer(part.origin().startIndex());
    Optional<Integer> to = integer(part.origin().stopIndex());
    if (from.isEmpty() || to.isEmpty()) {
      return part.sql();
    }
    // Spark counts in code points.
    int begin = text.offsetByCodePoints(0, from.get());
    int end = text.offsetByCodePoints(0, to.get() + 1);
    return text.substring(begin, end);
  }

  /**
   * The text of an argument. The parser gives no part of the tree to the brackets around it, so the
   * text is read once more, and taken only if it means the same.
   */
  String argument(Expression part) {
    String slice = slice(part);
    try {
      Expression again = PARSER.parseExpression(slice);
      return again.sql().equals(part.sql()) ? slice : part.sql();
    } catch (ParseException e) {
      return part.sql();
    }
  }

  static List<Expression> children(Expression expression) {
    return CollectionConverters.asJava(expression.children());
  }

  private static Optional<Integer> integer(Option<Object> option) {
    return option.isDefined() && option.get() instanceof Integer value
        ? Optional.of(value)
        : Optional.empty();
  }

  /** The offset, in code points, of a line (from 1) and a column (from 0). */
  private static int offset(String text, int line, int column) {
    int start = 0;
    for (int i = 1; i < line; i++) {
      int lineBreak = text.indexOf('\n', start);
      start = lineBreak < 0 ? start : lineBreak + 1;
    }
    return text.codePointCount(0, start) + column;
  }
}
