package assay.reconciliation.compare;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.first;
import static org.apache.spark.sql.functions.lit;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.rows.KeyHashes;
import assay.core.rows.SharedHashes;
import assay.reconciliation.compare.Comparison.DoubledKey;
import assay.reconciliation.compare.Comparison.MeasureCounts;
import assay.reconciliation.compare.Comparison.RowCounts;
import assay.reconciliation.compare.Comparison.RowKey;
import assay.reconciliation.compare.Comparison.Rung;
import assay.reconciliation.compare.Comparison.Side;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Compares any two tables, cheap questions first: are the columns the same, are keys unique, are
 * the rows of each bucket of key hashes the same, and only of those that are not: which rows differ
 * by how much. Each side is read once, and the rows of differing buckets once more.
 */
public final class TableComparison {
  private static final String STAGE = "compare";

  private final SparkSession spark;
  private final TableOpener tables;
  private final Steps steps;

  /**
   * A comparison.
   *
   * @param lake needed where {@link CompareRequest#needsLake}
   * @param contracts of the lake's domains
   */
  public TableComparison(
      SparkSession spark, Optional<Lake> lake, List<Contract> contracts, Steps steps) {
    this.spark = spark;
    this.tables = new TableOpener(spark, lake, contracts);
    this.steps = steps;
  }

  /**
   * Compares.
   *
   * @throws AssayException with {@code USAGE} where the request cannot be met, {@code INCONCLUSIVE}
   *     where a side is not there
   */
  public Comparison run(CompareRequest request) {
    ComparedTable control = tables.open(request.control());
    ComparedTable test = tables.open(request.test());
    ComparedColumns columns = ComparedColumns.of(control, test, request);
    steps.reached(STAGE, columns.all().size() + " columns matched");
    if (!columns.problems().isEmpty()) {
      return ended(
          request,
          Rung.SCHEMA,
          side(control, 0, 0),
          side(test, 0, 0),
          columns.problems(),
          List.of());
    }
    Dataset<Row> controlRows = SideRows.ofControl(control, columns, request.where()).rows();
    Dataset<Row> testRows = SideRows.ofTest(test, columns, request.where()).rows();
    Buckets controlBuckets = Buckets.of(controlRows);
    Buckets testBuckets = Buckets.of(testRows);
    Side first = side(control, controlBuckets.rows(), controlBuckets.doubled());
    Side second = side(test, testBuckets.rows(), testBuckets.doubled());
    steps.reached(STAGE, first.rows() + " and " + second.rows() + " rows hashed");
    if (first.doubledKeys() + second.doubledKeys() > 0) {
      return ended(
          request,
          Rung.KEYS,
          first,
          second,
          List.of("keys are not unique"),
          Stream.concat(
                  doubled(first, controlRows, columns, request.limit()),
                  doubled(second, testRows, columns, request.limit()))
              .toList());
    }
    Set<Long> differing = controlBuckets.differing(testBuckets);
    long read = controlBuckets.rowsIn(differing) + testBuckets.rowsIn(differing);
    RowComparison.Outcome outcome =
        differing.isEmpty()
            ? nothingRead(columns)
            : compareRows(columns, request, controlRows, testRows, differing);
    long unread = first.rows() - controlBuckets.rowsIn(differing);
    RowCounts counts = outcome.counts();
    return new Comparison(
        first,
        second,
        columns.key().stream().map(ComparedColumn::name).toList(),
        differing.isEmpty() ? Rung.HASHES : Rung.ROWS,
        List.of(),
        controlBuckets.union(testBuckets).size(),
        differing.size(),
        read,
        Optional.of(
            new RowCounts(
                counts.onlyInControl(),
                counts.onlyInTest(),
                counts.equal() + unread,
                counts.within(),
                counts.beyond())),
        outcome.measures().stream()
            .map(
                m ->
                    new MeasureCounts(
                        m.measure(), m.tolerance(), m.equal() + unread, m.within(), m.beyond()))
            .toList(),
        outcome.largest(),
        outcome.onlyInControl(),
        outcome.onlyInTest(),
        List.of());
  }

  private RowComparison.Outcome compareRows(
      ComparedColumns columns,
      CompareRequest request,
      Dataset<Row> controlRows,
      Dataset<Row> testRows,
      Set<Long> differing) {
    KeyHashes numbers = new KeyHashes();
    differing.forEach(numbers::add);
    try (SharedHashes shared = new SharedHashes(spark, numbers)) {
      Column differs = shared.holds(Buckets.number());
      return new RowComparison(columns, request.limit())
          .compare(controlRows.where(differs), testRows.where(differs));
    }
  }

  private static RowComparison.Outcome nothingRead(ComparedColumns columns) {
    return new RowComparison.Outcome(
        new RowCounts(0, 0, 0, 0, 0),
        columns.measures().stream()
            .map(m -> new MeasureCounts(m.name(), m.spokenTolerance(), 0, 0, 0))
            .toList(),
        List.of(),
        List.of(),
        List.of());
  }

  private static Stream<DoubledKey> doubled(
      Side side, Dataset<Row> rows, ComparedColumns columns, int limit) {
    if (side.doubledKeys() == 0) {
      return Stream.of();
    }
    Column[] key = SideRows.parts(columns.key()).stream().map(n -> col(n)).toArray(Column[]::new);
    Column[] texts =
        columns.key().stream().map(c -> first(col(c.text())).as(c.text())).toArray(Column[]::new);
    return rows
        .groupBy(key)
        .agg(count(lit(1)).as("rows"), texts)
        .where(col("rows").gt(1))
        .orderBy(
            Stream.concat(
                    Stream.of(col("rows").desc()), columns.key().stream().map(c -> col(c.text())))
                .toArray(Column[]::new))
        .limit(limit)
        .collectAsList()
        .stream()
        .map(
            row ->
                new DoubledKey(
                    side.name(),
                    new RowKey(
                        columns.key().stream()
                            .map(c -> Optional.ofNullable(row.<String>getAs(c.text())))
                            .toList()),
                    row.<Long>getAs("rows")));
  }

  private static Side side(ComparedTable table, long rows, long doubledKeys) {
    return new Side(table.name(), table.what(), rows, doubledKeys);
  }

  private static Comparison ended(
      CompareRequest request,
      Rung reached,
      Side control,
      Side test,
      List<String> problems,
      List<DoubledKey> doubled) {
    return new Comparison(
        control,
        test,
        request.key(),
        reached,
        problems,
        0,
        0,
        0,
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        doubled);
  }
}
