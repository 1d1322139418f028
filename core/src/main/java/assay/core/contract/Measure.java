package assay.core.contract;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * An aggregate of a metric set. Each kind knows its exact batch form, which gold recomputes, and,
 * where it has one, its mergeable live form, which the stream accumulates. The two share no code
 * beyond the expression that both are fed.
 */
public sealed interface Measure {
  String name();

  /** The exact aggregate as Spark SQL, over rows of silver. */
  String batchSql();

  /** How the stream accumulates it; empty where partial results cannot be merged. */
  Optional<LiveForm> live();

  /**
   * How the stream accumulates it where rows that were counted may be taken back: every partial is
   * a number that is summed; empty where what would be left cannot be told.
   */
  default Optional<LiveForm> adjustable() {
    return Optional.empty();
  }

  /**
   * Whether a row's share of the value can be added and taken back, so that a difference is the sum
   * of the rows that make it.
   */
  boolean additive();

  /** The expression over a row that an additive measure sums up; {@code NULL} adds nothing. */
  default String rowSql() {
    throw new IllegalStateException(name() + " is not additive");
  }

  /**
   * Partial columns, and how a value is read from merged ones.
   *
   * @param partials what a micro-batch appends for a cell and window
   * @param valueSql over the partial columns' names, after they were merged
   * @param bitmap what it appends in rows of their own, where the measure needs more than one
   */
  record LiveForm(List<Partial> partials, String valueSql, Optional<Bitmap> bitmap) {
    public LiveForm {
      partials = List.copyOf(partials);
    }

    LiveForm(List<Partial> partials, String valueSql) {
      this(partials, valueSql, Optional.empty());
    }
  }

  /**
   * One partial column.
   *
   * @param column its name in the live table
   * @param fromRows aggregate over parsed rows
   * @param merge aggregate over this column
   */
  record Partial(String column, String fromRows, String merge) {}

  /**
   * A set of whole numbers as words of 64 bits, a row a word: never more rows than the rows it is
   * made of, and one for 64 numbers that lie side by side.
   *
   * @param wordColumn names the word, and {@code wordSql} is it over a row; rows in which it is
   *     NULL are left out
   * @param bitsColumn the bits of a word; {@code bitsSql} makes them of rows
   */
  record Bitmap(String wordColumn, String wordSql, String bitsColumn, String bitsSql) {
    /** Merges the bits of one word. */
    public String mergeSql() {
      return "bit_or(" + quoted(bitsColumn) + ")";
    }

    /** How many numbers merged words hold, over rows of one word each. */
    public String countSql() {
      return "sum(bit_count(" + quoted(bitsColumn) + "))";
    }
  }

  /** {@code count(*)}, or {@code count(argument)} where an argument is given. */
  record Count(String name, Optional<String> argument) implements Measure {
    @Override
    public String batchSql() {
      return "count(" + argument.orElse("*") + ")";
    }

    @Override
    public Optional<LiveForm> live() {
      return Optional.of(summed(name, batchSql(), "coalesce(" + quoted(name) + ", 0L)"));
    }

    @Override
    public Optional<LiveForm> adjustable() {
      return live();
    }

    @Override
    public boolean additive() {
      return true;
    }

    @Override
    public String rowSql() {
      return argument.map(a -> "CASE WHEN (" + a + ") IS NOT NULL THEN 1L END").orElse("1L");
    }
  }

  /** {@code sum(argument)}. */
  record Sum(String name, String argument) implements Measure {
    @Override
    public String batchSql() {
      return "sum(" + argument + ")";
    }

    @Override
    public Optional<LiveForm> live() {
      return Optional.of(summed(name, batchSql(), quoted(name)));
    }

    /** A sum over no value is NULL, also where all of them were taken back. */
    @Override
    public Optional<LiveForm> adjustable() {
      String count = name + "__count";
      return Optional.of(
          new LiveForm(
              List.of(
                  new Partial(name, batchSql(), "sum(" + quoted(name) + ")"),
                  new Partial(count, "count(" + argument + ")", "sum(" + quoted(count) + ")")),
              "CASE WHEN %s > 0 THEN %s END".formatted(quoted(count), quoted(name))));
    }

    @Override
    public boolean additive() {
      return true;
    }

