package assay.silver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.when;

import assay.core.contract.Column;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;

/** The fields that events have and the contract does not name, from what silver keeps of them. */
public final class RestFields {
  /** The most rows that are looked at. */
  private static final int MOST_ROWS = 100_000;

  /** A rest of more characters than this is passed over, so that what is looked at stays small. */
  private static final int MOST_CHARACTERS = 10_000;

  /** Of the rows looked at, how many in a hundred must have the field. */
  private static final int LEAST_PERCENT = 1;

  /** The widest that a contract takes. */
  private static final int DECIMAL_DIGITS = 17;

  private static final int DECIMAL_SCALE = 10;

  /** What most amounts have. */
  private static final int USUAL_SCALE = 2;

  /** Narrowest first. */
  private enum Type {
    BOOLEAN,
    INT,
    LONG,
    DECIMAL,
    DOUBLE,
    DATE,
    TIMESTAMP,
    STRING;

    /** Whether the parser would read the value at hand as this type. */
    boolean takes(JsonParser json) throws IOException {
      JsonToken token = json.currentToken();
      return switch (this) {
        case STRING -> true;
        case BOOLEAN -> token.isBoolean();
        // 007 in quotes is a name that looks like a number.
        case INT, LONG, DOUBLE -> token.isNumeric() && takesText(json);
        // An exponent is how floating point is written.
        case DECIMAL -> token.isNumeric() && !hasExponent(json) && takesText(json);
        case DATE, TIMESTAMP -> token == JsonToken.VALUE_STRING && takesText(json);
      };
    }

    private static boolean hasExponent(JsonParser json) throws IOException {
      String text = json.getText();
      return text.indexOf('e') >= 0 || text.indexOf('E') >= 0;
    }

    private boolean takesText(JsonParser json) throws IOException {
      int from = json.getTextOffset();
      return CASTS.get(this).read(json.getTextCharacters(), from, from + json.getTextLength())
          != null;
    }
  }

  private static final Map<Type, TextCast> CASTS =
      Map.of(
          Type.BOOLEAN, TextCast.to(DataTypes.BooleanType),
          Type.INT, TextCast.to(DataTypes.IntegerType),
          Type.LONG, TextCast.to(DataTypes.LongType),
          Type.DECIMAL,
              TextCast.to(
                  DataTypes.createDecimalType(DECIMAL_DIGITS + DECIMAL_SCALE, DECIMAL_SCALE)),
          Type.DOUBLE, TextCast.to(DataTypes.DoubleType),
          Type.DATE, TextCast.to(DataTypes.DateType),
          Type.TIMESTAMP, TextCast.to(DataTypes.TimestampType),
          Type.STRING, TextCast.to(DataTypes.StringType));

  /** One field over all rows. */
  private static final class Seen {
    private final Set<Type> possible = EnumSet.allOf(Type.class);
    private long rows;
    private int scale = USUAL_SCALE;

    void add(JsonParser json) throws IOException {
      rows++;
      for (Type type : Type.values()) {
        if (!type.takes(json)) {
          possible.remove(type);
        }
      }
      if (possible.contains(Type.DECIMAL)) {
        String text = json.getText();
        int point = text.indexOf('.');
        scale = point < 0 ? scale : Math.max(scale, text.length() - 1 - point);
      }
    }

    String type() {
      Type narrowest = possible.iterator().next();
      return narrowest == Type.DECIMAL
          ? "decimal(%d,%d)".formatted(DECIMAL_DIGITS + scale, scale)
          : narrowest.name().toLowerCase(Locale.ROOT);
    }
  }

  private RestFields() {}

  /**
   * Fields that at least one in a hundred of the newest rows has, the most frequent first. Those
   * whose names a contract does not take as a column's are left out. Of silver, three columns and
   * the rest are read whole.
   *
   * @param silver rows with silver's columns; without {@link EventParser#REST} there is nothing to
   *     suggest
   */
  public static List<SuggestedColumn> suggest(Dataset<Row> silver) {
    List<String> present = List.of(silver.columns());
    if (!present.contains(EventParser.REST)) {
      return List.of();
    }
    List<Row> newest =
        silver
            .orderBy(
                col(EventParser.INGESTED_AT).desc(),
                col(EventParser.PARTITION),
                col(EventParser.OFFSET).desc())
            .limit(MOST_ROWS)
            .select(when(length(col(EventParser.REST)).leq(MOST_CHARACTERS), col(EventParser.REST)))
            .collectAsList();
    Map<String, Seen> fields = new LinkedHashMap<>();
    for (Row row : newest) {
      if (!row.isNullAt(0)) {
        addFields(row.getString(0), fields);
      }
    }
    long rows = newest.size();
    return fields.entrySet().stream()
        .filter(f -> f.getValue().rows * 100 >= rows * LEAST_PERCENT)
        .filter(f -> Column.mayBeNamed(f.getKey()) && !present.contains(f.getKey()))
        .map(
            f ->
                new SuggestedColumn(
                    f.getKey(),
                    f.getValue().rows,
                    (double) f.getValue().rows / rows,
                    f.getValue().type()))
        .sorted(
            Comparator.comparingLong(SuggestedColumn::rows)
                .reversed()
                .thenComparing(SuggestedColumn::field))
        .toList();
  }

  private static void addFields(String rest, Map<String, Seen> fields) {
    byte[] bytes = rest.getBytes(UTF_8);
    try (JsonParser json = JsonText.parser(bytes, 0, bytes.length)) {
      json.nextToken();
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        if (json.nextToken() != JsonToken.VALUE_NULL) {
          fields.computeIfAbsent(name, n -> new Seen()).add(json);
        }
        json.skipChildren();
      }
    } catch (IOException e) {
      throw new IllegalStateException("silver holds a rest that is no JSON: " + rest, e);
    }
  }
}
