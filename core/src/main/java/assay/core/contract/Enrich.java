package assay.core.contract;

import assay.core.Lake;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.DataType;

/**
 * A look-up of an event in a reference table, which gives it more columns. An event never becomes
 * two by it, however many rows of the table match.
 *
 * @param on what must be equal for a row of the table to match, at least one pair
 * @param columns what an event gains, at least one, in the order of the file
 * @param validity where rows of the table hold for a span of time and the event's own time decides;
 *     empty where the table as it is now does
 */
public record Enrich(
    String name,
    Reference reference,
    List<On> on,
    List<Added> columns,
    Optional<Validity> validity,
    Missing missing) {

  public Enrich {
    on = List.copyOf(on);
    columns = List.copyOf(columns);
  }

  /** The name that stands on a row's list of what failed where nothing matched. */
  public String failure() {
    return "enrich(" + name + ")";
  }

  /** A Delta table. */
  public sealed interface Reference {
    /** The table's folder. */
    String path(Lake lake);

    /** A table of the same lake. */
    record OfLake(Lake.Layer layer, String table) implements Reference {
      @Override
      public String path(Lake lake) {
        return lake.table(layer, table);
      }
    }

    /**
     * A table that lies elsewhere.
     *
     * @param location an absolute path or URI
     */
    record Elsewhere(String location) implements Reference {
      @Override
      public String path(Lake lake) {
        return location;
      }
    }
  }

  /**
   * A pair that must be equal; NULL equals nothing.
   *
   * @param column of the event
   * @param reference the table's column
   */
  public record On(String column, String reference) {}

  /**
   * A column that an event gains.
   *
   * @param reference the table's column, whose type widens to {@code type} without loss
   */
  public record Added(String name, String reference, DataType type) {}

  /**
   * The table's columns, timestamps or dates, that say for which events a row holds.
   *
   * @param from inclusive; NULL is since ever
   * @param to exclusive; NULL is still
   */
  public record Validity(String from, String to) {}

  /** What becomes of an event that nothing matches. */
  public enum Missing {
    /** It goes on, with NULLs. */
    KEEP,
    /** It fails, under {@link #failure()}. */
    QUARANTINE
  }
}
