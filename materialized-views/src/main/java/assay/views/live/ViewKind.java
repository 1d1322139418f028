package assay.views.live;

import assay.silver.Disposition;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * What a live view keeps of each micro-batch and what it shows of it. Partials are only ever
 * appended, and the fold of all of them is the same however bronze was cut into micro-batches.
 */
sealed interface ViewKind permits CellPartials, LatestRows, LatestOfChanges, SessionPartials {
  String name();

  /** What partials are made by; those of two definitions cannot be folded together. */
  String definition();

  /** The dispositions of the rows that it is made of. */
  default Set<String> takes() {
    return Set.of(Disposition.COUNTED);
  }

  /**
   * Rows of the dispositions that it takes, and those that are {@link LiveView#TAKEN_BACK}, to the
   * partials of a micro-batch, which hold the day they are partitioned by and {@link
   * LiveView#ROWS}.
   */
  Dataset<Row> accumulate(Dataset<Row> taken);

  /**
   * Partials to what the view shows.
   *
   * @param types of the partials
   */
  Fold fold(StructType types);

  /** The same by window, where the view has windows within the day. */
  default Optional<Fold> foldByWindow(StructType types) {
    return Optional.empty();
  }

  /**
   * Columns of the partials: what the view shows of each value of them comes of the partials of
   * that value alone.
   */
  List<String> apart();

  /**
   * A condition for partials that change what the view shows of values they do not have, too; empty
   * where there are none.
   */
  default Optional<String> touchesAll() {
    return Optional.empty();
  }

  /** Columns of what the view shows that tell one row from all others. */
  default List<String> key() {
    return apart();
  }

  /** Whether a row that the view shows may be gone once more partials came. */
  default boolean rowsVanish() {
    return false;
  }

  /** Whether what the view shows of a day comes of that day's partials alone. */
  boolean staysInItsDay();
}
