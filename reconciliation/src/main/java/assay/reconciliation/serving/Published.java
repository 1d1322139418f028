package assay.reconciliation.serving;

import java.util.List;
import java.util.Optional;

/**
 * What a publish did for one metric set.
 *
 * @param tables those that are written for it; none where there is nothing to show yet
 * @param changed the change of the stage that automation made on the way
 * @param troubles of the stream, where it is read or may be read next
 * @param note what a person should know; empty where all is well
 */
public record Published(
    Standing standing,
    List<Table> tables,
    Optional<Standing> changed,
    List<Trouble> troubles,
    Optional<String> note) {

  /**
   * One serving table.
   *
   * @param days that were replaced; 0 where nothing was written
   * @param version of the table afterwards
   */
  public record Table(String name, Side side, int days, long version) {}

  public Published {
    tables = List.copyOf(tables);
    troubles = List.copyOf(troubles);
  }

  public String metrics() {
    return standing.metrics();
  }

  /** The days that were replaced in all tables. */
  public int days() {
    return tables.stream().mapToInt(Table::days).sum();
  }
}
