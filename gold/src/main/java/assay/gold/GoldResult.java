package assay.gold;

import java.time.LocalDate;
import java.util.List;

/**
 * What a run of gold did for one metric set.
 *
 * @param days that were recomputed, ascending; empty where silver did not change
 * @param silverVersion that gold now stands for
 * @param version of the gold table afterwards
 */
public record GoldResult(String metrics, List<LocalDate> days, long silverVersion, long version) {
  public GoldResult {
    days = List.copyOf(days);
  }
}
