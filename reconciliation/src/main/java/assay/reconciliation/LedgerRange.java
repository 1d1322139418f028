package assay.reconciliation;

import assay.ingestion.Gap;
import assay.ingestion.OffsetRange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Offsets of one Kafka partition, and what one path did with their records: {@code range.size()} is
 * {@code rows} and what is {@code missing}, and {@code rows} is the sum of the dispositions.
 *
 * @param rows of bronze
 * @param dispositions as they were when the range was reconciled; a later row may have superseded
 *     one since
 * @param gaps the first {@link #GAPS} of them, by offset
 * @param missing how many offsets have no record, by cause
 */
public record LedgerRange(
    OffsetRange range,
    long rows,
    Map<String, Long> dispositions,
    List<Gap> gaps,
    Map<String, Long> missing) {
  /** A topic that is written in transactions has a gap for each of them. */
  static final int GAPS = 1_000;

  public LedgerRange {
    dispositions = Collections.unmodifiableMap(new TreeMap<>(dispositions));
    missing = Collections.unmodifiableMap(new TreeMap<>(missing));
    gaps = gaps.stream().limit(GAPS).toList();
  }

  /** Ranges that follow each other as one a partition. */
  static List<LedgerRange> together(List<LedgerRange> ranges) {
    Map<Integer, LedgerRange> byPartition = new TreeMap<>();
    ranges.stream()
        .sorted(Comparator.comparingLong(r -> r.range().first()))
        .forEach(r -> byPartition.merge(r.range().partition(), r, LedgerRange::and));
    return List.copyOf(byPartition.values());
  }

  private LedgerRange and(LedgerRange next) {
    List<Gap> all = new ArrayList<>(gaps);
    all.addAll(next.gaps);
    return new LedgerRange(
        new OffsetRange(range.partition(), range.first(), next.range.last()),
        rows + next.rows,
        sum(dispositions, next.dispositions),
        all,
        sum(missing, next.missing));
  }

  private static Map<String, Long> sum(Map<String, Long> one, Map<String, Long> other) {
    Map<String, Long> sums = new TreeMap<>(one);
    other.forEach((name, n) -> sums.merge(name, n, Long::sum));
    return sums;
  }
}