    @Override
    public String rowSql() {
      return argument;
    }
  }

  /** {@code min(argument)}. */
  record Min(String name, String argument) implements Measure {
    @Override
    public String batchSql() {
      return "min(" + argument + ")";
    }

    @Override
    public Optional<LiveForm> live() {
      Partial least = new Partial(name, batchSql(), "min(" + quoted(name) + ")");
      return Optional.of(new LiveForm(List.of(least), quoted(name)));
    }

    @Override
    public boolean additive() {
      return false;
    }
  }

  /** {@code max(argument)}. */
  record Max(String name, String argument) implements Measure {
    @Override
    public String batchSql() {
      return "max(" + argument + ")";
    }

    @Override
    public Optional<LiveForm> live() {
      Partial greatest = new Partial(name, batchSql(), "max(" + quoted(name) + ")");
      return Optional.of(new LiveForm(List.of(greatest), quoted(name)));
    }

    @Override
    public boolean additive() {
      return false;
    }
  }

  /** {@code avg(argument)}; live as a sum and a count. */
  record Avg(String name, String argument) implements Measure {
    @Override
    public String batchSql() {
      return "avg(" + argument + ")";
    }

    @Override
    public Optional<LiveForm> live() {
      String sum = name + "__sum";
      String count = name + "__count";
      return Optional.of(
          new LiveForm(
              List.of(
                  new Partial(sum, "try_sum(" + argument + ")", "try_sum(" + quoted(sum) + ")"),
                  new Partial(count, "count(" + argument + ")", "sum(" + quoted(count) + ")")),
              "try_divide(" + quoted(sum) + ", " + quoted(count) + ")"));
    }

    @Override
    public Optional<LiveForm> adjustable() {
      return live();
    }

    @Override
    public boolean additive() {
      return false;
    }
  }

  /** A measure that only batch computes: the stream's partial results of it cannot be merged. */
  sealed interface BatchOnly extends Measure {
    /** Why the stream cannot keep it, as in "the stream cannot keep …". */
    String whyNotLive();

    /** The nearest measures that the stream can keep. */
    String nearestLive();

    @Override
    default Optional<LiveForm> live() {
      return Optional.empty();
    }

    @Override
    default boolean additive() {
      return false;
    }
  }

  /**
   * {@code count(DISTINCT argument)} of whole numbers or dates; live as a bitmap, exactly.
   *
   * @param wholeNumber the argument as a {@code BIGINT}
   */
  record CountDistinctWhole(String name, String argument, String wholeNumber) implements Measure {
    /** Of an argument that is a whole number itself. */
    public static CountDistinctWhole ofNumber(String name, String argument) {
      return new CountDistinctWhole(name, argument, "CAST((" + argument + ") AS BIGINT)");
    }

    /** Of a date, by its day since 1970. */
    public static CountDistinctWhole ofDate(String name, String argument) {
      return new CountDistinctWhole(name, argument, "CAST(unix_date(" + argument + ") AS BIGINT)");
    }

    @Override
    public String batchSql() {
      return "count(DISTINCT " + argument + ")";
    }

    @Override
    public Optional<LiveForm> live() {
      String bits = name + "__bits";
      Bitmap bitmap =
          new Bitmap(
              name + "__word",
              "shiftright(" + wholeNumber + ", 6)",
              bits,
              "bit_or(shiftleft(1L, CAST(" + wholeNumber + " & 63L AS INT)))");
      return Optional.of(
          new LiveForm(List.of(), "coalesce(" + quoted(bits) + ", 0L)", Optional.of(bitmap)));
    }

    @Override
    public boolean additive() {
      return false;
    }
  }

  /**
   * A measure whose live value is an estimate, made by a sketch that merges. Its batch value is
   * exact.
   */
  sealed interface Sketch extends Measure {
    /** How far the estimate stands from the exact value, for people. */
    String error();

    /**
     * The least value that the sketch may say of rows, an aggregate over them. An estimate below it
     * is not made of these rows: by chance alone it is met less than once in a hundred million.
     */
    String lowestSql();

    /** As {@link #lowestSql}, the greatest. */
    String highestSql();

