package assay.views.sinks;

import static org.apache.spark.sql.types.DataTypes.DateType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import assay.core.LakeTable;
import assay.core.Transaction;
import assay.core.contract.Sink;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * What one sink sent, for people: a row a minute at most in {@code ops/sinks}, none where nothing
 * was to be sent, partitioned by day, UTC.
 */
final class SinkLog {
  static final StructType SCHEMA =
      new StructType()
          .add("domain", StringType)
          .add("sink", StringType)
          .add("of", StringType)
          .add("to", StringType)
          .add("at", TimestampType)
          .add("as_of", TimestampType)
          .add("messages", LongType)
          .add("error", StringType)
          .add("run_date", DateType);

  static final List<String> PARTITIONED_BY = List.of("run_date");

  private static final Duration EVERY = Duration.ofMinutes(1);

  private final SparkSession spark;
  private final LakeTable table;
  private final String domain;
  private final Sink sink;
  private final Clock clock;

  private boolean pending;
  private long messages;
  private Optional<Instant> asOf = Optional.empty();
  private Optional<String> error = Optional.empty();
  private Optional<Instant> written = Optional.empty();

  SinkLog(SparkSession spark, LakeTable table, String domain, Sink sink, Clock clock) {
    this.spark = spark;
    this.table = table;
    this.domain = domain;
    this.sink = sink;
    this.clock = clock;
  }

  /** Takes in what was sent. */
  void sent(Outgoing outgoing) {
    pending = true;
    messages += outgoing.count();
    asOf = Optional.of(outgoing.asOf());
    error = Optional.empty();
  }

  /** Takes in that it could not be. */
  void failed(String why) {
    pending = true;
    error = Optional.of(why);
  }

  /** Writes what was taken in, where the last row is a minute old. */
  void flushIfDue() {
    if (written.map(at -> !at.plus(EVERY).isAfter(clock.instant())).orElse(true)) {
      flush();
    }
  }

  /** Writes what was taken in, if anything was. */
  void flush() {
    if (!pending) {
      return;
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    Row row =
        RowFactory.create(
            domain,
            sink.name(),
            sink.of().name(),
            sink.target().toString(),
            now,
            asOf.map(at -> at.truncatedTo(ChronoUnit.MICROS)).orElse(null),
            messages,
            error.orElse(null),
            LocalDate.ofInstant(now, ZoneOffset.UTC));
    table.append(
        spark.createDataFrame(List.of(row), SCHEMA).coalesce(1),
        new Transaction(
            "assay.sinks.log.%s.%s".formatted(domain, sink.name()), now.toEpochMilli()));
    pending = false;
    messages = 0;
    written = Optional.of(now);
  }
}
