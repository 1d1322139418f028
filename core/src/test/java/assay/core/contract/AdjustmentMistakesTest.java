package assay.core.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdjustmentMistakesTest {
  @TempDir Path folder;
  private ContractText contract;

  @BeforeEach
  void setUp() {
    contract = new ContractText(folder);
  }

  /** The good contract with {@code on_update: adjust} on line 22, and more behind it. */
  private static String adjusting(String more) {
    return ContractText.GOOD + "on_update: adjust\n" + more;
  }

  @Test
  void rowsAreCountedUnlessTheContractAdjusts() {
    assertThat(contract.read(ContractText.GOOD).adjusts()).isFalse();
    assertThat(contract.read(ContractText.GOOD + "on_update: count\n").adjusts()).isFalse();
    assertThat(contract.read(adjusting("live_views: {a: {kind: latest, by: [id]}}")).adjusts())
        .isTrue();
    assertThat(contract.mistakes(ContractText.GOOD + "on_update: replace\n"))
        .containsExactly(
            "22:12: `on_update` must be `count` or `adjust`, not `replace`. Write for example"
                + " `adjust`.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "max(amount)|`max(amount)` cannot give a row back: its partial results do not tell what would be left. Write count(x), sum(x) or avg(x), move it to a metric set without `live`, or write `on_update: count`.",
        "count(DISTINCT items)|`count(DISTINCT items)` cannot give a row back: its partial results do not tell what would be left. Write count(x), sum(x) or avg(x), move it to a metric set without `live`, or write `on_update: count`.",
        "avg(weight)|`avg(weight)` sums floats, which do not give a row back to the last digit. Make the column a decimal, or write `on_update: count`.",
        "collect_set(items)|the stream cannot keep collect_set(…): every partial result would hold a set of its own, without bound. Write count(x), min(x) and max(x), or move it to a metric set without `live`.",
        "sum(area)|`area` comes from a reference table, and a row is taken back by its own columns alone. Use columns of the event, move it to a metric set without `live`, or write `on_update: count`."
      })
  void aLiveMeasureGivesRowsBack(String measure, String mistake) {
    String text =
        adjusting(
                "enrich: {c: {table: silver.countries, on: {country: code}, columns: {area: area"
                    + " int}}}\n")
            .replace("sum(amount)", measure)
            .replace("    tolerance: {revenue: 0.1%}\n", "");
    assertThat(contract.mistakes(text)).containsExactly("19:16: " + mistake);
    assertThat(contract.mistakes(text.replace("    live: {window: 1 hour}\n", ""))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "dedup: {within: micro-batch}|22:12: `adjust` looks back as far as `dedup: {within}`, and that is nowhere here. Write for example `dedup: {within: 10 minutes}`, or write `on_update: count`.",
        "live_views: {a: {kind: sessions, by: [id], gap: 1 hour, measures: {n: count(*)}}}|23:24: sessions cannot give a row back: where they would break is not known. Remove the view, or write `on_update: count`.",
        "live_views: {a: {kind: latest, by: [id, country]}}|23:41: `country` is no part of the key: which row of it is last behind one that is taken back is not known. Take columns of `key`, or write `on_update: count`."
      })
  void whatCannotBeKeptIsRefused(String more, String mistake) {
    assertThat(contract.mistakes(adjusting(more + "\n"))).containsExactly(mistake);
  }
}
