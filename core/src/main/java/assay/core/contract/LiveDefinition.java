package assay.core.contract;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A live view beside those of metric sets, shown as {@code live.NAME}. */
public sealed interface LiveDefinition {
  String name();

  /** One for which the stream keeps a table. */
  sealed interface Kept extends LiveDefinition {
    /** The columns that name a row's key, at least one. */
    List<String> by();

    /** The rows that it is made of. */
    RowFilter filter();

    /** The trigger interval. */
    Duration every();
  }

  /**
   * The row of each key that stands last: by {@code order_by}, then partition, then offset.
   *
   * @param alertAbove the share of keys that may stand otherwise in silver, explained or not, a
   *     ratio; empty for any share
   */
  record Latest(
      String name,
      List<String> by,
      RowFilter filter,
      Duration every,
      Optional<BigDecimal> alertAbove)
      implements Kept {
    public Latest {
      by = List.copyOf(by);
    }

    /** One that may differ from silver wherever rows explain it. */
    public Latest(String name, List<String> by, RowFilter filter, Duration every) {
      this(name, by, filter, every, Optional.empty());
    }

    /** One of all rows. */
    public Latest(String name, List<String> by, Duration every) {
      this(name, by, RowFilter.NONE, every);
    }
  }

  /**
   * Runs of rows of one key, by event time, each at most {@code gap} after the one before.
   *
   * @param gap inclusive
   * @param measures each of which has a live form without a bitmap
   */
  record Sessions(
      String name,
      List<String> by,
      RowFilter filter,
      Duration gap,
      List<Measure> measures,
      Duration every)
      implements Kept {
    public Sessions {
      by = List.copyOf(by);
      measures = List.copyOf(measures);
    }

    /** One of all rows. */
    public Sessions(
        String name, List<String> by, Duration gap, List<Measure> measures, Duration every) {
      this(name, by, RowFilter.NONE, gap, measures, every);
    }
  }

  /**
   * The cells of each day with the greatest values of a measure, equal ones in the order of the
   * dimensions. Nothing is stored for it.
   *
   * @param of a live metric set of the same contract
   * @param rows how many of a day, at least one
   * @param by one of its measures
   */
  record Top(String name, String of, int rows, String by) implements LiveDefinition {}
}