    /**
     * Whether an estimate is one that the sketch may say of rows whose exact value is known, as
     * SQL; empty where that takes the rows themselves.
     */
    default Optional<String> maySay(String estimate, String exact) {
      return Optional.empty();
    }

    @Override
    default boolean additive() {
      return false;
    }
  }

  /** {@code approx_count_distinct(argument)}: live by HLL with 4,096 slots. */
  record ApproxCountDistinct(String name, String argument) implements Sketch {
    /** Up to here the sketch is a list of hashes, which two values share as good as never. */
    private static final int LISTED = 384;

    /** Six times 1.04 / sqrt(4096), the relative standard error of a merged sketch. */
    private static final String RELATIVE_BOUND = "0.0975D";

    @Override
    public String batchSql() {
      return "count(DISTINCT " + argument + ")";
    }

    @Override
    public Optional<LiveForm> live() {
      String sketch = name + "__sketch";
      // Hashed first: the sketch takes few types, and of texts not the empty one.
      String hash = "CASE WHEN (" + argument + ") IS NOT NULL THEN xxhash64(" + argument + ") END";
      return Optional.of(
          new LiveForm(
              List.of(
                  new Partial(
                      sketch,
                      "hll_sketch_agg(" + hash + ", 12)",
                      "hll_union_agg(" + quoted(sketch) + ")")),
              "hll_sketch_estimate(" + quoted(sketch) + ")"));
    }

    @Override
    public String error() {
      return "exact up to " + LISTED + " values, then within 1.6 % (one standard error)";
    }

    @Override
    public String lowestSql() {
      return batchSql() + " - " + bound(batchSql());
    }

    @Override
    public String highestSql() {
      return batchSql() + " + " + bound(batchSql());
    }

    @Override
    public Optional<String> maySay(String estimate, String exact) {
      return Optional.of("abs(%s - %s) <= %s".formatted(estimate, exact, bound(exact)));
    }

    private static String bound(String exact) {
      return "CASE WHEN %s <= %d THEN 2L ELSE CAST(ceil(%s * %s) AS BIGINT) END"
          .formatted(exact, LISTED, exact, RELATIVE_BOUND);
    }
  }

  /**
   * {@code approx_percentile(argument, share)}: a value that is there, a double; the least of which
   * at least {@code share} of the values are not above it. Live by KLL with {@code k} of 200.
   *
   * @param share from 0 to 1, both inclusive
   */
  record ApproxPercentile(String name, String argument, BigDecimal share) implements Sketch {
    /** Six standard errors of rank; 99 % of estimates are within 0.0133. */
    private static final BigDecimal RANK_BOUND = new BigDecimal("0.031");

    public ApproxPercentile {
      checkShare(share);
    }

    @Override
    public String batchSql() {
      return at(share);
    }

    @Override
    public Optional<LiveForm> live() {
      String sketch = name + "__sketch";
      String count = name + "__count";
      String merged = quoted(sketch);
      // An empty sketch has no quantile, and asking for one ends the query.
      return Optional.of(
          new LiveForm(
              List.of(
                  new Partial(
                      sketch,
                      "kll_sketch_agg_double(" + value() + ", 200)",
                      "kll_merge_agg_double(" + merged + ", 200)"),
                  new Partial(count, "count(" + value() + ")", "sum(" + quoted(count) + ")")),
              "CASE WHEN %s > 0 THEN kll_sketch_get_quantile_double(%s, %sD) END"
                  .formatted(quoted(count), merged, share.toPlainString())));
    }

    @Override
    public String error() {
      return "exact up to 200 values, then its rank is within 1.33 % of the values (99 %"
          + " confidence)";
    }

    @Override
    public String lowestSql() {
      return at(share.subtract(RANK_BOUND).max(BigDecimal.ZERO));
    }

    @Override
    public String highestSql() {
      return at(share.add(RANK_BOUND).min(BigDecimal.ONE));
    }

    private String at(BigDecimal rank) {
      return "percentile_disc(%sD) WITHIN GROUP (ORDER BY %s)"
          .formatted(rank.toPlainString(), value());
    }

    /** NaN is no value: the sketch does not take it. */
    private String value() {
      return "nanvl(CAST((" + argument + ") AS DOUBLE), CAST(NULL AS DOUBLE))";
    }
  }

