package assay.reconciliation.alerts;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import assay.core.AlertSettings;
import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.reconciliation.DayEvidence;
import assay.reconciliation.DualRead;
import assay.reconciliation.alerts.Finding.Kind;
import assay.reconciliation.serving.Published;
import assay.reconciliation.serving.Serving;
import assay.reconciliation.serving.Side;
import assay.reconciliation.serving.Standing;
import assay.reconciliation.serving.Standing.Change;
import assay.reconciliation.serving.Trouble;
import assay.silver.Disposition;
import assay.silver.EventParser;
import assay.views.live.BronzeReads;
import assay.views.live.LiveTables;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Looks for what people must know of a domain. */
final class AlertFinder {
  /** How many keys were read. */
  static final String KEYS = "keys";

  private static final Duration WINDOW = Duration.ofDays(1);

  private final AlertSettings settings;
  private final Contract contract;
  private final List<Serving> servings;
  private final LiveTables tables;
  private final Clock clock;

  AlertFinder(
      SparkSession spark, Lake lake, Contract contract, AlertSettings settings, Clock clock) {
    this.settings = settings;
    this.contract = contract;
    this.servings =
        contract.liveMetrics().stream()
            .map(m -> new Serving(spark, lake, contract, m, clock, Steps.SILENT))
            .toList();
    this.tables = new LiveTables(spark, lake, contract);
    this.clock = clock;
  }

  /** Whether BI was put back to batch, or is held on a stream that it should not read. */
  Findings ofServing(Published published) {
    Standing standing = published.standing();
    List<Finding> found = new ArrayList<>();
    if (standing.change() == Change.FALLBACK) {
      found.add(
          new Finding(
              Kind.FALLBACK,
              standing.metrics(),
              "change " + standing.number(),
              "%s was put back to batch: %s".formatted(standing.metrics(), standing.why()),
              Map.of(
                  "number",
                  standing.number() + "",
                  "evidence_ids",
                  String.join(",", standing.evidenceIds()))));
    }
    boolean heldOnTheStream = standing.position().pinned().equals(Optional.of(Side.LIVE));
    if (heldOnTheStream && !published.troubles().isEmpty()) {
      List<String> kinds = published.troubles().stream().map(t -> t.kind().label()).toList();
      found.add(
          new Finding(
              Kind.PINNED,
              standing.metrics(),
              String.join(",", kinds),
              "%s is pinned on live by %s, and %s"
                  .formatted(
                      standing.metrics(),
                      standing.who(),
                      String.join("; ", published.troubles().stream().map(Trouble::why).toList())),
              Map.of("troubles", String.join(",", kinds))));
    }
    return new Findings(causes(standing.metrics(), Kind.FALLBACK, Kind.PINNED), found);
  }

  /** Whether evidence is red, or missing for days that have long closed. */
  Findings ofEvidence() {
    return servings.stream().map(this::ofEvidence).reduce(Findings.NONE, Findings::plus);
  }

  private Findings ofEvidence(Serving serving) {
    Serving.Evidence evidence = serving.evidence();
    List<Finding> found = new ArrayList<>();
    List<DayEvidence> red = evidence.newest().values().stream().filter(DayEvidence::red).toList();
    if (!red.isEmpty()) {
      String days = String.join(", ", red.stream().map(e -> e.day().toString()).toList());
      found.add(
          new Finding(
              Kind.DIVERGED,
              serving.metrics(),
              days,
              "%s is not fit to be read from the stream: %s"
                  .formatted(serving.metrics(), DayEvidence.inWords(red)),
              Map.of(
                  "days",
                  days,
                  "evidence_ids",
                  String.join(",", red.stream().map(DayEvidence::evidenceId).toList()))));
    }
    stalled(serving.metrics(), evidence.closed()).ifPresent(found::add);
    return new Findings(causes(serving.metrics(), Kind.DIVERGED, Kind.STALLED), found);
  }

