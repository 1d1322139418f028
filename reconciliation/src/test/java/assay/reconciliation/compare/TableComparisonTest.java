package assay.reconciliation.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Steps;
import assay.core.contract.ToleranceText;
import assay.core.testing.TestSpark;
import assay.reconciliation.compare.Comparison.MeasureCounts;
import assay.reconciliation.compare.Comparison.RowCounts;
import assay.reconciliation.compare.Comparison.RowKey;
import assay.reconciliation.compare.Comparison.Rung;
import assay.reconciliation.compare.Comparison.ValueDifference;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableComparisonTest {
  private final SparkSession spark = TestSpark.session();

  @TempDir Path folder;

  @Test
  void twoVersionsOfATableAreComparedByVersionAndByTime() {
    String table = delta("totals", "SELECT * FROM VALUES (1, 10.00), (2, 20.00) AS t(id, amount)");
    delta("totals", "SELECT * FROM VALUES (1, 10.00), (2, 20.01), (3, 0.00) AS t(id, amount)");

    Comparison changed = compare(table + "@0", table, "amount=1%");
    assertThat(changed.counts()).contains(new RowCounts(0, 1, 1, 1, 0));
    assertThat(changed.control().what()).isEqualTo("Delta, version 0");
    assertThat(changed.test().what()).isEqualTo("Delta, version 1");
    assertThat(changed.onlyInTest()).containsExactly(new RowKey(List.of(Optional.of("3"))));
    assertThat(changed.largest())
        .containsExactly(
            new ValueDifference(
                new RowKey(List.of(Optional.of("2"))),
                "amount",
                Optional.of("20.00"),
                Optional.of("20.01"),
                Optional.of(new BigDecimal("0.01")),
                true));
    assertThat(changed.failure()).contains(ErrorCode.DIVERGED);

    Comparison same = compare(table + "@1", table, "amount=0");
    assertThat(same.reached()).isEqualTo(Rung.HASHES);
    assertThat(same.counts()).contains(new RowCounts(0, 0, 3, 0, 0));
    assertThat(same.measures()).containsExactly(new MeasureCounts("amount", "0", 3, 0, 0));
    assertThat(same.failure()).isEmpty();
    assertThatThrownBy(() -> compare(table + "@7", table, "amount=0"))
        .hasMessageContaining("has no version 7 any more or yet; the newest is 1");
    assertThatThrownBy(() -> compare(table + "@1999-12-31", table, "amount=0"))
        .hasMessageContaining("cannot be read as of 1999-12-31T00:00:00Z");
  }

  @Test
  void columnsThatOneSideLacksOrThatDoNotCompareAreNamed() {
    String a = parquet("a", "SELECT 1 AS id, 'x' AS kind, map('k', 1) AS more, 1 AS old");
    String b = parquet("b", "SELECT 1L AS ID, 5 AS kind, map('k', 1) AS more");
    Comparison result = compare(request(a, b, List.of(), Map.of(), List.of(), Optional.empty()));
    assertThat(result.reached()).isEqualTo(Rung.SCHEMA);
    assertThat(result.problems())
        .containsExactly(
            "`kind` is string in %s and int in %s, which do not compare".formatted(a, b),
            "`more` is map<string,int> in %s and map<string,int> in %s, which do not compare"
                .formatted(a, b),
            "`old` is in %s only".formatted(a));
    assertThat(result.failure()).contains(ErrorCode.DIVERGED);

    Comparison rest =
        compare(
            request(a, b, List.of(), Map.of(), List.of("kind", "MORE", "old"), Optional.empty()));
    assertThat(rest.counts()).contains(new RowCounts(0, 0, 1, 0, 0));
    assertThat(rest.verdict()).isEqualTo("MATCH");
  }

  @Test
  void numbersOfOtherWidthsCompareByValueAndNeverByAFloat() {
    String a =
        parquet(
            "a",
            "SELECT id, big, CAST(big AS DECIMAL(30,0)) AS amount, day FROM VALUES"
                + " (1, 9007199254740993L, DATE'2001-01-01'), (2, 1000000000L, DATE'2001-01-02')"
                + " AS t(id, big, day)");
    String b =
        parquet(
            "b",
            "SELECT id, CAST(big AS DOUBLE) AS big, CAST(big AS DECIMAL(38,18)) AS amount,"
                + " CAST(day AS TIMESTAMP_NTZ) AS day FROM VALUES"
                + " (1S, 9007199254740993L, DATE'2001-01-01'), (2S, 1000000000L,"
                + " DATE'2001-01-02') AS t(id, big, day)");
    // The double next to the first number is one less: within a millionth, and not equal.
    assertThat(compare(request(a, b, List.of(), Map.of(), List.of(), Optional.empty())).measures())
        .containsExactly(
            new MeasureCounts("big", "0.0001%", 1, 1, 0),
            new MeasureCounts("amount", "0", 2, 0, 0),
            new MeasureCounts("day", "0", 2, 0, 0));
  }

  @Test
  void textOfAnExportIsReadByTheOtherSidesTypes() throws IOException {
    String table =
        parquet(
            "table",
            "SELECT * FROM VALUES ('a', 5, 1.50, true, TIMESTAMP'2001-01-01 08:00:00'),"
                + " ('b', 6, 2.50, false, NULL), ('c', 7, 3.50, NULL, NULL)"
                + " AS t(id, n, amount, flag, at)");
    Path folderOfExports = Files.createDirectories(folder.resolve("export/day=1"));
    Files.writeString(
        folderOfExports.resolve("part.csv"),
        """
        amount,AT,flag,id,n
        1.5,2001-01-01T08:00:00Z,true,"a",5.0
        2.500001,,false,b,6
        n/a,,,c,7
        """);
    Files.writeString(folder.resolve("export/README.txt"), "not a table");
    String export = folder.resolve("export").toString();
    Comparison result =
        compare(request(table, export, List.of(), Map.of(), List.of("day"), Optional.empty()));
    assertThat(result.test().what()).isEqualTo("CSV, 1 file");
    assertThat(result.counts()).contains(new RowCounts(0, 0, 1, 0, 2));
    assertThat(result.largest())
        .extracting(ValueDifference::measure, ValueDifference::test)
        .containsExactly(
            org.assertj.core.api.Assertions.tuple("amount", Optional.of("2.500001")),
            org.assertj.core.api.Assertions.tuple("amount", Optional.of("n/a")));
    // The condition is asked of numbers.
    Comparison some =
        compare(
            request(
                table, export, List.of("flag"), Map.of(), List.of(), Optional.of("amount < 2")));
    assertThat(some.counts()).contains(new RowCounts(0, 0, 1, 0, 0));
  }

  @Test
  void nothingOnBothSidesProvesNothingAndOneThatIsAwayIsSaid() {
    String a = parquet("a", "SELECT 1 AS id, 2 AS n");
    Comparison none = compare(request(a, a, List.of(), Map.of(), List.of(), Optional.of("id > 1")));
    assertThat(none.verdict()).isEqualTo("INCONCLUSIVE");
    assertThat(none.failure()).contains(ErrorCode.INCONCLUSIVE);
    assertThatThrownBy(() -> compare(a, folder.resolve("nowhere").toString(), "n=0"))
        .isInstanceOfSatisfying(
            AssayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INCONCLUSIVE))
        .hasMessageContaining("there is no ");
    assertThatThrownBy(() -> compare(a, a, "m=0"))
        .isInstanceOfSatisfying(
            AssayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
        .hasMessageContaining("has a column `m`");
    assertThatThrownBy(
            () -> compare(request(a, a, List.of(), Map.of(), List.of(), Optional.of("nope > 1"))))
        .hasMessageContaining("--where cannot be asked of ");
  }

  private String delta(String name, String query) {
    String path = folder.resolve(name).toString();
    spark.sql(query).write().format("delta").mode(SaveMode.Overwrite).save(path);
    return path;
  }

  private String parquet(String name, String query) {
    String path = folder.resolve(name).toString();
    spark.sql(query).coalesce(1).write().parquet(path);
    return path;
  }

  private Comparison compare(String control, String test, String tolerance) {
    return compare(
        new CompareRequest(
            control,
            test,
            List.of("id"),
            List.of(),
            ToleranceText.read(tolerance),
            List.of(),
            Optional.empty(),
            5));
  }

  private static CompareRequest request(
      String control,
      String test,
      List<String> measures,
      Map<String, assay.core.contract.Tolerance> tolerances,
      List<String> ignored,
      Optional<String> where) {
    return new CompareRequest(
        control, test, List.of("id"), measures, tolerances, ignored, where, 5);
  }

  private Comparison compare(CompareRequest request) {
    return new TableComparison(spark, Optional.empty(), List.of(), Steps.SILENT).run(request);
  }
}
