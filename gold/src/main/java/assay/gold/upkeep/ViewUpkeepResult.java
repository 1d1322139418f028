package assay.gold.upkeep;

import java.util.List;

/**
 * What a run of upkeep did, or would do, for the materialized views of a lake.
 *
 * @param compactions one a commit
 * @param vacuumed by table; empty where none was asked for
 * @param undefined paths of tables whose view no file defines any more; they are left alone
 */
public record ViewUpkeepResult(
    List<Compaction> compactions, List<Vacuumed> vacuumed, List<String> undefined) {
  public ViewUpkeepResult {
    compactions = List.copyOf(compactions);
    vacuumed = List.copyOf(vacuumed);
    undefined = List.copyOf(undefined);
  }
}