  /** From the first closed day behind all that are proven, or proven wrong. */
  private Optional<Finding> stalled(
      String metrics, NavigableMap<LocalDate, Optional<DayEvidence>> closed) {
    Optional<LocalDate> last =
        closed.descendingMap().values().stream()
            .flatMap(Optional::stream)
            .filter(e -> e.fit() || e.red())
            .map(DayEvidence::day)
            .findFirst();
    if (last.isEmpty()) {
      return Optional.empty();
    }
    LocalDate first = closed.higherKey(last.get());
    if (first == null) {
      return Optional.empty();
    }
    Instant due =
        first
            .plusDays(1)
            .atStartOfDay(contract.zone())
            .toInstant()
            .plus(contract.grace())
            .plus(settings.evidenceWithin());
    return clock.instant().isBefore(due)
        ? Optional.empty()
        : Optional.of(
            new Finding(
                Kind.STALLED,
                metrics,
                "after " + last.get(),
                "%s has no evidence since %s, and %s is closed"
                    .formatted(metrics, last.get(), first),
                Map.of("last", last.get().toString())));
  }

  /** Whether too many of the rows that came within a day are late, or in quarantine. */
  Findings ofRows() {
    OptionalLong last = tables.lastBatch();
    Set<String> causes = causes(contract.domain(), Kind.LATE_SHARE, Kind.QUARANTINE_SHARE);
    if (last.isEmpty()) {
      return new Findings(causes, List.of());
    }
    Instant from = clock.instant().minus(WINDOW);
    Row read =
        tables
            .reads()
            .upTo(last)
            .where(col(EventParser.INGESTED_AT).gt(lit(from)))
            .agg(sum(col(BronzeReads.ROWS)))
            .head();
    long rows = read.isNullAt(0) ? 0 : read.getLong(0);
    Map<String, Long> aside = new TreeMap<>();
    if (rows > 0) {
      tables
          .exceptions(last)
          .where(col(EventParser.INGESTED_AT).gt(lit(from)))
          .groupBy(col(Disposition.COLUMN))
          .count()
          .collectAsList()
          .forEach(row -> aside.put(row.getString(0), row.getLong(1)));
    }
    List<Finding> found = new ArrayList<>();
    share(Kind.LATE_SHARE, aside.getOrDefault(Disposition.LATE, 0L), rows, settings.lateShare())
        .ifPresent(found::add);
    share(
            Kind.QUARANTINE_SHARE,
            aside.getOrDefault(Disposition.QUARANTINED, 0L),
            rows,
            settings.quarantineShare())
        .ifPresent(found::add);
    return new Findings(causes, found);
  }

  private Optional<Finding> share(Kind kind, long some, long rows, BigDecimal limit) {
    if (rows == 0 || new BigDecimal(some).compareTo(limit.multiply(new BigDecimal(rows))) <= 0) {
      return Optional.empty();
    }
    return Optional.of(
        new Finding(
            kind,
            contract.domain(),
            "above",
            "%s: %d of the %d rows of the last day are %s, %s %%, the limit is %s %%"
                .formatted(
                    contract.domain(),
                    some,
                    rows,
                    kind == Kind.LATE_SHARE ? "late" : "in quarantine",
                    percent(
                        new BigDecimal(some).divide(new BigDecimal(rows), 6, RoundingMode.HALF_UP)),
                    percent(limit)),
            Map.of("rows", rows + "", "of_them", some + "")));
  }

  /** Whether keys of `latest` live views stand otherwise in silver than they should. */
  static Findings ofKeys(List<DualRead> reads) {
    Set<String> causes = new TreeSet<>();
    List<Finding> found = new ArrayList<>();
    for (DualRead read : reads) {
      causes.add(Finding.cause(Kind.MISMATCH, read.view()));
      if (differsTooMuch(read)) {
        found.add(
            new Finding(
                Kind.MISMATCH,
                read.view(),
                read.unexplained() > 0 ? "unexplained" : "above",
                "%s: %d of %d keys stand otherwise in silver, %d of them unexplained; the limit is %s %%"
                    .formatted(
                        read.view(),
                        read.differences().size(),
                        read.keys(),
                        read.unexplained(),
                        percent(read.alertAbove())),
                Map.of(
                    KEYS,
                    read.keys() + "",
                    "differing",
                    read.differences().size() + "",
                    "unexplained",
                    read.unexplained() + "")));
      }
    }
    return new Findings(causes, found);
  }

  static boolean differsTooMuch(DualRead read) {
    return read.unexplained() > 0 || read.alerts();
  }

  private static String percent(BigDecimal ratio) {
    BigDecimal percent =
        ratio.movePointRight(2).setScale(2, RoundingMode.HALF_UP).stripTrailingZeros();
    return percent.setScale(Math.max(0, percent.scale())).toPlainString();
  }

  private static Set<String> causes(String subject, Kind one, Kind other) {
    return Set.of(Finding.cause(one, subject), Finding.cause(other, subject));
  }
}
