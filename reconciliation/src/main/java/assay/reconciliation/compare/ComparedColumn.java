package assay.reconciliation.compare;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.try_multiply;
import static org.apache.spark.sql.functions.try_subtract;

import assay.core.contract.Tolerance;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataTypes;

/**
 * A column that both sides have. On either side it stands under names by its place: its value in
 * the common type, what does not fit that type, and its text as it was.
 *
 * @param name as the control side spells it
 * @param testName as the test side does
 * @param place among the compared columns, from 0
 */
record ComparedColumn(
    String name,
    String testName,
    int place,
    CommonType type,
    SourceType control,
    SourceType test,
    Tolerance tolerance) {

  /** A LONG less a LONG. */
  private static final String LONG_AS_DECIMAL = "decimal(20,0)";

  /** Of floating point numbers where no tolerance is named. */
  static final Tolerance FLOATING = new Tolerance(BigDecimal.ZERO, new BigDecimal("0.000001"));

  String value() {
    return "__value_" + place;
  }

  String text() {
    return "__text_" + place;
  }

  private String misfit() {
    return "__misfit_" + place;
  }

  /** The columns that are equal on both sides where the values are. */
  List<String> parts() {
    return mayMisfit() ? List.of(value(), misfit()) : List.of(value());
  }

  private boolean mayMisfit() {
    return Stream.of(control, test).anyMatch(from -> type.misfit(lit(null), from).isPresent());
  }

  /**
   * What a side has of the column.
   *
   * @param column of that side
   */
  List<Column> of(Column column, SourceType from) {
    Column text = column.cast(DataTypes.StringType).as(text());
    Column value = type.value(column, from).as(value());
    Column none = lit(null).cast(DataTypes.StringType);
    Column misfit = type.misfit(column, from).orElse(none).as(misfit());
    return mayMisfit() ? List.of(value, misfit, text) : List.of(value, text);
  }

  /**
   * Whether the values of two rows are equal.
   *
   * @param control before the names of the control side's columns
   */
  Column equal(String control, String test) {
    return parts().stream()
        .map(part -> col(control + part).eqNullSafe(col(test + part)))
        .reduce(Column::and)
        .orElseThrow();
  }

  /**
   * Test less control; NULL where the type has no differences, a side no value, or it overflows.
   */
  Column difference(String control, String test) {
    return type.isNumber()
        ? try_subtract(amount(test), amount(control))
        : lit(null).cast(DataTypes.StringType);
  }

  /** Whether two unequal values are within the tolerance, both of whose bounds are inclusive. */
  Column within(String control, String test) {
    if (!type.isNumber() || tolerance.equals(Tolerance.EXACT)) {
      return lit(false);
    }
    Column distance = abs(difference(control, test));
    Column size = greatest(abs(amount(control)), abs(amount(test)));
    Column absolute = distance.leq(bound(tolerance.absolute()));
    Column relative = distance.leq(try_multiply(size, bound(tolerance.relative())));
    Column within = coalesce(absolute, lit(false)).or(coalesce(relative, lit(false)));
    // Infinity is within any share of infinity.
    return type.isFloating() ? size.lt(Double.POSITIVE_INFINITY).and(within) : within;
  }

  private Column bound(BigDecimal bound) {
    return type.isFloating() ? lit(bound.doubleValue()) : lit(bound);
  }

  private Column amount(String side) {
    Column value = col(side + value());
    return type.type().equals(DataTypes.LongType) ? value.cast(LONG_AS_DECIMAL) : value;
  }

  /** For people: {@code 0}, {@code 0.1%} or both. */
  String spokenTolerance() {
    Optional<String> absolute =
        tolerance.absolute().signum() == 0
            ? Optional.empty()
            : Optional.of(plain(tolerance.absolute()));
    Optional<String> relative =
        tolerance.relative().signum() == 0
            ? Optional.empty()
            : Optional.of(plain(tolerance.relative().movePointRight(2)) + "%");
    return Stream.of(absolute, relative)
        .flatMap(Optional::stream)
        .reduce((a, r) -> a + " or " + r)
        .orElse("0");
  }

  private static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }
}
