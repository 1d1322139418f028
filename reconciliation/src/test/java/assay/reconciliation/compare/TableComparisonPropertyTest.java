package assay.reconciliation.compare;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Steps;
import assay.core.contract.ToleranceText;
import assay.core.testing.TestSpark;
import assay.reconciliation.compare.Comparison.Rung;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random tables against {@link ComparisonOracle}. */
class TableComparisonPropertyTest {
  private static final long SEED = Long.getLong("assay.seed", 11);

  private final SparkSession spark = TestSpark.session();

  @TempDir Path folder;

  @Test
  void aFewTablesCompareAsThePageSays() throws IOException {
    comparePairs(2);
  }

  @Test
  @Tag("long")
  void manyTablesCompareAsThePageSays() throws IOException {
    comparePairs(60);
  }

  /** Each pair once as Parquet of other types and once as CSV, then with keys that come twice. */
  private void comparePairs(int pairs) throws IOException {
    for (int i = 0; i < pairs; i++) {
      Random random = new Random(SEED + i);
      List<Line> control = Line.draw(random, 120);
      List<Line> test = otherSide(random, control);
      List<Line> fitting =
          test.stream().map(line -> line.fitsTest() ? line : line.withoutBig()).toList();
      String path = writeControl("control" + i, control);
      String typed = writeTest("test" + i, fitting);

      assertSays(new ComparisonOracle(control, fitting), compare(path, typed), i);
      assertSays(new ComparisonOracle(control, test), compare(path, writeCsv("test" + i, test)), i);

      List<Line> doubled = new ArrayList<>(control);
      doubled.addAll(control.subList(0, 1 + random.nextInt(3)));
      Comparison unclear = compare(writeControl("doubled" + i, doubled), typed);
      assertThat(unclear.reached()).isEqualTo(Rung.KEYS);
      assertThat(unclear.control().doubledKeys()).isEqualTo(doubled.size() - control.size());
      assertThat(unclear.doubled()).hasSize(doubled.size() - control.size());
      assertThat(unclear.verdict()).isEqualTo("DIVERGED");
    }
  }

  private static void assertSays(ComparisonOracle oracle, Comparison result, int pair) {
    String seed = "seed " + (SEED + pair);
    assertThat(result.measures()).as(seed).containsExactlyElementsOf(oracle.measures());
    assertThat(result.counts()).as(seed).contains(oracle.rows());
    assertThat(result.reached()).isEqualTo(Rung.ROWS);
    assertThat(result.differing()).isLessThan(result.buckets());
  }

  private static List<Line> otherSide(Random random, List<Line> control) {
    List<Line> test = new ArrayList<>();
    for (Line line : control) {
      if (random.nextInt(15) > 0) {
        test.add(random.nextInt(3) == 0 ? line.changed(random) : line);
      }
    }
    List<List<Object>> keys = control.stream().map(Line::key).toList();
    Line.draw(random, 10).stream().filter(l -> !keys.contains(l.key())).forEach(test::add);
    Collections.shuffle(test, random);
    return test;
  }

  private Comparison compare(String control, String test) {
    return new TableComparison(spark, Optional.empty(), List.of(), Steps.SILENT)
        .run(
            new CompareRequest(
                control,
                test,
                Line.KEY,
                List.of(),
                ToleranceText.read(ComparisonOracle.TOLERANCE),
                List.of(),
                Optional.empty(),
                5));
  }

  private String writeControl(String name, List<Line> lines) {
    return write(
        name, spark.createDataFrame(lines.stream().map(Line::controlRow).toList(), Line.CONTROL));
  }

  private String writeTest(String name, List<Line> lines) {
    return write(
        name, spark.createDataFrame(lines.stream().map(Line::testRow).toList(), Line.TEST));
  }

  private String write(String name, org.apache.spark.sql.Dataset<org.apache.spark.sql.Row> rows) {
    String path = folder.resolve(name).toString();
    rows.coalesce(1).write().mode(SaveMode.Overwrite).parquet(path);
    return path;
  }

  private String writeCsv(String name, List<Line> lines) throws IOException {
    Path file = folder.resolve(name + ".csv");
    String header = String.join(",", Line.TEST.fieldNames());
    Files.writeString(
        file,
        Stream.concat(Stream.of(header), lines.stream().map(Line::csv))
            .collect(Collectors.joining("\n")));
    return file.toString();
  }
}
