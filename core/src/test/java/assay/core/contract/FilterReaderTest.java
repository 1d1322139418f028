package assay.core.contract;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.contract.RowFilter.Condition;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterReaderTest {
  private static final String LAND =
      """
      enrich:
        land: {table: silver.countries, on: {country: code}, columns: {area: km int}}
      """;

  @TempDir Path folder;
  private ContractText contract;

  @BeforeEach
  void setUp() {
    contract = new ContractText(folder);
  }

  /** The good contract with a rule {@code big} in the metric set's filter, on line 18. */
  private static String filtered(String check) {
    return ContractText.with(
        "    measures:", "    filter:\n      big: " + check + "\n    measures:");
  }

  @Test
  void metricSetsAndViewsOfRowsHaveFilters() {
    String text =
        filtered("\" amount > 100 \"").replace("big:", "known: country IS NOT NULL\n      big:")
            + """
            live_views:
              newest: {kind: latest, by: [id], filter: {large: "area > 1000"}}
              visits:
                kind: sessions
                by: [country]
                gap: 1 hour
                filter: {large: "area > 1000"}
                measures: {orders: count(*)}
            """;
    Contract read = contract.read(text.replace("metrics:", LAND + "metrics:"));
    assertThat(read.metrics().get(0).filter().rules())
        .containsExactly(
            new Condition("known", "country IS NOT NULL"), new Condition("big", "amount > 100"));
    RowFilter large = new RowFilter(List.of(new Condition("large", "area > 1000")));
    assertThat(read.keptViews()).extracting(LiveDefinition.Kept::filter).containsOnly(large);
    assertThat(contract.read(ContractText.GOOD).metrics().get(0).filter())
        .isEqualTo(RowFilter.NONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "amuont > 1|12: unknown column `amuont`. Did you mean `amount`?",
        "items|12: a rule is true or false, this is an int. Compare it with something, such as `amount >= 0`.",
        "rand() > 0.5|12: `rand` never gives the same answer twice. Use only columns.",
        "at < now()|17: `now` changes with the moment of the run. Compare with a timestamp column instead.",
        "items IN (SELECT 1)|18: a subquery looks beyond the row. Use only columns of the row.",
        "sum(items) > 1|12: `sum` needs many rows, and only one is looked at here. Use only columns of the row.",
        "amount / items > 1|12: a row where `items` is zero stops the run. Divide by `nullif(items, 0)`.",
        "amount > > 1|21: this is not SQL: syntax error at or near '>'. Mend the expression here.",
        "[amount]|12: `big` must be an SQL condition, not a list. Write for example `amount >= 0`."
      })
  void aRuleOfAFilterIsCheckedAsAnyRule(String check, String mistake) {
    assertThat(contract.mistakes(filtered(check))).containsExactly("18:" + mistake);
  }

  @Test
  void aFilterHasRulesAndTopFollowsItsMetricSet() {
    assertThat(
            contract.mistakes(ContractText.with("    measures:", "    filter: {}\n    measures:")))
        .containsExactly("17:13: `filter` is empty. Write for example `{paid: \"amount > 0\"}`.");
    String top =
        "live_views:\n  a: {kind: top, of: per_day, rows: 1, by: orders, filter: {b: id = 'x'}}\n";
    assertThat(contract.mistakes(ContractText.GOOD + top))
        .containsExactly("23:52: `top` has no `filter`. Remove it.");
  }

  @Test
  void theOrderOfRulesDecidesNothing() {
    String text =
        filtered("amount > 100").replace("big:", "known: country IS NOT NULL\n      big:");
    String turned =
        filtered("amount > 100")
            .replace("amount > 100", "amount > 100\n      known: country IS NOT NULL");
    Contract one = contract.read(text);
    Contract other = contract.read(turned);
    assertThat(other.hash()).isEqualTo(one.hash());
    assertThat(other.metrics().get(0).filter().definition())
        .isEqualTo(one.metrics().get(0).filter().definition());
    assertThat(contract.read(filtered("amount > 101")).hash()).isNotEqualTo(one.hash());
  }
}
