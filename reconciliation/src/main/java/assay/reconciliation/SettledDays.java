package assay.reconciliation;

import static org.apache.spark.sql.functions.col;

import assay.core.LakeTable;
import assay.core.TableFiles;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.silver.EventParser;
import java.time.LocalDate;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Days whose evidence stands, so that a reconciliation costs what is new and not what there is. A
 * day is settled when its newest evidence is fit, was found under this contract with nothing
 * ignored, has no part that one side alone had read, and when neither side's files of that day are
 * others than those it was found in.
 */
final class SettledDays {
  private final EvidenceTables tables;
  private final Contract contract;
  private final MetricSet metrics;
  private final Sides sides;

  /**
   * Fingerprints of the files of each day.
   *
   * @param silver that gold stands for
   */
  record Sides(Map<String, String> gold, Map<String, String> silver, Map<String, String> live) {
    /** As pinned. */
    static Sides of(
        SparkSession spark, Pins pins, LakeTable gold, LakeTable silver, LakeTable live) {
      return new Sides(
          byDay(spark, gold, pins.gold()),
          byDay(spark, silver, pins.silver().version()),
          byDay(spark, live, pins.live()));
    }

    private static Map<String, String> byDay(SparkSession spark, LakeTable table, long version) {
      return new TableFiles(spark, table.path()).fingerprints(version, EventParser.EVENT_DATE);
    }

    /** All days that either side holds. */
    Set<LocalDate> days() {
      return Stream.of(gold, live)
          .flatMap(side -> side.keySet().stream())
          .map(LocalDate::parse)
          .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Of gold; empty where it has none. */
    String gold(LocalDate day) {
      return gold.getOrDefault(day.toString(), "");
    }

    /** Of silver; empty where it has none. */
    String silver(LocalDate day) {
      return silver.getOrDefault(day.toString(), "");
    }

    /** Of the live view; empty where it has none. */
    String live(LocalDate day) {
      return live.getOrDefault(day.toString(), "");
    }
  }

  SettledDays(EvidenceTables tables, Contract contract, MetricSet metrics, Sides sides) {
    this.tables = tables;
    this.contract = contract;
    this.metrics = metrics;
    this.sides = sides;
  }

  /** What they came to when they were compared. */
  NavigableMap<LocalDate, DayVerdict> find() {
    NavigableMap<LocalDate, DayVerdict> settled = new TreeMap<>();
    EvidenceTables.newest(tables.evidence().read().where(col("metrics").equalTo(metrics.name())))
        .where(col("contract_hash").equalTo(contract.hash()).and(col("fit")))
        .where(col("ignored").equalTo(0).and(col(EvidenceTables.GOLD_FILES).isNotNull()))
        .collectAsList()
        .forEach(
            row -> {
              DayVerdict verdict = verdict(row);
              if (isOfTheseFiles(row, verdict.day())) {
                settled.put(verdict.day(), verdict);
              }
            });
    if (!settled.isEmpty()) {
      Set<String> ids =
          settled.values().stream().map(DayVerdict::evidenceId).collect(Collectors.toSet());
      Set<String> withCut = tables.withCut(ids);
      settled.values().removeIf(v -> withCut.contains(v.evidenceId()));
    }
    return settled;
  }

  private boolean isOfTheseFiles(Row evidence, LocalDate day) {
    return sides.gold(day).equals(evidence.getAs(EvidenceTables.GOLD_FILES))
        && sides.silver(day).equals(evidence.getAs(EvidenceTables.SILVER_FILES))
        && sides.live(day).equals(evidence.getAs(EvidenceTables.LIVE_FILES));
  }

  private static DayVerdict verdict(Row evidence) {
    return new DayVerdict(
        evidence.getAs("metrics"),
        evidence.getAs("day"),
        Verdict.green(evidence.getAs("verdict")),
        evidence.<Long>getAs("cells"),
        evidence.<Long>getAs("differing"),
        evidence.getAs("unexplained"),
        evidence.getAs(EvidenceTables.EVIDENCE_ID),
        Rung.of(evidence.getAs("rung")),
        evidence.getAs("ended"),
        evidence.<Long>getAs("beyond"),
        evidence.<Long>getAs("ignored"),
        evidence.<Boolean>getAs("fit"));
  }
}
