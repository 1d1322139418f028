package assay.silver;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.ingestion.Bronze;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Reads rows anew that silver has read before. What a row was read as is part of silver's state:
 * the tables are what comes of all rows in bronze's order, each as it was read last.
 */
final class Reread {
  private static final List<String> WHERE_IT_STANDS =
      List.of(EventParser.PARTITION, EventParser.OFFSET, EventParser.INGESTED_AT);

  private static final String WAS_READ = "_was_read";
  private static final String IS_READ = "_is_read";

  private final Contract contract;
  private final EventParser parser;
  private final EventReader reader;
  private final Silver silver;
  private final Consumer<String> reached;

  /** Whether only to count what would come out otherwise. */
  private final boolean dryRun;

  private final Optional<String> run;

  Reread(
      SparkSession spark,
      Lake lake,
      Contract contract,
      boolean dryRun,
      Optional<String> run,
      Consumer<String> reached) {
    this.dryRun = dryRun;
    this.run = run;
    this.contract = contract;
    this.parser = new EventParser(contract);
    this.reader = EventReader.now(spark, lake, contract);
    this.silver = new Silver(spark, lake, contract);
    this.reached = reached;
  }

  private SilverState prepare() {
    if (!dryRun) {
      silver.createTables();
    }
    return silver.newest();
  }

  /** The rows of bronze that came in a span of time and that silver has read. */
  SilverResult range(LakeTable bronze, IngestRange range) {
    SilverState state = prepare();
    Column came = range.contains(col(EventParser.INGESTED_AT));
    Dataset<Row> rows =
        read(bronze, state)
            .where(range.contains(col(Bronze.INGESTED_AT)))
            // What prunes bronze's partitions.
            .where(col(Bronze.INGEST_DATE).between(lit(day(range.from())), lit(day(range.to()))));
    return again(
        state,
        rows,
        silver.table().readWithFiles(state.version()).where(came),
        silver.exceptions().readWithFiles(state.exceptions()).where(came),
        silver.quarantine().readWithFiles(state.quarantine()).where(came));
  }

  private static LocalDate day(Instant at) {
    return LocalDate.ofInstant(at, ZoneOffset.UTC);
  }

  /** The rows in quarantine. */
  SilverResult quarantined(Optional<String> rule) {
    SilverState state = prepare();
    Column chosen = rule.map(r -> array_contains(col("failed_rules"), r)).orElse(lit(true));
    Dataset<Row> rows = silver.quarantine().readWithFiles(state.quarantine()).where(chosen);
    Column none = lit(false);
    return again(
        state,
        Quarantine.asBronze(rows),
        silver.table().readWithFiles(state.version()).where(none),
        silver.exceptions().readWithFiles(state.exceptions()).where(none),
        rows);
  }

  /** All rows that silver has read, into tables of today's schemas. */
  SilverResult all(LakeTable bronze) {
    if (!dryRun) {
      silver.createMissingBeside();
    }
    SilverState state = silver.state(silver.table().version());
    Dataset<Row> parsed = reader.read(read(bronze, state)).persist(StorageLevel.MEMORY_AND_DISK());
    SilverWrite write = newWrite(state);
    try {
      BatchSummary summary = BatchSummary.of(parsed, contract);
      if (dryRun) {
        return read(summary).at(state.version());
      }
      StandingRows standing = new StandingRows(silver, state, contract);
      write.quarantine(SilverStage.quarantined(parsed));
      write.setAside(SilverStage.truncates(parsed));
      Dataset<Row> rows =
          standing.asNew(parsed.where(isKeyed())).withColumn(KeyHistory.STANDING, lit(false));
      try (RowResolver resolver = new RowResolver(contract, summary.truncates(), rows)) {
        resolver.writeTo(write, parser.silverColumns());
        write.load(rows.where(lit(false)).selectExpr(silverColumns()));
        long version = write.rebuild(numbers(state));
        return read(summary).plus(resolver.result(contract.domain())).at(version);
      }
    } finally {
      parsed.unpersist();
    }
  }

