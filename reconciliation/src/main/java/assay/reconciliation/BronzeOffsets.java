package assay.reconciliation;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lag;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.xxhash64;

import assay.ingestion.Bronze;
import assay.ingestion.BronzeGaps;
import assay.ingestion.Gap;
import assay.ingestion.OffsetRange;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/** What bronze holds of ranges of offsets: Kafka's offsets are its rows and the gaps. */
final class BronzeOffsets {
  private static final String BEFORE = "_before";

  private final Dataset<Row> bronze;
  private final BronzeGaps gaps;

  /**
   * @param bronze at the version that was pinned
   */
  BronzeOffsets(Dataset<Row> bronze, BronzeGaps gaps) {
    this.bronze = bronze;
    this.gaps = gaps;
  }

  /**
   * What bronze holds of a range.
   *
   * @param print of the offsets: other rows have another, but for a chance in thousand millions
   * @param gaps the first {@link LedgerRange#GAPS} of them
   * @param missing offsets without a record, by cause
   * @param twice offsets that bronze has more than once, the first of them
   */
  record Held(
      OffsetRange range,
      long rows,
      long print,
      List<Gap> gaps,
      Map<String, Long> missing,
      List<Long> twice) {}

  /** A sum of it over rows tells whether they are the same rows. */
  static Column print(Column offset) {
    return xxhash64(offset).bitwiseAND(Integer.MAX_VALUE);
  }

  static Column in(List<OffsetRange> ranges, Column partition, Column offset) {
    return ranges.stream()
        .map(range -> range.contains(partition, offset))
        .reduce(Column::or)
        .orElse(lit(false));
  }

  /** By partition; each has one range at most. */
  Map<Integer, Held> of(List<OffsetRange> ranges) {
    Map<Integer, Held> held = new TreeMap<>();
    if (ranges.isEmpty()) {
      return held;
    }
    Column partition = col(Bronze.PARTITION);
    Column offset = col(Bronze.OFFSET);
    Map<Integer, Row> counts = new TreeMap<>();
    bronze
        .where(in(ranges, partition, offset))
        .groupBy(partition)
        .agg(count(lit(1)), sum(print(offset)), max(offset), sum(offset.cast("decimal(20,0)")))
        .collectAsList()
        .forEach(row -> counts.put(row.getInt(0), row));
    List<OffsetRange> broken = new ArrayList<>();
    for (OffsetRange range : ranges) {
      Row row = counts.get(range.partition());
      if (row != null && isWhole(range, row)) {
        held.put(
            range.partition(),
            new Held(range, row.getLong(1), row.getLong(2), List.of(), Map.of(), List.of()));
      } else {
        broken.add(range);
      }
    }
    if (!broken.isEmpty()) {
      held.putAll(broken(broken, counts));
    }
    return held;
  }

  /** As many rows as offsets, and the sum of theirs. */
  private static boolean isWhole(OffsetRange range, Row row) {
    BigDecimal twiceTheSum =
        BigDecimal.valueOf(range.first())
            .add(BigDecimal.valueOf(range.last()))
            .multiply(BigDecimal.valueOf(range.size()));
    return row.getLong(1) == range.size()
        && row.getDecimal(4).multiply(BigDecimal.valueOf(2)).compareTo(twiceTheSum) == 0;
  }

  private Map<Integer, Held> broken(List<OffsetRange> ranges, Map<Integer, Row> counts) {
    Column partition = col(Bronze.PARTITION);
    Column offset = col(Bronze.OFFSET);
    Map<Integer, List<OffsetRange>> missing = new TreeMap<>();
    Map<Integer, List<Long>> twice = new TreeMap<>();
    Map<Integer, Long> firsts = new TreeMap<>();
    ranges.forEach(range -> firsts.put(range.partition(), range.first()));
    for (Row row :
        bronze
            .where(in(ranges, partition, offset))
            .select(
                partition,
                offset,
                lag(offset, 1).over(Window.partitionBy(partition).orderBy(offset)).as(BEFORE))
            .where(col(BEFORE).isNull().or(offset.minus(col(BEFORE)).notEqual(1)))
            // Rows that are there twice before gaps, of which there may be too many to list.
            .orderBy(coalesce(offset.equalTo(col(BEFORE)), lit(false)).desc(), partition, offset)
            .limit(LedgerRange.GAPS * ranges.size())
            .collectAsList()) {
      int number = row.getInt(0);
      long before = row.isNullAt(2) ? firsts.get(number) - 1 : row.getLong(2);
      if (row.getLong(1) == before) {
        twice.computeIfAbsent(number, p -> new ArrayList<>()).add(before);
      } else if (row.getLong(1) > before + 1) {
        missing
            .computeIfAbsent(number, p -> new ArrayList<>())
            .add(new OffsetRange(number, before + 1, row.getLong(1) - 1));
      }
    }
    List<Gap> recorded = gaps.recorded();
    Gap.Cause between = gaps.between();
    Map<Integer, Held> held = new TreeMap<>();
    for (OffsetRange range : ranges) {
      int number = range.partition();
      Row counted = counts.get(number);
      long last = counted == null ? range.first() - 1 : counted.getLong(3);
      List<OffsetRange> none = missing.getOrDefault(number, new ArrayList<>());
      if (last < range.last()) {
        none.add(new OffsetRange(number, last + 1, range.last()));
      }
      List<Gap> found = none.stream().flatMap(m -> causes(m, recorded, between).stream()).toList();
      long rows = counted == null ? 0 : counted.getLong(1);
      List<Long> doubled = twice.getOrDefault(number, List.of());
      held.put(
          number,
          new Held(
              range,
              rows,
              counted == null ? 0 : counted.getLong(2),
              found,
              missing(range, recorded, range.size() - rows + doubled.size(), between),
              doubled));
    }
    return held;
  }

  /**
   * By cause, listed or not: what was recorded as removed, and the rest, which is between records.
   */
  private static Map<String, Long> missing(
      OffsetRange range, List<Gap> recorded, long all, Gap.Cause between) {
    Map<String, Long> missing = new TreeMap<>();
    for (Gap gap : recorded) {
      gap.range()
          .intersect(range)
          .ifPresent(part -> missing.merge(gap.cause().label(), part.size(), Long::sum));
    }
    long rest = all - missing.values().stream().mapToLong(Long::longValue).sum();
    if (rest > 0) {
      missing.merge(between.label(), rest, Long::sum);
    }
    return missing;
  }

  /** Part of a range may have been removed by retention, and the rest of it a marker. */
  private static List<Gap> causes(OffsetRange missing, List<Gap> recorded, Gap.Cause between) {
    List<Gap> causes = new ArrayList<>();
    long next = missing.first();
    for (Gap gap : recorded) {
      OffsetRange part = gap.range().intersect(missing).orElse(null);
      if (part == null || part.last() < next) {
        continue;
      }
      if (part.first() > next) {
        causes.add(new Gap(new OffsetRange(missing.partition(), next, part.first() - 1), between));
      }
      causes.add(
          new Gap(
              new OffsetRange(missing.partition(), Math.max(next, part.first()), part.last()),
              gap.cause()));
      next = part.last() + 1;
    }
    if (next <= missing.last()) {
      causes.add(new Gap(new OffsetRange(missing.partition(), next, missing.last()), between));
    }
    return causes;
  }
}
