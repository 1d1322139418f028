package assay.reconciliation.serving;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.types.DataTypes.DateType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.LakeTable;
import assay.core.TableReplacement;
import assay.core.TableReplacement.All;
import assay.core.TableReplacement.Partitions;
import assay.core.TableReplacement.Scope;
import assay.core.TableVersion;
import assay.core.contract.Measure;
import assay.gold.Gold;
import assay.reconciliation.DayEvidence;
import assay.silver.EventParser;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * One table that BI reads: cells of gold or of the live view, a day from one of them, and three
 * columns that say from which. It changes by one commit a publish, in which only those days are
 * replaced that changed; a commit names the number of the stage that it follows.
 */
final class ServingTable {
  /** {@code batch} or {@code live}; one a day. */
  static final String SOURCE = "_source";

  /** When the version of gold, or of the live view, was committed that the day was read from. */
  static final String AS_OF = "_as_of";

  /** The newest evidence of the day when it was written; NULL where there was none. */
  static final String EVIDENCE = "_evidence";

  private static final StructType DAYS =
      new StructType().add(EventParser.EVENT_DATE, DateType).add(EVIDENCE, StringType);

  private final LakeTable table;
  private final String stageId;

  ServingTable(LakeTable table, String metrics) {
    this.table = table;
    this.stageId = "assay.serving." + metrics;
  }

  LakeTable table() {
    return table;
  }

  /** The number of the stage that a version follows; 0 where there is no table. */
  long stageAt(long version) {
    return version < 0 ? 0 : table.lastTransactionAt(version, stageId).orElse(0);
  }

  /** What is to be written; empty where every day is as it should be. */
  record Plan(Scope scope, Map<LocalDate, Side> days) {}

  /**
   * Brings the table to a side.
   *
   * @param base the version of the table, taken before the stage was read
   * @param stage the number of the stage that asks for this side
   * @return the days that were written; empty where nothing was to be done
   * @throws AssayException with {@code TRY_AGAIN} where another publisher came in between, or knows
   *     a newer stage
   */
  Optional<Set<LocalDate>> publish(long base, Side side, long stage, ServingSources sources) {
    if (stageAt(base) > stage) {
      throw new AssayException(
          ErrorCode.TRY_AGAIN,
          "%s follows change %d of the stage, this run knows change %d"
              .formatted(table.path(), stageAt(base), stage),
          "nothing is lost: run the same command again");
    }
    StructType schema = schema(sources);
    Optional<Plan> plan = plan(side, schema, sources);
    if (plan.isEmpty()) {
      return Optional.empty();
    }
    Dataset<Row> rows = rows(plan.get().days(), schema, sources);
    long against = base;
    if (against < 0) {
      // Without an origin: a crash before the rows leaves a table that is written in full.
      GuardedTable.create(
          table, schema, List.of(EventParser.EVENT_DATE), table.streamed(LakeTable.GUARDED));
      against = table.version();
    }
    table.replace(
        against,
        new TableReplacement(
            rows, plan.get().scope(), sources.origin(side).property(), Map.of(stageId, stage)));
    return Optional.of(plan.get().days().keySet());
  }

  private Optional<Plan> plan(Side side, StructType schema, ServingSources sources) {
    Optional<ServingOrigin> origin = ServingOrigin.of(table);
    Optional<Set<LocalDate>> touched =
        origin
            .filter(o -> o.side() == side)
            .filter(o -> ServingSources.sameTable(o.gold(), sources.goldVersion()))
            .filter(
                o ->
                    side == Side.BATCH || ServingSources.sameTable(o.live(), sources.liveVersion()))
            .filter(o -> sources.reaches(o.evidence()))
            .filter(o -> sameColumns(table.schemaAt(table.version()), schema))
            .flatMap(o -> touched(o, side, sources));
    if (touched.isEmpty()) {
      return Optional.of(
          new Plan(new All(List.of(EventParser.EVENT_DATE)), allDays(side, sources)));
    }
    if (touched.get().isEmpty()) {
      return Optional.empty();
    }
    Set<Optional<String>> partitions =
        touched.get().stream().map(day -> Optional.of(day.toString())).collect(Collectors.toSet());
    return Optional.of(new Plan(new Partitions(partitions), sidesOf(touched.get(), side, sources)));
  }

  /** The days that are to be written again; empty where the logs do not tell. */
  private static Optional<Set<LocalDate>> touched(
      ServingOrigin origin, Side side, ServingSources sources) {
    Set<LocalDate> touched = new TreeSet<>(otherVerdicts(origin, sources));
    if (side == Side.LIVE) {
      newlyClosed(origin, sources).forEach(touched::add);
    }
    for (Side of : Side.values()) {
      if (side == Side.BATCH && of == Side.LIVE) {
        continue;
      }
      Optional<Set<LocalDate>> changed = changed(of, origin, sources);
      if (changed.isEmpty()) {
        return Optional.empty();
      }
      changed.get().stream().filter(day -> sideOf(day, side, sources) == of).forEach(touched::add);
    }
    return Optional.of(touched);
  }

  private static Optional<Set<LocalDate>> changed(
      Side of, ServingOrigin origin, ServingSources sources) {
    Optional<TableVersion> before = of == Side.BATCH ? origin.gold() : origin.live();
    Optional<TableVersion> now = sources.version(of);
    if (before.isEmpty() || now.isEmpty()) {
      return Optional.of(Set.of());
    }
    return sources
        .table(of)
        .partitionsChanged(EventParser.EVENT_DATE, before.get().version(), now.get().version())
        .map(days -> days.stream().map(LocalDate::parse).collect(Collectors.toSet()));
  }