  private Dataset<Row> read(LakeTable bronze, SilverState state) {
    return bronze
        .read()
        .where(not(state.read().isBefore(col(Bronze.PARTITION), col(Bronze.OFFSET))));
  }

  /**
   * @param rows of bronze
   * @param loaded what silver holds of them, and so on for the other tables
   */
  private SilverResult again(
      SilverState state,
      Dataset<Row> rows,
      Dataset<Row> loaded,
      Dataset<Row> aside,
      Dataset<Row> quarantined) {
    StandingRows standing = new StandingRows(silver, state, contract);
    Dataset<Row> before =
        standing
            .fromSilver(loaded)
            .unionByName(standing.fromExceptions(aside))
            .persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> changed =
        changed(reader.read(rows), before, quarantined).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      BatchSummary summary = BatchSummary.of(changed, contract);
      if (dryRun || summary.rows() == 0) {
        return read(summary).at(state.version());
      }
      Dataset<Row> places = changed.selectExpr(place());
      Dataset<Row> old = before.join(places, place(), "left_semi");
      SilverWrite write = newWrite(state);
      write.unload(old.where(col(Judged.ORIGIN).equalTo(Judged.SILVER)));
      write.takeBack(old.where(col(Judged.ORIGIN).equalTo(Judged.EXCEPTIONS)));
      write.release(quarantined.join(places, place(), "left_semi"));
      if (summary.failing() > 0) {
        write.quarantine(SilverStage.quarantined(changed));
      }
      if (!summary.truncates().isEmpty()) {
        write.setAside(SilverStage.truncates(changed));
      }
      return judge(state, standing, changed, old, summary, write);
    } finally {
      changed.unpersist();
      before.unpersist();
    }
  }

  private SilverResult judge(
      SilverState state,
      StandingRows standing,
      Dataset<Row> changed,
      Dataset<Row> old,
      BatchSummary summary,
      SilverWrite write) {
    String[] key = standing.key();
    Dataset<Row> allAside =
        standing.fromExceptions(silver.exceptions().readWithFiles(state.exceptions()));
    Dataset<Row> places = changed.selectExpr(place());
    // Only change events hold truncates; in all others there is nothing to look for.
    List<Arrival> truncates =
        contract.source().tellsDeletes() ? truncates(allAside, places, summary) : List.of();
    boolean everyKey =
        !summary.truncates().isEmpty() || !old.where(SilverStage.isTruncate()).limit(1).isEmpty();
    Dataset<Row> keyedAside =
        allAside.where(not(SilverStage.isTruncate())).join(places, place(), "left_anti");
    Dataset<Row> keys =
        changed
            .where(isKeyed())
            .selectExpr(key)
            .union(old.where(not(SilverStage.isTruncate())).selectExpr(key))
            .distinct()
            .persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> aside =
        (everyKey ? keyedAside : keyedAside.join(keys, key, "left_semi"))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Dataset<Row> inSilver =
          standing
              .fromSilver(silver.table().readWithFiles(state.version()))
              .join(places, place(), "left_anti");
      Dataset<Row> loaded =
          everyKey
              ? inSilver
              : inSilver.where(nearby(changed, old, aside)).join(keys, key, "left_semi");
      Dataset<Row> rows =
          standing
              .asNew(changed.where(isKeyed()))
              .unionByName(aside)
              .unionByName(loaded)
              .withColumn(KeyHistory.STANDING, lit(false));
      try (RowResolver resolver = new RowResolver(contract, truncates, rows)) {
        resolver.writeTo(write, parser.silverColumns());
        long version = write.commit(summary.rows(), numbers(state));
        return read(summary).plus(resolver.result(contract.domain())).at(version);
      }
    } finally {
      aside.unpersist();
      keys.unpersist();
    }
  }

  /** All truncates that silver has read, as they are read now. */
  private static List<Arrival> truncates(
      Dataset<Row> allAside, Dataset<Row> changedPlaces, BatchSummary summary) {
    List<Arrival> all = new ArrayList<>(summary.truncates());
    allAside
        .where(SilverStage.isTruncate())
        .join(changedPlaces, place(), "left_anti")
        .select(EventParser.INGESTED_AT, EventParser.PARTITION, EventParser.OFFSET)
        .collectAsList()
        .forEach(row -> all.add(new Arrival(row.getInstant(0), row.getInt(1), row.getLong(2))));
    return all;
  }

  /** The days that rows of the keys may stand on. */
  private Column nearby(Dataset<Row> changed, Dataset<Row> old, Dataset<Row> aside) {
    Dataset<Row> days =
        changed
            .where(isKeyed())
            .select(EventParser.EVENT_DATE)
            .union(old.where(not(SilverStage.isTruncate())).select(EventParser.EVENT_DATE))
            .union(aside.select(EventParser.EVENT_DATE));
    Row bounds =
        days.agg(
                min(col(EventParser.EVENT_DATE)),
                max(col(EventParser.EVENT_DATE)),
                count_if(col(EventParser.EVENT_DATE).isNull()))
            .head();
    if (bounds.getLong(2) > 0) {
      return lit(true);
    }
    if (bounds.isNullAt(0)) {
      return lit(false);
    }
    return Days.nearby(
        days,
        bounds.getLocalDate(0),
        bounds.getLocalDate(1),
        contract.correctionsWithin().toDays());
  }

  /** Those of the rows that are read otherwise than the tables have them. */
  private Dataset<Row> changed(Dataset<Row> parsed, Dataset<Row> before, Dataset<Row> quarantined) {
    Dataset<Row> wasRead =
        before
            .select(col(EventParser.PARTITION), col(EventParser.OFFSET), good().as(WAS_READ))
            .unionByName(
                quarantined.select(
                    col(EventParser.PARTITION),
                    col(EventParser.OFFSET),
                    failed(col("failed_rules")).as(WAS_READ)));
    Column isRead =
        when(col(EventParser.FAILS), failed(col(EventParser.FAILED_RULES))).otherwise(good());
    return parsed
        .withColumn(IS_READ, isRead)
        .join(wasRead, place(), "left_outer")
        .where(not(col(IS_READ).eqNullSafe(col(WAS_READ))))
        .drop(IS_READ, WAS_READ);
  }

  /** What tells two readings of one row apart, where it does not fail. */
  private Column good() {
    return reading(lit(null).cast("array<string>"), true);
  }

  private Column failed(Column rules) {
    return reading(rules, false);
  }

  private Column reading(Column failedRules, boolean values) {
    List<Column> parts = new ArrayList<>();
    parts.add(failedRules.as("failed"));
    StructType read = parser.silverSchema().add(EventParser.OPERATION, DataTypes.StringType);
    for (StructField field : read.fields()) {
      if (!WHERE_IT_STANDS.contains(field.name())) {
        Column value = values ? col(field.name()) : lit(null);
        parts.add(value.cast(field.dataType()).as(field.name()));
      }
    }
    return struct(parts.toArray(Column[]::new));
  }

  private SilverResult read(BatchSummary summary) {
    return summary.result(contract.domain());
  }

  private Map<String, Long> numbers(SilverState state) {
    Map<String, Long> numbers = new TreeMap<>(silver.numbers(state));
    numbers.putAll(silver.referenceNumbers(reader.versions()));
    numbers.put(silver.rewritesId(), state.rewrites() + 1);
    return numbers;
  }

  private SilverWrite newWrite(SilverState state) {
    return new SilverWrite(
        silver,
        state,
        state.lastBatch().orElse(-1),
        run,
        step -> reached.accept("read anew: " + step));
  }

  private static Column isKeyed() {
    return not(col(EventParser.FAILS)).and(not(SilverStage.isTruncate()));
  }

  private String[] silverColumns() {
    return parser.silverColumns().toArray(String[]::new);
  }

  private static String[] place() {
    return SilverWrite.POSITION.toArray(String[]::new);
  }
}
