package assay.views.live;

import assay.core.LakeTable;
import assay.silver.EventParser;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** What readers see of a live view, row by row, for those who send it on. */
public final class ShownRows {
  private final LiveView view;
  private final List<String> apart;
  private final List<String> key;
  private final boolean vanish;
  private final Function<StructType, Fold> fold;

  ShownRows(
      LiveView view,
      List<String> apart,
      List<String> key,
      boolean vanish,
      Function<StructType, Fold> fold) {
    this.view = view;
    this.apart = List.copyOf(apart);
    this.key = List.copyOf(key);
    this.vanish = vanish;
    this.fold = fold;
  }

  /** The table of partials. */
  public LakeTable table() {
    return view.table();
  }

  /**
   * Columns of the partials: what is shown of each value of them comes of the partials of that
   * value alone.
   */
  public List<String> apart() {
    return apart;
  }

  /** Columns of what is shown that tell one row from all others. */
  public List<String> key() {
    return key;
  }

  /** Whether one of some partials changes what is shown of values that it does not have. */
  public boolean touchAll(Dataset<Row> partials) {
    return view.touchesAll().filter(condition -> !partials.where(condition).isEmpty()).isPresent();
  }

  /** Whether a row may be gone once more partials came. */
  public boolean vanish() {
    return vanish;
  }

  /** Whether what is shown of a day comes of that day's partition alone. */
  public boolean stayInTheirDay() {
    return apart.contains(EventParser.EVENT_DATE);
  }

  /** Partials to what is shown of them. */
  public Dataset<Row> of(Dataset<Row> partials) {
    return fold.apply(partials.schema()).of(view.shownOf(partials));
  }

  /** Whether a version of the table was accumulated under today's definition. */
  public boolean areOfToday(long version) {
    return view.isOfToday(version);
  }
}
