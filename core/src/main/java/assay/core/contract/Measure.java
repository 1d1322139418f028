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
   */
  record LiveForm(List<Partial> partials, String valueSql) {
    public LiveForm {
      partials = List.copyOf(partials);
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
   * {@code count(DISTINCT argument)}.
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
      return "count(DISTINCT …): partial counts cannot be added up";
    }

    @Override
    public String nearestLive() {
      return "count(x)";
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
      if (share.signum() < 0 || share.compareTo(BigDecimal.ONE) > 0) {
        throw new IllegalArgumentException("a share is from 0 to 1: " + share);
      }
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
      return "avg(x), min(x) and max(x)";
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

  /**
   * {@code first(argument)}: the value in the first row by event time, then position in Kafka; NULL
   * where that row has NULL.
   *
   * @param eventTime the contract's column
   */
  record First(String name, String argument, String eventTime) implements BatchOnly {
    @Override
    public String batchSql() {
      return "min_by(" + argument + ", " + rowOrder(eventTime) + ")";
    }

    @Override
    public String whyNotLive() {
      return "first(…): a partial result does not keep from which row its value came";
    }

    @Override
    public String nearestLive() {
      return "min(x)";
    }
  }

  /** {@code last(argument)}: as {@link First}, of the last row. */
  record Last(String name, String argument, String eventTime) implements BatchOnly {
    @Override
    public String batchSql() {
      return "max_by(" + argument + ", " + rowOrder(eventTime) + ")";
    }

    @Override
    public String whyNotLive() {
      return "last(…): a partial result does not keep from which row its value came";
    }

    @Override
    public String nearestLive() {
      return "max(x)";
    }
  }

  /** No two rows are equal in it: the last two name a record of Kafka, as silver has them. */
  private static String rowOrder(String eventTime) {
    return "struct(" + quoted(eventTime) + ", `_partition`, `_offset`)";
  }

  private static LiveForm summed(String name, String fromRows, String value) {
    return new LiveForm(List.of(new Partial(name, fromRows, "sum(" + quoted(name) + ")")), value);
  }

  private static String quoted(String name) {
    return "`" + name + "`";
  }
}
