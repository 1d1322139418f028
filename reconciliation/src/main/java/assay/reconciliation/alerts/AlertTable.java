package assay.reconciliation.alerts;

import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;
import static org.apache.spark.sql.types.DataTypes.createMapType;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.LakeTable.Later;
import assay.core.TableChange;
import assay.reconciliation.alerts.Finding.Kind;
import assay.reconciliation.serving.GuardedTable;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * The table {@code ops/alerts}: a row each time that something was told, only ever appended. Of an
 * event that could not be told to all channels at once there are several, the newest with most.
 */
final class AlertTable {
  private static final StructType SCHEMA =
      new StructType()
          .add("alert_id", StringType)
          .add("cause", StringType)
          .add("number", LongType)
          .add("event", StringType)
          .add("kind", StringType)
          .add("subject", StringType)
          .add("state", StringType)
          .add("summary", StringType)
          .add("details", createMapType(StringType, StringType))
          .add("sent_to", createArrayType(StringType))
          .add("at", TimestampType);

  private final SparkSession spark;
  private final LakeTable table;
  private Map<String, Told> known = Map.of();

  /** By cause, the channels that were told of it since it was over the last time. */
  private Map<String, Set<String>> reached = Map.of();

  private long knownVersion = -1;

  AlertTable(SparkSession spark, Lake lake) {
    this.spark = spark;
    this.table = new LakeTable(spark, lake.alerts());
  }

  /** An event and the channels that it was told to. */
  record Told(AlertEvent event, List<String> sentTo) {
    Told {
      sentTo = List.copyOf(sentTo);
    }
  }

  /** The newest event of each cause. The table is read again only where it changed. */
  Map<String, Told> newest() {
    long version = table.version();
    if (version != knownVersion) {
      Map<String, List<Told>> byCause =
          version < 0
              ? Map.of()
              : table.readAt(version).collectAsList().stream()
                  .flatMap(row -> told(row).stream())
                  .collect(Collectors.groupingBy(told -> told.event().finding().cause()));
      known = new TreeMap<>();
      reached = new TreeMap<>();
      byCause.forEach(
          (cause, all) -> {
            Told newest = all.stream().reduce(AlertTable::later).orElseThrow();
            known.put(cause, newest);
            reached.put(cause, reached(all, newest.event().number()));
          });
      knownVersion = version;
    }
    return known;
  }

  /** Who was told of what {@code last} is the newest event of. */
  private static Set<String> reached(List<Told> all, long last) {
    long before =
        all.stream()
            .map(Told::event)
            .filter(event -> !event.isOpen() && event.number() < last)
            .mapToLong(AlertEvent::number)
            .max()
            .orElse(0);
    return all.stream()
        .filter(told -> told.event().number() > before)
        .flatMap(told -> told.sentTo().stream())
        .collect(Collectors.toSet());
  }

  /** Whether a channel knows that a cause holds, or is over, as of {@link #newest}. */
  boolean hasReached(String channel, String cause) {
    return reached.getOrDefault(cause, Set.of()).contains(channel);
  }

  private static Told later(Told one, Told other) {
    long by = one.event().number() - other.event().number();
    return by > 0 || (by == 0 && one.sentTo().size() >= other.sentTo().size()) ? one : other;
  }

  /**
   * Adds events.
   *
   * @throws assay.core.AssayException with {@code TRY_AGAIN} where another run told something since
   *     {@link #newest}
   */
  void append(List<Told> events) {
    long base = knownVersion;
    if (base < 0) {
      GuardedTable.create(table, SCHEMA);
      base = table.version();
    }
    List<Row> rows = events.stream().map(AlertTable::row).toList();
    table.commit(
        base,
        TableChange.exchange(
            Optional.of(spark.createDataFrame(rows, SCHEMA).coalesce(1)),
            Optional.empty(),
            Map.of()),
        Later.REFUSE);
  }

  private static Row row(Told told) {
    AlertEvent event = told.event();
    Finding finding = event.finding();
    return RowFactory.create(
        event.id(),
        finding.cause(),
        event.number(),
        event.what().label(),
        finding.kind().label(),
        finding.subject(),
        finding.state(),
        finding.summary(),
        finding.details(),
        told.sentTo(),
        event.at().truncatedTo(ChronoUnit.MICROS));
  }

  /** Empty where it is of a kind that only newer versions know. */
  private static Optional<Told> told(Row row) {
    Optional<Kind> kind =
        Stream.of(Kind.values()).filter(k -> k.label().equals(row.<String>getAs("kind"))).findAny();
    return kind.map(of -> told(of, row));
  }

  private static Told told(Kind kind, Row row) {
    Finding finding =
        new Finding(
            kind,
            row.getAs("subject"),
            row.getAs("state"),
            row.getAs("summary"),
            row.<String, String>getJavaMap(row.fieldIndex("details")));
    return new Told(
        new AlertEvent(
            row.<Long>getAs("number"),
            AlertEvent.What.valueOf(row.<String>getAs("event").toUpperCase(Locale.ROOT)),
            finding,
            row.getAs("at")),
        new ArrayList<>(row.<String>getList(row.fieldIndex("sent_to"))));
  }
}
