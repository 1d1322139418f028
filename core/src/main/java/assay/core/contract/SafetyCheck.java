package assay.core.contract;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.spark.sql.catalyst.expressions.Abs;
import org.apache.spark.sql.catalyst.expressions.BinaryArithmetic;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.DivModLike;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetArrayItem;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NullIf;
import org.apache.spark.sql.catalyst.expressions.Pmod;
import org.apache.spark.sql.catalyst.expressions.RLike;
import org.apache.spark.sql.catalyst.expressions.UnaryMinus;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.NumericType;
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

  private static final Map<String, String> TRY_INSTEAD =
      Map.of("+", "try_add", "-", "try_subtract", "*", "try_multiply");

  private final SqlText sql;

  SafetyCheck(SqlText sql) {
    this.sql = sql;
  }

  boolean check(Expression part) {
    boolean good =
        (!(part instanceof Cast cast) || checkCast(cast))
            && (!(part instanceof RLike like) || checkPattern(like))
            && (!isDivision(part) || checkDivision((BinaryArithmetic) part))
            && checkOverflow(part)
            && (!(part instanceof GetArrayItem item) || checkItem(item));
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
    if (!cast.evalMode().equals(EvalMode.ANSI()) || cast.dataType() instanceof StringType) {
      return true;
    }
    String type = cast.dataType().simpleString();
    if (cast.child().dataType() instanceof NumericType from
        && cast.dataType() instanceof NumericType
        && !cast.foldable()
        && !Cast.canUpCast(from, cast.dataType())
        && !isFloating(cast.dataType())) {
      String text = sql.slice(cast.child());
      return refuse(
          cast.child(),
          "a value of `" + text + "` that does not fit " + type + " stops the run",
          "Write `try_cast(" + text + " AS " + type + ")`.");
    }
    if (!(cast.child().dataType() instanceof StringType)) {
      return true;
    }
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

  private static boolean isFloating(DataType type) {
    return type instanceof FloatType || type instanceof DoubleType;
  }

  /** Whole numbers that grow beyond their type end a run in ANSI mode; others become wider. */
  private boolean checkOverflow(Expression part) {
    if (!(part.dataType() instanceof IntegralType) || part.foldable()) {
      return true;
    }
    String type = part.dataType().simpleString();
    if (part instanceof BinaryArithmetic arithmetic
        && arithmetic.evalMode().equals(EvalMode.ANSI())
        && TRY_INSTEAD.containsKey(arithmetic.symbol())) {
      String instead =
          "%s(%s, %s)"
              .formatted(
                  TRY_INSTEAD.get(arithmetic.symbol()),
                  sql.slice(arithmetic.left()),
                  sql.slice(arithmetic.right()));
      return refuse(
          part,
          "a result that does not fit " + type + " stops the run",
          "Write `" + instead + "`.");
    }
    boolean least = part instanceof UnaryMinus || part instanceof Abs;
    Expression of = least ? SqlText.children(part).get(0) : part;
    boolean widened =
        of instanceof Cast cast && Cast.canUpCast(cast.child().dataType(), of.dataType());
    if (least && !widened) {
      String text = sql.slice(of);
      return refuse(
          part,
          "the least " + type + " has no counterpart above zero and stops the run",
          "Widen it first: `CAST("
              + text
              + " AS "
              + (type.equals("int") ? "BIGINT" : "DECIMAL(20,0)")
              + ")`.");
    }
    return true;
  }

  private boolean checkItem(GetArrayItem item) {
    if (!item.failOnError()) {
      return true;
    }
    String array = sql.slice(item.child());
    return refuse(
        item,
        "a row where `" + array + "` has fewer items stops the run",
        "Write `get(" + array + ", " + sql.slice(item.ordinal()) + ")`.");
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
