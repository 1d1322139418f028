package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.negate;
import static org.apache.spark.sql.functions.when;

import assay.core.AssayException;
import assay.core.contract.Contract;
import assay.core.contract.Measure;
import assay.core.contract.Measure.Bitmap;
import assay.core.contract.Measure.LiveForm;
import assay.core.contract.Measure.Partial;
import assay.silver.EventParser;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * Measures as the stream keeps them: rows to partials, partials to fewer, those to values. A
 * measure that is a set of numbers has a row for each word of its bitmap; all other columns are
 * empty there, and it stands for no row of bronze.
 */
final class MeasurePartials {
  private final SparkSession spark;
  private final Contract contract;
  private final List<Measure> measures;

  /** The live form of each measure; another for who asks what it would be made of exactly. */
  private final Function<Measure, LiveForm> formOf;

  MeasurePartials(
      SparkSession spark,
      Contract contract,
      List<Measure> measures,
      Function<Measure, LiveForm> formOf) {
    this.spark = spark;
    this.contract = contract;
    this.measures = List.copyOf(measures);
    this.formOf = formOf;
  }

  MeasurePartials(SparkSession spark, Contract contract, List<Measure> measures) {
    this(spark, contract, measures, measure -> liveForm(measure, contract));
  }

  static LiveForm liveForm(Measure measure, Contract contract) {
    return (contract.adjusts() ? measure.adjustable() : measure.live())
        .orElseThrow(
            () ->
                AssayException.usage(
                    "measure " + measure.name() + " cannot be merged",
                    "take it out of what the stream keeps"));
  }

  /** What the partials are made by, column by column. */
  Stream<String> definition() {
    return Stream.concat(
        partials().map(p -> p.column() + "=" + p.fromRows()),
        bitmaps().map(b -> b.bitsColumn() + "=" + b.bitsSql() + " by " + b.wordSql()));
  }

  /**
   * Rows to partials, with how many rows each stands for.
   *
   * @param by the columns to group by
   * @param more aggregates beside the measures'
   */
  Dataset<Row> ofRows(Dataset<Row> rows, List<String> by, Column... more) {
    List<Column> aggregates = new ArrayList<>(List.of(more));
    partials().forEach(p -> aggregates.add(expr(p.fromRows()).as(p.column())));
    Dataset<Row> made =
        rows.groupBy(columns(by))
            .agg(count(lit(1)).as(LiveView.ROWS), aggregates.toArray(Column[]::new));
    for (Bitmap bitmap : bitmaps().toList()) {
      // The word is no column of the rows, where it could hide one that the measure names.
      Column word = expr(bitmap.wordSql());
      Column[] words =
          Stream.concat(Stream.of(columns(by)), Stream.of(word.as(bitmap.wordColumn())))
              .toArray(Column[]::new);
      Dataset<Row> ofBitmap =
          rows.where(word.isNotNull())
              .groupBy(words)
              .agg(expr(bitmap.bitsSql()).as(bitmap.bitsColumn()))
              .withColumn(LiveView.ROWS, lit(0L));
      made = made.unionByName(ofBitmap, true);
    }
    return made;
  }

  /** The same where some rows are {@link LiveView#TAKEN_BACK}: what they had added is taken off. */
  Dataset<Row> ofAdjusted(Dataset<Row> rows, List<String> by) {
    List<String> bySign = new ArrayList<>(by);
    bySign.add(LiveView.TAKEN_BACK);
    Dataset<Row> made = ofRows(rows, bySign);
    Map<String, Column> signed = new LinkedHashMap<>();
    Stream.concat(Stream.of(LiveView.ROWS), partials().map(Partial::column))
        .forEach(
            name ->
                signed.put(
                    name, when(col(LiveView.TAKEN_BACK), negate(col(name))).otherwise(col(name))));
    return made.withColumns(signed).drop(LiveView.TAKEN_BACK);
  }

  /**
   * Merges partials to one a value of the columns in {@code by}; a bitmap to how many numbers it
   * holds.
   *
   * @param types of the partials' columns
   */
  List<Fold.Step> merge(List<String> by, StructType types) {
    List<String> merged =
        partials()
            .map(p -> Fold.as(mergeSql(p, types), p.column()))
            .collect(Collectors.toCollection(ArrayList::new));
    if (contract.adjusts()) {
      // Of a cell whose rows were all taken back nothing is left.
      String rows = Fold.quoted(LiveView.ROWS);
      merged.add(Fold.as("sum(" + rows + ")", LiveView.ROWS));
      return List.of(new Fold.GroupBy(by, merged), new Fold.Where(rows + " > 0"));
    }
    List<Bitmap> bitmaps = bitmaps().toList();
    if (bitmaps.isEmpty()) {
      return List.of(new Fold.GroupBy(by, merged));
    }
    List<String> byWord = new ArrayList<>(by);
    List<String> mergedByWord = new ArrayList<>(merged);
    for (Bitmap bitmap : bitmaps) {
      byWord.add(bitmap.wordColumn());
      mergedByWord.add(Fold.as(bitmap.mergeSql(), bitmap.bitsColumn()));
      merged.add(Fold.as(bitmap.countSql(), bitmap.bitsColumn()));
    }
    return List.of(new Fold.GroupBy(byWord, mergedByWord), new Fold.GroupBy(by, merged));
  }

  /** A sum of sums is of a wider type than the sum; the cell has the type of the sum. */
  private static String mergeSql(Partial partial, StructType types) {
    var type = types.apply(partial.column()).dataType();
    // A sum that no longer fits is NULL, as it is in gold. What holds a whole row is not summed.
    return type instanceof StructType
        ? partial.merge()
        : "TRY_CAST(" + partial.merge() + " AS " + type.sql() + ")";
  }

  /** The value of each measure, over merged partials. */
  List<String> values() {
    return measures.stream().map(m -> Fold.as(valueSql(m), m.name())).toList();
  }

  /** In the type that the exact aggregate has: an average of decimals has a scale of its own. */
  private String valueSql(Measure measure) {
    var type =
        spark
            .createDataFrame(List.of(), new EventParser(contract).silverSchema())
            .agg(expr(measure.batchSql()))
            .schema()
            .apply(0)
            .dataType();
    return "CAST(" + formOf.apply(measure).valueSql() + " AS " + type.sql() + ")";
  }

  private Stream<Partial> partials() {
    return measures.stream().flatMap(m -> formOf.apply(m).partials().stream());
  }

  private Stream<Bitmap> bitmaps() {
    return measures.stream().flatMap(m -> formOf.apply(m).bitmap().stream());
  }

  private static Column[] columns(List<String> names) {
    return names.stream().map(functions::col).toArray(Column[]::new);
  }
}
