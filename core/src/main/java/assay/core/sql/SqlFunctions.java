package assay.core.sql;

import assay.core.yaml.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry$;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/** What Spark's built-in functions do, as far as a contract or a query must know it. */
public final class SqlFunctions {
  /** Functions of the moment or the machine: the two paths run at different ones. */
  private static final Set<String> TIME =
      Set.of(
          "now",
          "curdate",
          "current_date",
          "current_time",
          "current_timestamp",
          "localtimestamp",
          "current_timezone");

  private static final Set<String> SURROUNDINGS =
      Set.of(
          "user",
          "current_user",
          "session_user",
          "current_catalog",
          "current_database",
          "current_schema",
          "current_path",
          "version",
          "input_file_name",
          "input_file_block_start",
          "input_file_block_length",
          "spark_partition_id",
          "monotonically_increasing_id");

  private static final Set<String> CHANCE =
      Set.of("rand", "random", "randn", "randstr", "uniform", "uuid", "shuffle", "aes_encrypt");

  /** They run code of their own choice, inside the cluster. */
  private static final Set<String> REFLECTION = Set.of("reflect", "try_reflect", "java_method");

  private static final Set<String> RAISING = Set.of("raise_error", "assert_true");

  /** Functions that end the query at a value they cannot read, and what returns NULL instead. */
  private static final Map<String, String> STRICT =
      Map.of(
          "to_date", "try_to_date",
          "to_timestamp", "try_to_timestamp",
          "to_number", "try_to_number",
          "to_time", "try_to_time",
          "to_binary", "try_to_binary",
          "parse_json", "try_parse_json",
          "parse_url", "try_parse_url",
          "url_decode", "try_url_decode",
          "element_at", "try_element_at");

  /** Spark reads these words as the moment of the run, while it parses. */
  private static final Pattern MOMENT_LITERAL =
      Pattern.compile(
          "(?i)\\b(date|timestamp|timestamp_ntz|timestamp_ltz)\\s*['\"]\\s*"
              + "(now|today|yesterday|tomorrow)\\b");

  private SqlFunctions() {}

  /** Why a function may not be used, and what to write instead. */
  public record Refusal(String message, String mend) {}

  /** Where a text first names a date that changes with the moment of the run, from 0. */
  public static OptionalInt momentLiteral(String text) {
    Matcher matcher = MOMENT_LITERAL.matcher(text);
    return matcher.find() ? OptionalInt.of(matcher.start()) : OptionalInt.empty();
  }

  /** Whether a function gives the moment of the run. */
  public static boolean isMoment(String name, int arguments) {
    String lower = name.toLowerCase(Locale.ROOT);
    return TIME.contains(lower) || (lower.equals("unix_timestamp") && arguments == 0);
  }

  /** Why a function may stand nowhere in a contract. */
  public static Optional<Refusal> refusal(String name, int arguments) {
    Optional<Refusal> unstable = unstable(name, arguments);
    return unstable.isPresent() ? unstable : strict(name.toLowerCase(Locale.ROOT));
  }

  /** Why a function does not give the same answer to the same rows, where it does not. */
  public static Optional<Refusal> unstable(String name, int arguments) {
    String lower = name.toLowerCase(Locale.ROOT);
    String shown = "`" + lower + "`";
    if (isMoment(name, arguments)) {
      return refuse(
          shown + " changes with the moment of the run",
          "Compare with a timestamp column instead.");
    }
    if (SURROUNDINGS.contains(lower)) {
      return refuse(shown + " depends on where and by whom it is run", "Use only columns.");
    }
    if (CHANCE.contains(lower)) {
      return refuse(shown + " never gives the same answer twice", "Use only columns.");
    }
    if (REFLECTION.contains(lower)) {
      return refuse(shown + " runs foreign code", "Use Spark's SQL functions.");
    }
    return Optional.empty();
  }

  private static Optional<Refusal> strict(String lower) {
    String shown = "`" + lower + "`";
    if (RAISING.contains(lower)) {
      return refuse(
          shown + " lets one row stop every run", "Write a rule: what fails it is quarantined.");
    }
    String mild = STRICT.get(lower);
    return mild == null
        ? Optional.empty()
        : refuse(
            shown + " stops the run at a value it cannot read", "Write `" + mild + "` instead.");
  }

  private static Optional<Refusal> refuse(String message, String mend) {
    return Optional.of(new Refusal(message, mend));
  }

  /** Whether Spark has a built-in function of this name. */
  public static boolean exists(String name) {
    return info(name).isPresent();
  }

  public static boolean isAggregate(String name) {
    return group(name).equals("agg_funcs");
  }

  public static boolean isWindow(String name) {
    return group(name).equals("window_funcs");
  }

  public static boolean isGenerator(String name) {
    return group(name).equals("generator_funcs") || name.equalsIgnoreCase("json_tuple");
  }

  /** What to write instead of a function that Spark does not have. */
  public static String mend(String unknown) {
    List<String> known = new ArrayList<>();
    for (FunctionIdentifier function : CollectionConverters.asJava(registry().listFunction())) {
      known.add(function.funcName());
    }
    return Nearest.to(unknown, known)
        .map(near -> "Did you mean `" + near + "`?")
        .orElse("Use one of Spark's built-in functions.");
  }

  private static String group(String name) {
    return info(name).map(ExpressionInfo::getGroup).orElse("");
  }

  private static Optional<ExpressionInfo> info(String name) {
    Option<ExpressionInfo> info = registry().lookupFunction(new FunctionIdentifier(name));
    return info.isDefined() ? Optional.of(info.get()) : Optional.empty();
  }

  /** Only a look into it; nothing is ever registered. */
  private static FunctionRegistry registry() {
    return FunctionRegistry$.MODULE$.builtin();
  }
}
