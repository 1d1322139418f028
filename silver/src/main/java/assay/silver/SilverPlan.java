package assay.silver;

import java.util.List;

/**
 * What a run of silver would read.
 *
 * @param rows of bronze that silver has not read
 * @param bronzeVersion up to which it would read
 * @param silverVersion it would go on from; -1 where there is no silver yet
 * @param columns what it would do to silver's columns, in a person's words
 */
public record SilverPlan(
    String domain, long rows, long bronzeVersion, long silverVersion, List<String> columns) {
  public SilverPlan {
    columns = List.copyOf(columns);
  }
}