  /**
   * {@code first(argument)}: the value in the first row by event time, then position in Kafka; NULL
   * where that row has NULL.
   *
   * @param eventTime the contract's column
   */
  record First(String name, String argument, String eventTime) implements Measure {
    @Override
    public String batchSql() {
      return "min_by(" + argument + ", " + rowOrder(eventTime) + ")";
    }

    @Override
    public Optional<LiveForm> live() {
      return Optional.of(ofOneRow("min_by", name, argument, eventTime));
    }

    @Override
    public boolean additive() {
      return false;
    }
  }

  /** {@code last(argument)}: as {@link First}, of the last row. */
  record Last(String name, String argument, String eventTime) implements Measure {
    @Override
    public String batchSql() {
      return "max_by(" + argument + ", " + rowOrder(eventTime) + ")";
    }

    @Override
    public Optional<LiveForm> live() {
      return Optional.of(ofOneRow("max_by", name, argument, eventTime));
    }

    @Override
    public boolean additive() {
      return false;
    }
  }

  /**
   * {@code count(DISTINCT argument)} of anything but one whole number or date.
   *
   * @param argument one expression, or several with commas between them: rows in which one of them
   *     is NULL do not count
   */
  record CountDistinct(String name, String argument) implements BatchOnly {
    @Override
    public String batchSql() {
      return "count(DISTINCT " + argument + ")";
    }

    @Override
    public String whyNotLive() {
      return "count(DISTINCT …) exactly, unless it is of one whole number or date";
    }

    @Override
    public String nearestLive() {
      return "approx_count_distinct(x)";
    }
  }

  /**
   * {@code percentile(argument, share)}: the exact one, a double, between two values where the
   * share falls between two rows.
   *
   * @param share from 0 to 1, both inclusive
   */
  record Percentile(String name, String argument, BigDecimal share) implements BatchOnly {
    public Percentile {
      checkShare(share);
    }

    @Override
    public String batchSql() {
      return "percentile(" + argument + ", " + share.toPlainString() + "D)";
    }

    @Override
    public String whyNotLive() {
      return "percentile(…): it needs all rows at once, and partial ones cannot be merged";
    }

    @Override
    public String nearestLive() {
      return "approx_percentile(x, p)";
    }
  }

  /** {@code collect_set(argument)}: the distinct values but NULL, in ascending order. */
  record CollectSet(String name, String argument) implements BatchOnly {
    @Override
    public String batchSql() {
      // Spark gives a set in any order; the same rows must give the same bytes.
      return "sort_array(collect_set(" + argument + "))";
    }

    @Override
    public String whyNotLive() {
      return "collect_set(…): every partial result would hold a set of its own, without bound";
    }

    @Override
    public String nearestLive() {
      return "count(x), min(x) and max(x)";
    }
  }

  /** No two rows are equal in it: the last two name a record of Kafka, as silver has them. */
  private static String rowOrder(String eventTime) {
    return "struct(" + quoted(eventTime) + ", `_partition`, `_offset`)";
  }

  /** The row's place and its value, of the row that stands. */
  private static LiveForm ofOneRow(String best, String name, String argument, String eventTime) {
    String order = rowOrder(eventTime);
    // NULL in no row that counts; said so that a partial without rows may be NULL as a whole.
    String place = "CASE WHEN " + quoted(eventTime) + " IS NOT NULL THEN " + order + " END";
    return new LiveForm(
        List.of(
            new Partial(
                name,
                "%s(named_struct('place', %s, 'value', %s), %s)"
                    .formatted(best, place, argument, order),
                "%s(%s, %s.place)".formatted(best, quoted(name), quoted(name)))),
        quoted(name) + ".value");
  }

  private static void checkShare(BigDecimal share) {
    if (share.signum() < 0 || share.compareTo(BigDecimal.ONE) > 0) {
      throw new IllegalArgumentException("a share is from 0 to 1: " + share);
    }
  }

  private static LiveForm summed(String name, String fromRows, String value) {
    return new LiveForm(List.of(new Partial(name, fromRows, "sum(" + quoted(name) + ")")), value);
  }

  private static String quoted(String name) {
    return "`" + name + "`";
  }
}