  /**
   * Days whose newest evidence says something else than before. Every comparison gives evidence
   * another id; a day is not written again for that alone.
   */
  private static Set<LocalDate> otherVerdicts(ServingOrigin origin, ServingSources sources) {
    Set<LocalDate> others = new TreeSet<>();
    if (origin.evidence() == sources.evidenceVersion()) {
      return others;
    }
    NavigableMap<LocalDate, DayEvidence> before = sources.evidenceAt(origin.evidence());
    sources
        .evidence()
        .forEach(
            (day, evidence) -> {
              DayEvidence known = before.get(day);
              if (known == null
                  || !known.verdict().equals(evidence.verdict())
                  || known.fit() != evidence.fit()) {
                others.add(day);
              }
            });
    return others;
  }

  private static Set<LocalDate> newlyClosed(ServingOrigin origin, ServingSources sources) {
    Set<LocalDate> closed = new TreeSet<>();
    if (origin.closedThrough().equals(sources.closedThrough())) {
      return closed;
    }
    for (Side of : Side.values()) {
      sources.days(of).stream()
          .filter(sources::isClosed)
          .filter(day -> origin.closedThrough().map(day::isAfter).orElse(true))
          .forEach(closed::add);
    }
    return closed;
  }

  private static Map<LocalDate, Side> allDays(Side side, ServingSources sources) {
    Set<LocalDate> days = new TreeSet<>(sources.days(Side.BATCH));
    if (side == Side.LIVE) {
      days.addAll(sources.days(Side.LIVE));
    }
    return sidesOf(days, side, sources);
  }

  private static Map<LocalDate, Side> sidesOf(
      Set<LocalDate> days, Side side, ServingSources sources) {
    Map<LocalDate, Side> sides = new LinkedHashMap<>();
    days.forEach(day -> sides.put(day, sideOf(day, side, sources)));
    return sides;
  }

  /** A closed day comes from the stream by its evidence alone. */
  private static Side sideOf(LocalDate day, Side side, ServingSources sources) {
    if (side == Side.BATCH || !sources.isClosed(day)) {
      return side;
    }
    DayEvidence evidence = sources.evidence().get(day);
    return evidence != null && evidence.fit() ? Side.LIVE : Side.BATCH;
  }

  /**
   * The columns in the order of the contract, with gold's types. A measure that gold does not have
   * yet has the type of the live view; one that neither has is left out.
   */
  private static StructType schema(ServingSources sources) {
    StructType gold = types(Side.BATCH, sources);
    StructType live = types(Side.LIVE, sources);
    StructType schema = new StructType();
    Stream<String> measures = sources.metrics().measures().stream().map(Measure::name);
    for (String name : Stream.concat(Gold.grain(sources.metrics()).stream(), measures).toList()) {
      for (StructType types : List.of(gold, live)) {
        if (types.getFieldIndex(name).isDefined()) {
          schema = schema.add(name, types.apply(name).dataType());
          break;
        }
      }
    }
    return schema.add(SOURCE, StringType).add(AS_OF, TimestampType).add(EVIDENCE, StringType);
  }

  private static StructType types(Side side, ServingSources sources) {
    if (side == Side.BATCH) {
      return sources
          .goldVersion()
          .map(of -> sources.table(Side.BATCH).schemaAt(of.version()))
          .orElse(new StructType());
    }
    return sources
        .liveVersion()
        .map(of -> sources.view().fold(sources.table(Side.LIVE).readAt(of.version())).schema())
        .orElse(new StructType());
  }

  private static boolean sameColumns(StructType one, StructType other) {
    return columns(one).equals(columns(other));
  }

  private static List<String> columns(StructType schema) {
    return Stream.of(schema.fields())
        .map(field -> field.name() + " " + field.dataType().catalogString())
        .toList();
  }

  private static Dataset<Row> rows(
      Map<LocalDate, Side> days, StructType schema, ServingSources sources) {
    Dataset<Row> rows = sources.spark().createDataFrame(List.of(), schema);
    for (Side of : Side.values()) {
      Set<LocalDate> ofSide =
          days.entrySet().stream()
              .filter(day -> day.getValue() == of)
              .map(Map.Entry::getKey)
              .collect(Collectors.toCollection(TreeSet::new));
      Optional<TableVersion> version = sources.version(of);
      if (!ofSide.isEmpty() && version.isPresent()) {
        rows = rows.unionByName(rowsOf(of, ofSide, version.get().version(), schema, sources));
      }
    }
    // A day is one file.
    return rows.repartition(col(EventParser.EVENT_DATE));
  }

  private static Dataset<Row> rowsOf(
      Side side, Set<LocalDate> days, long version, StructType schema, ServingSources sources) {
    Column wanted = col(EventParser.EVENT_DATE).isin(days.toArray());
    LakeTable table = sources.table(side);
    Dataset<Row> stored = table.readAt(version).where(wanted);
    Dataset<Row> cells = side == Side.BATCH ? stored : sources.view().fold(stored);
    List<Row> evidence =
        days.stream()
            .map(
                day ->
                    RowFactory.create(
                        day,
                        Optional.ofNullable(sources.evidence().get(day))
                            .map(DayEvidence::evidenceId)
                            .orElse(null)))
            .toList();
    Dataset<Row> marked =
        cells
            .join(
                broadcast(sources.spark().createDataFrame(evidence, DAYS)), EventParser.EVENT_DATE)
            .withColumn(SOURCE, lit(side.label()))
            .withColumn(AS_OF, lit(table.committedAt(version)));
    List<String> present = List.of(marked.columns());
    List<Column> selected = new ArrayList<>();
    for (StructField field : schema.fields()) {
      DataType type = field.dataType();
      Column value = present.contains(field.name()) ? col(field.name()) : lit(null);
      selected.add(value.cast(type).as(field.name()));
    }
    return marked.select(selected.toArray(Column[]::new));
  }
}
