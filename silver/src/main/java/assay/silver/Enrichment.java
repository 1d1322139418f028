package assay.silver;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_compact;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.left;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map_concat;
import static org.apache.spark.sql.functions.map_from_entries;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.negate;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.unix_date;
import static org.apache.spark.sql.functions.unix_micros;
import static org.apache.spark.sql.functions.when;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.Enrich;
import assay.core.contract.Enrich.Added;
import assay.core.contract.Enrich.On;
import assay.core.contract.Enrich.Validity;
import assay.core.contract.TypeChange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/**
 * Looks up what a contract's {@code enrich} names, at versions of the reference tables that are
 * taken once. Both paths use it, so that they differ only where the tables changed between them.
 */
public final class Enrichment {
  /** In the metadata of {@link EventParser#FAILS}: the versions that rows were enriched at. */
  private static final String METADATA_NAMES = "assay.enriched_by";

  private static final String METADATA_VERSIONS = "assay.enriched_at";

  /** Columns of the parser that are looked at where they are there. */
  private static final String OPERATION = "_operation";

  private static final String FAILED_VALUES = "_failed_values";

  /** As much of a value that failed as the parser keeps. */
  private static final int SHOWN = 200;

  private static final String KEY = "_reference_key_";
  private static final String VALUES = "_reference_values_";
  private static final String ASKED = "_reference_asked";
  private static final String KEPT = "_reference_kept";

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final Map<String, Long> versions;

  /**
   * At the tables' newest versions.
   *
   * @throws AssayException where a table is missing
   */
  public Enrichment(SparkSession spark, Lake lake, Contract contract) {
    this(spark, lake, contract, Map.of());
  }

