package assay.views.live;

import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.map_entries;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;

import assay.core.Lake;
import assay.core.contract.Contract;
import assay.ingestion.Bronze;
import assay.ingestion.OffsetRange;
import assay.silver.EventParser;
import assay.silver.EventReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Reads rows as the live query read them: each with the reference tables of its own micro-batch,
 * whatever these hold now.
 */
public final class LiveReader {
  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final List<Stretch> stretches;

  /**
   * Rows that were looked up alike.
   *
   * @param versions of the reference tables, by the look-up's name
   */
  public record Stretch(OffsetRange range, Map<String, Long> versions) {
    public Stretch {
      versions = Map.copyOf(versions);
    }
  }

  private LiveReader(SparkSession spark, Lake lake, Contract contract, List<Stretch> stretches) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.stretches = List.copyOf(stretches);
  }

  /**
   * A reader of what a live query has read.
   *
   * @param lastBatch its newest micro-batch that counts; where it is empty nothing was read
   */
  public static LiveReader upTo(
      SparkSession spark, Lake lake, Contract contract, BronzeReads reads, OptionalLong lastBatch) {
    boolean plain = contract.enrich().isEmpty() || lastBatch.isEmpty();
    return new LiveReader(
        spark, lake, contract, plain ? List.of() : stretches(reads.upTo(lastBatch)));
  }

  private static List<Stretch> stretches(Dataset<Row> reads) {
    record Part(int partition, long last, Map<String, Long> versions) {}
    List<Part> parts =
        reads
            .where(col(BronzeReads.REFERENCE_VERSIONS).isNotNull())
            .groupBy(
                col(EventParser.PARTITION),
                array_sort(map_entries(col(BronzeReads.REFERENCE_VERSIONS))).as("versions"))
            .agg(max(col(BronzeReads.LAST_OFFSET)))
            .collectAsList()
            .stream()
            .map(row -> new Part(row.getInt(0), row.getLong(2), versions(row.<Row>getList(1))))
            .sorted(Comparator.comparing(Part::partition).thenComparing(Part::last))
            .toList();
    List<Stretch> stretches = new ArrayList<>();
    Map<Integer, Long> next = new HashMap<>();
    for (Part part : parts) {
      long first = next.getOrDefault(part.partition(), 0L);
      stretches.add(
          new Stretch(new OffsetRange(part.partition(), first, part.last()), part.versions()));
      next.put(part.partition(), part.last() + 1);
    }
    return stretches;
  }

  private static Map<String, Long> versions(List<Row> entries) {
    return entries.stream().collect(Collectors.toMap(e -> e.getString(0), e -> e.getLong(1)));
  }

  /** All that was read, by Kafka partition and offset; nothing where the contract looks up none. */
  public List<Stretch> stretches() {
    return stretches;
  }

  /** Rows of bronze, parsed, checked and enriched; those that were not read as they are now. */
  public Dataset<Row> read(Dataset<Row> bronze) {
    return readStretches(bronze, stretches);
  }

  /**
   * The same, of versions of the reference tables that rows of some ranges alone need: the others
   * may be out of reach by now.
   *
   * @param within only rows in these ranges are read as the live query read them; the others as
   *     they are now
   */
  public Dataset<Row> read(Dataset<Row> bronze, List<OffsetRange> within) {
    return readStretches(bronze, stretchesIn(within));
  }

  private Dataset<Row> readStretches(Dataset<Row> bronze, List<Stretch> of) {
    Map<Map<String, Long>, Column> alike = alike(of, col(Bronze.PARTITION), col(Bronze.OFFSET));
    if (alike.isEmpty()) {
      return EventReader.now(spark, lake, contract).read(bronze);
    }
    Column read = alike.values().stream().reduce(Column::or).orElseThrow();
    Dataset<Row> all = EventReader.now(spark, lake, contract).read(bronze.where(not(read)));
    for (Map.Entry<Map<String, Long>, Column> rows : alike.entrySet()) {
      all = all.unionByName(reader(rows.getKey()).read(bronze.where(rows.getValue())));
    }
    return all;
  }

  /**
   * Gives rows that another path has read, and that do not fail, what the live query's look-ups
   * gave. Those that it has not read keep what they have.
   *
   * @param rows with the contract's columns, enriched ones too, the day and the position
   * @param within only rows in these ranges; the others keep what they have
   */
  public Dataset<Row> lookUpAnew(Dataset<Row> rows, List<OffsetRange> within) {
    Dataset<Row> read = rows;
    for (Map.Entry<Map<String, Long>, Column> part :
        alike(stretchesIn(within), col(EventParser.PARTITION), col(EventParser.OFFSET))
            .entrySet()) {
      read = reader(part.getKey()).lookUpAnew(read, part.getValue());
    }
    return read;
  }

  private List<Stretch> stretchesIn(List<OffsetRange> within) {
    List<Stretch> parts = new ArrayList<>();
    for (Stretch stretch : stretches) {
      for (OffsetRange range : within) {
        stretch
            .range()
            .intersect(range)
            .ifPresent(r -> parts.add(new Stretch(r, stretch.versions())));
      }
    }
    return parts;
  }

  private EventReader reader(Map<String, Long> versions) {
    return EventReader.at(spark, lake, contract, versions);
  }

  /** Which rows were looked up with the same versions. */
  private static Map<Map<String, Long>, Column> alike(
      List<Stretch> stretches, Column partition, Column offset) {
    Map<Map<String, Long>, Column> alike = new LinkedHashMap<>();
    for (Stretch stretch : stretches) {
      alike.merge(stretch.versions(), stretch.range().contains(partition, offset), Column::or);
    }
    return alike;
  }
}
