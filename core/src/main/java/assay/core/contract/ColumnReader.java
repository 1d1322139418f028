package assay.core.contract;

import assay.core.yaml.Nearest;
import assay.core.yaml.YamlNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** Reads the columns: {@code name: TYPE [required]}. */
final class ColumnReader {
  private static final Pattern SPEC =
      Pattern.compile("([A-Za-z_]+)(?: ?\\(([^)]*)\\))?(?: +(.*))?", Pattern.DOTALL);
  private static final Pattern DECIMAL =
      Pattern.compile("\\s*([0-9]{1,2})\\s*,\\s*([0-9]{1,2})\\s*");

  /** As many as leave room for the sum of ten thousand million values in the proof's amounts. */
  private static final int MOST_BEFORE_POINT = 17;

  private static final int MOST_BEHIND_POINT = 10;

  /** Columns of Assay's tables that stand beside the contract's, and what SQL takes for a value. */
  private static final Map<String, String> RESERVED =
      Map.of(
          "event_date", "the day that Assay adds to every row",
          "disposition", "a column that Assay adds to the rows it sets aside",
          "failed_rules", "a column that Assay adds to the rows it sets aside",
          "window_start", "a column that Assay adds to the rows of a live view",
          "true", "a value in SQL",
          "false", "a value in SQL",
          "null", "a value in SQL");

  private static final Map<String, DataType> TYPES = new LinkedHashMap<>();

  static {
    TYPES.put("string", DataTypes.StringType);
    TYPES.put("int", DataTypes.IntegerType);
    TYPES.put("long", DataTypes.LongType);
    TYPES.put("bigint", DataTypes.LongType);
    TYPES.put("float", DataTypes.FloatType);
    TYPES.put("double", DataTypes.DoubleType);
    TYPES.put("boolean", DataTypes.BooleanType);
    TYPES.put("date", DataTypes.DateType);
    TYPES.put("timestamp", DataTypes.TimestampType);
  }

  /** What other systems call the types. */
  private static final Map<String, String> FOREIGN =
      Map.ofEntries(
          Map.entry("text", "string"),
          Map.entry("varchar", "string"),
          Map.entry("char", "string"),
          Map.entry("uuid", "string"),
          Map.entry("integer", "int"),
          Map.entry("smallint", "int"),
          Map.entry("tinyint", "int"),
          Map.entry("short", "int"),
          Map.entry("int64", "long"),
          Map.entry("real", "float"),
          Map.entry("bool", "boolean"),
          Map.entry("datetime", "timestamp"),
          Map.entry("timestamptz", "timestamp"),
          Map.entry("number", "decimal(18,2)"),
          Map.entry("numeric", "decimal(18,2)"),
          Map.entry("money", "decimal(18,2)"));

  private ColumnReader() {}

  static boolean isReserved(String name) {
    return RESERVED.containsKey(name);
  }

  static KnownColumns read(YamlNode contract) {
    Optional<YamlNode> columns = contract.field("columns");
    if (columns.isEmpty()) {
      return new KnownColumns(false, List.of(), Map.of());
    }
    List<String> names = new ArrayList<>();
    Map<String, Column> healthy = new LinkedHashMap<>();
    for (YamlNode column : columns.get().fields()) {
      String name = column.name();
      names.add(name);
      checkName(column);
      if (column.isHealthy()) {
        column(column).ifPresent(c -> healthy.put(name, c));
      }
    }
    return new KnownColumns(true, names, healthy);
  }

  /** Reports a name that Assay's tables or SQL use for something else. */
  static void checkName(YamlNode column) {
    String name = column.name();
    if (RESERVED.containsKey(name)) {
      column.mistakeInKey("`" + name + "` is " + RESERVED.get(name), "Choose another name.");
    }
  }

  /** The type alone, of a column that cannot be required. */
  static Optional<DataType> type(YamlNode node, String text) {
    return column(node, text, false).map(Column::type);
  }

  private static Optional<Column> column(YamlNode node) {
    return column(node, node.text().strip(), true);
  }

  private static Optional<Column> column(YamlNode node, String text, boolean mayBeRequired) {
    Matcher spec = SPEC.matcher(text);
    if (text.contains("<")) {
      return mistake(
          node,
          "nested types are not read: `" + text + "`",
          "Take the parts out into columns of their own.");
    }
    if (!spec.matches()) {
      return mistake(node, "`" + text + "` is no type", "Write for example `string required`.");
    }
    String rest = Optional.ofNullable(spec.group(3)).orElse("").strip();
    if (!rest.isEmpty() && !(mayBeRequired && rest.equals("required"))) {
      boolean meant =
          rest.equalsIgnoreCase("not null") || Nearest.to(rest, List.of("required")).isPresent();
      String mend =
          !mayBeRequired
              ? "Remove it; `missing: quarantine` sets aside what nothing matches."
              : meant ? "Write `required`." : "Remove it, or write `required`.";
      return mistake(node, "`" + rest + "` means nothing behind a type", mend);
    }
    Optional<DataType> type = type(node, spec.group(1), Optional.ofNullable(spec.group(2)));
    return type.map(t -> new Column(node.name(), t, rest.equals("required")));
  }

  private static Optional<DataType> type(YamlNode node, String name, Optional<String> arguments) {
    if (name.equals("decimal")) {
      return decimal(node, arguments.orElse(""));
    }
    if (!TYPES.containsKey(name)) {
      String lower = name.toLowerCase(Locale.ROOT);
      List<String> known = new ArrayList<>(TYPES.keySet());
      known.add("decimal(p,s)");
      String mend =
          Optional.ofNullable(FOREIGN.get(lower))
              .or(() -> Nearest.to(lower, List.of("decimal")).map(near -> "decimal(18,2)"))
              .map(meant -> "Did you mean `" + meant + "`?")
              .orElseGet(() -> Nearest.mend(name, known));
      return mistake(node, "unknown type `" + name + "`", mend);
    }
    if (arguments.isPresent()) {
      return mistake(node, "`" + name + "` takes no brackets", "Write `" + name + "`.");
    }
    return Optional.of(TYPES.get(name));
  }

  private static Optional<DataType> decimal(YamlNode node, String arguments) {
    Matcher digits = DECIMAL.matcher(arguments);
    if (!digits.matches()) {
      return mistake(
          node,
          "a decimal needs its digits and those behind the point",
          "Write for example `decimal(18,2)`.");
    }
    int precision = Integer.parseInt(digits.group(1));
    int scale = Integer.parseInt(digits.group(2));
    if (precision < 1 || scale > precision) {
      return mistake(
          node,
          "decimal(" + precision + "," + scale + ") cannot be",
          "Write at least one digit, and no more behind the point than there are.");
    }
    if (precision - scale > MOST_BEFORE_POINT || scale > MOST_BEHIND_POINT) {
      return mistake(
          node,
          "decimal(" + precision + "," + scale + ") is wider than sums can be proven exactly",
          "Write at most %d digits before the point and %d behind it, such as `decimal(27,10)`."
              .formatted(MOST_BEFORE_POINT, MOST_BEHIND_POINT));
    }
    return Optional.of(DataTypes.createDecimalType(precision, scale));
  }

  private static <T> Optional<T> mistake(YamlNode node, String message, String mend) {
    node.mistake(message, mend);
    return Optional.empty();
  }
}
