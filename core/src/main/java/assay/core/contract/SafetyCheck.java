package assay.core.contract;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.spark.sql.catalyst.expressions.BinaryArithmetic;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.DivModLike;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NullIf;
import org.apache.spark.sql.catalyst.expressions.Pmod;
import org.apache.spark.sql.catalyst.expressions.RLike;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/**
 * Finds in an analyzed expression what Spark lets pass and a run would not: ANSI mode ends the
 * whole batch at the first row that cannot be cast or divided, and {@code 'now'} is read as a
 * moment.
 */
final class SafetyCheck {
  private static final Set<String> MOMENTS = Set.of("now", "today", "yesterday", "tomorrow");

  private final SqlText sql;

  SafetyCheck(SqlText sql) {
    this.sql = sql;
  }

  boolean check(Expression part) {
    boolean good =
        (!(part instanceof Cast cast) || checkCast(cast))
            && (!(part instanceof RLike like) || checkPattern(like))
            && (!isDivision(part) || checkDivision((BinaryArithmetic) part));
    if (good && !part.deterministic() && SqlText.children(part).isEmpty()) {
      good = refuse(part, "this never gives the same answer twice", "Use only columns.");
    }
    if (good) {
      for (Expression child : SqlText.children(part)) {
        good &= check(child);
      }
    }
    return good;
  }

  private boolean checkCast(Cast cast) {
    if (!(cast.child().dataType() instanceof StringType)
        || cast.dataType() instanceof StringType
        || !cast.evalMode().equals(EvalMode.ANSI())) {
      return true;
    }
    String type = cast.dataType().simpleString();
    if (!(cast.child() instanceof Literal literal)) {
      String text = sql.slice(cast.child());
      return refuse(
          cast.child(),
          "`" + text + "` is a text, and one that is no " + type + " stops the run",
          "Write `try_cast(" + text + " AS " + type + ")`, or give the column that type.");
    }
    String value = String.valueOf(literal.value());
    if (isMoment(cast.dataType()) && MOMENTS.contains(value.strip().toLowerCase(Locale.ROOT))) {
      return refuse(
          literal, "'" + value + "' changes with the moment of the run", "Write the date out.");
    }
    try {
      Object unused = cast.eval(null);
      return true;
    } catch (RuntimeException e) {
      return refuse(
          literal, "'" + value + "' is no " + type, "Write a " + type + ", or compare texts.");
    }
  }

  private static boolean isMoment(DataType type) {
    return type instanceof DateType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType;
  }

  private boolean checkPattern(RLike like) {
    if (!(like.right() instanceof Literal literal) || literal.value() == null) {
      return true;
    }
    try {
      Object unused = Pattern.compile(literal.value().toString());
      return true;
    } catch (PatternSyntaxException e) {
      String wrong = e.getDescription().toLowerCase(Locale.ROOT);
      return refuse(
          literal,
          "the pattern '" + literal.value() + "' is no regular expression: " + wrong,
          "Mend the pattern.");
    }
  }

  private static boolean isDivision(Expression part) {
    return part instanceof BinaryArithmetic arithmetic
        && (part instanceof DivModLike || part instanceof Pmod)
        && arithmetic.evalMode().equals(EvalMode.ANSI());
  }

  private boolean checkDivision(BinaryArithmetic division) {
    Expression divisor = division.right();
    while (divisor instanceof Cast cast) {
      divisor = cast.child();
    }
    boolean neverZero =
        divisor instanceof NullIf
            || (divisor instanceof Literal literal && !isZero(String.valueOf(literal.value())));
    if (neverZero) {
      return true;
    }
    String text = sql.slice(divisor);
    return refuse(
        division,
        "a row where `" + text + "` is zero stops the run",
        "Divide by `nullif(" + text + ", 0)`.");
  }

  private static boolean isZero(String number) {
    return number.matches("[-+]?0*\\.?0*");
  }

  private boolean refuse(Expression part, String message, String mend) {
    sql.mistake(part, message, mend);
    return false;
  }
}
