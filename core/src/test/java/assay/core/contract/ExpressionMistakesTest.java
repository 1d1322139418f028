package assay.core.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionMistakesTest {
  @TempDir Path folder;
  private ContractText contract;

  @BeforeEach
  void setUp() {
    contract = new ContractText(folder);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "amount IS NOT NULL",
        "country IN ('NP', 'DE')",
        "try_cast(country AS int) > 5",
        "amount / nullif(items, 0) > 1",
        "amount / 2 > 1",
        "at >= DATE'2020-01-01'",
        "at >= '2020-01-01'",
        "exists(split(country, ','), part -> part = 'x')",
        "CASE WHEN items > 1 THEN amount > 1 ELSE true END",
        "hour(at) < 24 OR weight IS NULL"
      })
  void whatIsFineIsFine(String check) {
    assertThat(contract.mistakesOfCheck(check)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "amuont > 1|22: unknown column `amuont`. Did you mean `amount`?",
        "id.x > 1|22: unknown column `id.x`. Write `id`: a column has no parts.",
        "AMOUNT > 1|22: unknown column `AMOUNT`. Did you mean `amount`?",
        "lenght(id) > 1|22: unknown function `lenght`. Did you mean `length`?",
        "x.abs(items) > 1|22: unknown function `x.abs`. Use one of Spark's built-in functions.",
        "amount BETWEEN 1 AND|42: this is not SQL: syntax error at or near end of input. Mend the expression here.",
        "amount > > 1|31: this is not SQL: syntax error at or near '>'. Mend the expression here.",
        "try_add(items, 1)|22: a rule is true or false, this is an int. Compare it with something, such as `amount >= 0`.",
        "at < now()|27: `now` changes with the moment of the run. Compare with a timestamp column instead.",
        "at < current_timestamp|27: `current_timestamp` changes with the moment of the run. Compare with a timestamp column instead.",
        "at < current_date()|27: `current_date` changes with the moment of the run. Compare with a timestamp column instead.",
        "unix_timestamp() > 1|22: `unix_timestamp` changes with the moment of the run. Compare with a timestamp column instead.",
        "at < TIMESTAMP'now'|22: the text holds a date that changes with the moment of the run. Write the date out.",
        "at < 'today'|27: 'today' changes with the moment of the run. Write the date out.",
        "rand() > 0.5|22: `rand` never gives the same answer twice. Use only columns.",
        "id = uuid()|27: `uuid` never gives the same answer twice. Use only columns.",
        "id = current_user|27: `current_user` depends on where and by whom it is run. Use only columns.",
        "reflect('java.lang.Runtime', 'getRuntime') = id|22: `reflect` runs foreign code. Use Spark's SQL functions.",
        "raise_error('x')|22: `raise_error` lets one row stop every run. Write a rule: what fails it is quarantined.",
        "to_date(country) > at|22: `to_date` stops the run at a value it cannot read. Write `try_to_date` instead.",
        "items IN (SELECT 1)|28: a subquery looks beyond the row. Use only columns of the row.",
        "EXISTS (SELECT 1)|22: a subquery looks beyond the row. Use only columns of the row.",
        "row_number() OVER (ORDER BY id) = 1|22: a window function looks beyond the row. Use only columns of the row.",
        "first(items) > 1|22: `first` needs many rows, and only one is looked at here. Use only columns of the row.",
        "sum(items) > 1|22: `sum` needs many rows, and only one is looked at here. Use only columns of the row.",
        "explode(split(id, ',')) = id|22: `explode` makes many rows of one. Use an array function instead.",
        "items > :as_of|30: a contract has no parameters. Write the value out.",
        "amount > 1 AND|22: `AND` at the end would only name the result. Remove it, or complete the expression.",
        "country > 5|22: `country` is a text, and one that is no bigint stops the run. Write `try_cast(country AS bigint)`, or give the column that type.",
        "items = 'x'|30: 'x' is no bigint. Write a bigint, or compare texts.",
        "amount / items > 1|22: a row where `items` is zero stops the run. Divide by `nullif(items, 0)`.",
        "items * 2 > 5|22: a result that does not fit int stops the run. Write `try_multiply(items, 2)`.",
        "-items > 5|22: the least int has no counterpart above zero and stops the run. Widen it first: `CAST(items AS BIGINT)`.",
        "CAST(amount AS INT) > 5|22: a value of `amount` that does not fit int stops the run. Write `try_cast(amount AS int)`.",
        "split(country, ',')[1] = id|22: a row where `split(country, ',')` has fewer items stops the run. Write `get(split(country, ','), 1)`.",
        "country RLIKE '['|36: the pattern '[' is no regular expression: unclosed character class. Mend the pattern."
      })
  void aMistakeIsShownWhereItStands(String check, String mistake) {
    assertThat(contract.mistakesOfCheck(check)).containsExactly("13:" + mistake);
  }

  @Test
  void typesThatDoNotFitAreTold() {
    assertThat(contract.mistakesOfCheck("at > 1"))
        .singleElement()
        .satisfies(
            m -> assertThat(m).startsWith("13:22: this does not fit together: cannot resolve"));
  }

  @Test
  void everyMistakeOfOneExpressionIsTold() {
    assertThat(contract.mistakesOfCheck("amuont > 1 AND cuontry = 'x' AND nope(id)"))
        .containsExactly(
            "13:22: unknown column `amuont`. Did you mean `amount`?",
            "13:37: unknown column `cuontry`. Did you mean `country`?",
            "13:55: unknown function `nope`. Use one of Spark's built-in functions.");
  }

  @Test
  void theCharacterIsFoundInEveryStyleOfYaml() {
    assertThat(
            contract.mistakesWith(
                "{check: \"amount >= 0\"}", "{check: 'country = ''x'' OR amuont > 0'}"))
        .containsExactly("13:41: unknown column `amuont`. Did you mean `amount`?");
    assertThat(
            contract.mistakesWith(
                "{check: \"amount >= 0\"}", "\n    check: items > 1 OR\n      amuont > 0"))
        .containsExactly("15:7: unknown column `amuont`. Did you mean `amount`?");
    assertThat(
            contract.mistakesWith(
                "{check: \"amount >= 0\"}",
                "\n    check: |\n      items > 1\n        OR amuont > 0"))
        .containsExactly("16:12: unknown column `amuont`. Did you mean `amount`?");
    assertThat(
            contract.mistakesWith(
                "{check: \"amount >= 0\"}",
                "\n    check: >-\n      items > 1\n      OR amuont > 0"))
        .containsExactly("16:10: unknown column `amuont`. Did you mean `amount`?");
    assertThat(contract.mistakesOfCheck("country = \\\"x\\\" OR amuont > 0"))
        .containsExactly("13:41: unknown column `amuont`. Did you mean `amount`?");
  }
}