  /**
   * At given versions.
   *
   * @param pinned by the look-up's name; the newest version where one is not named
   * @throws AssayException where a table is missing, or no longer has such a version
   */
  Enrichment(SparkSession spark, Lake lake, Contract contract, Map<String, Long> pinned) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    Map<String, Long> taken = new LinkedHashMap<>();
    // One version a table, also where several look-ups read it.
    Map<String, Long> newest = new LinkedHashMap<>();
    for (Enrich enrich : contract.enrich()) {
      LakeTable table = required(enrich);
      long now = newest.computeIfAbsent(table.path(), path -> table.version());
      long version = pinned.getOrDefault(enrich.name(), now);
      if (version > now) {
        throw AssayException.failed(
            "%s has no version %d any more, which %s of %s began to read"
                .formatted(table.path(), version, enrich.failure(), contract.domain()),
            "put the table back as it was, or move the tables and checkpoints of the domain's"
                + " stages behind bronze away: they are then built again from bronze");
      }
      taken.put(enrich.name(), version);
    }
    this.versions = Collections.unmodifiableMap(taken);
  }

  /** The version of the reference table that each look-up reads, by the look-up's name. */
  public Map<String, Long> versions() {
    return versions;
  }

  /**
   * Gives each row the contract's enriched columns. No row is left out or doubled. Rows that fail
   * already, and deletes, are not looked up; nor is a row in which a column to look up by is NULL.
   * They keep NULLs.
   *
   * @param parsed from {@link EventParser#parse}
   */
  public Dataset<Row> enrich(Dataset<Row> parsed) {
    if (contract.enrich().isEmpty()) {
      return parsed;
    }
    Column asks = not(col(EventParser.FAILS));
    if (List.of(parsed.columns()).contains(OPERATION)) {
      asks = asks.and(not(col(OPERATION).isin("delete", "truncate")));
    }
    Dataset<Row> rows = parsed;
    Map<Enrich, Column> missing = new LinkedHashMap<>();
    for (Enrich enrich : contract.enrich()) {
      rows = lookUp(rows, enrich, asks);
      if (enrich.missing() == Enrich.Missing.QUARANTINE) {
        missing.put(enrich, asks.and(hasKey(enrich)).and(col(VALUES + enrich.name()).isNull()));
      }
    }
    return withVersions(markFailures(rows, missing))
        .drop(contract.enrich().stream().map(e -> VALUES + e.name()).toArray(String[]::new));
  }

  /** See {@link EventReader#lookUpAnew}. */
  Dataset<Row> anew(Dataset<Row> rows, Column where) {
    List<String> names = contract.enrich().stream().flatMap(e -> names(e)).toList();
    Dataset<Row> asked =
        rows.withColumn(ASKED, where)
            .withColumn(KEPT, struct(names.stream().map(n -> col(n)).toArray(Column[]::new)))
            .drop(names.toArray(String[]::new));
    for (Enrich enrich : contract.enrich()) {
      asked = lookUp(asked, enrich, col(ASKED)).drop(VALUES + enrich.name());
    }
    Map<String, Column> kept = new LinkedHashMap<>();
    names.forEach(n -> kept.put(n, when(col(ASKED), col(n)).otherwise(col(KEPT).getField(n))));
    return asked
        .withColumns(kept)
        .select(Stream.of(rows.columns()).map(n -> col(n)).toArray(Column[]::new));
  }

  private static Stream<String> names(Enrich enrich) {
    return enrich.columns().stream().map(Added::name);
  }

  /** The versions that rows were enriched at; empty where nothing was looked up. */
  public static Map<String, Long> versionsOf(Dataset<Row> enriched) {
    Metadata metadata = enriched.schema().apply(EventParser.FAILS).metadata();
    Map<String, Long> versions = new LinkedHashMap<>();
    if (metadata.contains(METADATA_NAMES)) {
      String[] names = metadata.getStringArray(METADATA_NAMES);
      long[] numbers = metadata.getLongArray(METADATA_VERSIONS);
      for (int i = 0; i < names.length; i++) {
        versions.put(names[i], numbers[i]);
      }
    }
    return versions;
  }

  private Dataset<Row> lookUp(Dataset<Row> rows, Enrich enrich, Column asks) {
    LakeTable table = new LakeTable(spark, path(enrich));
    StructType schema = table.schemaAt(versions.get(enrich.name()));
    Dataset<Row> reference = table.readAt(versions.get(enrich.name()));
    Column same = lit(true);
    List<Column> keys = new ArrayList<>();
    for (On on : enrich.on()) {
      DataType type = keyType(enrich, on, schema);
      String key = KEY + keys.size();
      keys.add(reference(on.reference()).cast(type).as(key));
      same = same.and(when(asks, col(on.column()).cast(type)).equalTo(col(key)));
    }
    String[] keyNames =
        Stream.iterate(0, i -> i + 1).limit(keys.size()).map(i -> KEY + i).toArray(String[]::new);
    String values = VALUES + enrich.name();
    Dataset<Row> looked =
        rows.join(onePerKey(reference, enrich, schema, keys, values), same, "left_outer")
            .drop(keyNames);
    if (enrich.validity().isPresent()) {
      looked = looked.withColumn(values, holding(col(values), enrich.validity().get(), schema));
    }
    Map<String, Column> added = new LinkedHashMap<>();
    for (Added column : enrich.columns()) {
      added.put(column.name(), col(values).getField(column.name()));
    }
    return looked.withColumns(added);
  }

  /**
   * One row for each key, so that no event becomes two: with the smallest of the values; or, where
   * rows hold for a time, with all of them in the order in which they are asked.
   */
  private Dataset<Row> onePerKey(
      Dataset<Row> reference, Enrich enrich, StructType schema, List<Column> keys, String values) {
    List<Column> added = new ArrayList<>();
    for (Added column : enrich.columns()) {
      DataType present = type(enrich, column.reference(), schema);
      if (TypeChange.of(present, column.type()) == TypeChange.Kind.INCOMPATIBLE) {
        throw AssayException.failed(
            "%s holds %s as %s, which %s of %s cannot make %s without loss"
                .formatted(
                    path(enrich),
                    column.reference(),
                    present.simpleString(),
                    enrich.failure(),
                    contract.domain(),
                    column.type().simpleString()),
            "write `%s: %s %s` in the contract, or give the table such a column"
                .formatted(column.name(), column.reference(), present.simpleString()));
      }
      added.add(reference(column.reference()).cast(column.type()).as(column.name()));
    }
    Column wanted = struct(added.toArray(Column[]::new));
    Column[] keyColumns = keys.toArray(Column[]::new);
    if (enrich.validity().isEmpty()) {
      return reference.groupBy(keyColumns).agg(min(wanted).as(values));
    }
    Validity validity = enrich.validity().get();
    Column from = reference(validity.from());
    // Sorting goes by the fields in their order: the latest beginning first.
    Column age =
        validityType(enrich, validity.from(), schema) instanceof DateType
            ? unix_date(from).cast("bigint")
            : unix_micros(from);
    validityType(enrich, validity.to(), schema);
    Column entry =
        struct(
            coalesce(negate(age), lit(Long.MAX_VALUE)).as("age"),
            wanted.as("values"),
            from.as("from"),
            reference(validity.to()).as("to"));
    return reference.groupBy(keyColumns).agg(array_sort(collect_list(entry)).as(values));
  }

  /** Of a key's entries the values of the first that holds when the event happened. */
  private Column holding(Column entries, Validity validity, StructType schema) {
    Column from = moment(schema.apply(validity.from()).dataType());
    Column to = moment(schema.apply(validity.to()).dataType());
    Column holding =
        filter(
            entries,
            entry ->
                coalesce(entry.getField("from").leq(from), lit(true))
                    .and(coalesce(entry.getField("to").gt(to), lit(true))));
    return get(holding, lit(0)).getField("values");
  }

  /** Dates are of the contract's zone, as the day of an event is. */
  private Column moment(DataType bound) {
    return bound instanceof DateType ? col(EventParser.EVENT_DATE) : col(contract.eventTime());
  }

  private static Dataset<Row> markFailures(Dataset<Row> rows, Map<Enrich, Column> missing) {
    if (missing.isEmpty()) {
      return rows;
    }
    List<Column> names = new ArrayList<>();
    List<Column> values = new ArrayList<>();
    Column fails = col(EventParser.FAILS);
    for (Map.Entry<Enrich, Column> one : missing.entrySet()) {
      Column name = lit(one.getKey().failure());
      names.add(when(one.getValue(), name));
      values.add(when(one.getValue(), struct(name, asked(one.getKey()))));
      fails = fails.or(one.getValue());
    }
    Map<String, Column> marks = new LinkedHashMap<>();
    marks.put(EventParser.FAILED_RULES, concat(col(EventParser.FAILED_RULES), present(names)));
    if (List.of(rows.columns()).contains(FAILED_VALUES)) {
      marks.put(FAILED_VALUES, map_concat(col(FAILED_VALUES), map_from_entries(present(values))));
    }
    marks.put(EventParser.FAILS, fails);
    return rows.withColumns(marks);
  }

  private static Column present(List<Column> columns) {
    return array_compact(array(columns.toArray(Column[]::new)));
  }

  /** What was looked up, for people: {@code origin=SEA}. */
  private static Column asked(Enrich enrich) {
    Column[] parts =
        enrich.on().stream()
            .map(on -> concat(lit(on.column() + "="), col(on.column()).cast("string")))
            .toArray(Column[]::new);
    return left(concat_ws(", ", parts), lit(SHOWN));
  }

  private Dataset<Row> withVersions(Dataset<Row> rows) {
    Metadata metadata =
        new MetadataBuilder()
            .putStringArray(METADATA_NAMES, versions.keySet().toArray(String[]::new))
            .putLongArray(METADATA_VERSIONS, versions.values().stream().mapToLong(v -> v).toArray())
            .build();
    return rows.withColumn(
        EventParser.FAILS, col(EventParser.FAILS).as(EventParser.FAILS, metadata));
  }

  private static Column hasKey(Enrich enrich) {
    return enrich.on().stream()
        .map(on -> col(on.column()).isNotNull())
        .reduce(Column::and)
        .orElseThrow();
  }

  /** The wider of the two types that are compared. */
  private DataType keyType(Enrich enrich, On on, StructType schema) {
    DataType there = type(enrich, on.reference(), schema);
    DataType here =
        contract.columns().stream()
            .filter(c -> c.name().equals(on.column()))
            .findFirst()
            .orElseThrow()
            .type();
    if (TypeChange.of(there, here) != TypeChange.Kind.INCOMPATIBLE) {
      return here;
    }
    if (TypeChange.of(here, there) != TypeChange.Kind.INCOMPATIBLE) {
      return there;
    }
    throw AssayException.failed(
        "%s holds %s as %s, and %s of %s compares it with %s, which is %s"
            .formatted(
                path(enrich),
                on.reference(),
                there.simpleString(),
                enrich.failure(),
                contract.domain(),
                on.column(),
                here.simpleString()),
        "give both columns one type");
  }

  private DataType validityType(Enrich enrich, String column, StructType schema) {
    DataType type = type(enrich, column, schema);
    if (!(type instanceof DateType || type instanceof TimestampType)) {
      throw AssayException.failed(
          "%s holds %s as %s, and %s of %s reads a time from it"
              .formatted(
                  path(enrich), column, type.simpleString(), enrich.failure(), contract.domain()),
          "make it a timestamp or a date");
    }
    return type;
  }

  private DataType type(Enrich enrich, String column, StructType schema) {
    if (schema.getFieldIndex(column).isEmpty()) {
      throw AssayException.failed(
          "%s has no column %s, which %s of %s reads"
              .formatted(path(enrich), column, enrich.failure(), contract.domain()),
          "name one of its columns in the contract: " + String.join(", ", schema.fieldNames()));
    }
    return schema.apply(column).dataType();
  }

  private LakeTable required(Enrich enrich) {
    return new LakeTable(spark, path(enrich))
        .required(
            "%s of %s looks up in it: write it as a Delta table first, or take the look-up out of"
                    .formatted(enrich.failure(), contract.domain())
                + " the contract");
  }

  private String path(Enrich enrich) {
    return enrich.reference().path(lake);
  }

  /** A column by its whole name, whatever characters that has. */
  private static Column reference(String name) {
    return col("`" + name.replace("`", "``") + "`");
  }
}
