package assay.core.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetricMistakesTest {
  private static final String LIVE = "    live: {window: 1 hour}\n";
  private static final String KNOWN =
      "Write count(*), count(x), sum(x), min(x), max(x), avg(x), count(DISTINCT x),"
          + " approx_count_distinct(x), percentile(x, p), approx_percentile(x, p), collect_set(x),"
          + " first(x) or last(x).";

  @TempDir Path folder;
  private ContractText contract;

  @BeforeEach
  void setUp() {
    contract = new ContractText(folder);
  }

  private Measure measure(String sql) {
    String batchOnly = ContractText.with(LIVE, "").replace("sum(amount)", sql);
    return contract.read(batchOnly).metrics().get(0).measures().get(1);
  }

  /** A measure that is no number, and so has no tolerance. */
  private Measure batchOnly(String sql) {
    String text = withoutTolerance(ContractText.with(LIVE, ""), sql);
    return contract.read(text).metrics().get(0).measures().get(1);
  }

  private static String withoutTolerance(String contract, String measure) {
    return contract.replace("sum(amount)", measure).replace("    tolerance: {revenue: 0.1%}\n", "");
  }

  @Test
  void everyKindOfMeasureIsRead() {
    assertThat(measure("count(*)")).isEqualTo(new Measure.Count("revenue", Optional.empty()));
    assertThat(measure("COUNT(1)")).isEqualTo(new Measure.Count("revenue", Optional.empty()));
    assertThat(measure("count(items)"))
        .isEqualTo(new Measure.Count("revenue", Optional.of("items")));
    assertThat(measure("sum(amount)")).isEqualTo(new Measure.Sum("revenue", "amount"));
    assertThat(measure("min(items)")).isEqualTo(new Measure.Min("revenue", "items"));
    assertThat(measure("max(items)")).isEqualTo(new Measure.Max("revenue", "items"));
    assertThat(measure("Avg(items)")).isEqualTo(new Measure.Avg("revenue", "items"));
    assertThat(measure("count(DISTINCT  country)"))
        .isEqualTo(new Measure.CountDistinct("revenue", "country"));
    assertThat(measure("count(DISTINCT items)"))
        .isEqualTo(Measure.CountDistinctWhole.ofNumber("revenue", "items"));
    assertThat(measure("count(DISTINCT CAST(at AS DATE))"))
        .isEqualTo(Measure.CountDistinctWhole.ofDate("revenue", "CAST(at AS DATE)"));
    assertThat(measure("approx_count_distinct(country)"))
        .isEqualTo(new Measure.ApproxCountDistinct("revenue", "country"));
    assertThat(measure("approx_percentile(amount, 0.95)"))
        .isEqualTo(new Measure.ApproxPercentile("revenue", "amount", new BigDecimal("0.95")));
    assertThat(measure("count(DISTINCT country, (items + 1.0))"))
        .isEqualTo(new Measure.CountDistinct("revenue", "country, items + 1.0"));
    assertThat(measure("percentile(amount, 0.95)"))
        .isEqualTo(new Measure.Percentile("revenue", "amount", new BigDecimal("0.95")));
    assertThat(measure("percentile(items, 1)").batchSql()).isEqualTo("percentile(items, 1D)");
    assertThat(batchOnly("collect_set(country)"))
        .isEqualTo(new Measure.CollectSet("revenue", "country"));
    assertThat(batchOnly("FIRST(country)"))
        .isEqualTo(new Measure.First("revenue", "country", "at"));
    assertThat(measure("last( amount )")).isEqualTo(new Measure.Last("revenue", "amount", "at"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "sum( (amount + 1) * 2 )|(amount + 1) * 2",
        "sum((amount + 1))|amount + 1",
        "(sum(items))|items",
        "sum(CASE WHEN country = 'NP' THEN amount ELSE 0 END)|CASE WHEN country = 'NP' THEN amount ELSE 0 END",
        "sum(`items`)|`items`",
        "sum(length('ü') + amount)|length('ü') + amount",
        "sum(-amount)|-amount",
        "sum(amount /* pieces */ + 1)|amount /* pieces */ + 1"
      })
  void anArgumentIsKeptAsItWasWritten(String sql, String argument) {
    assertThat(measure(sql)).isEqualTo(new Measure.Sum("revenue", argument));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "amount|this is no aggregate. KNOWN",
        "stddev(amount)|`stddev` is no measure. KNOWN",
        "mean(amount)|`mean` is no measure. Write avg(x).",
        "hll_sketch_agg(id)|`hll_sketch_agg` is no measure. Write approx_count_distinct(x).",
        "percentile_approx(amount, 0.5)|`percentile_approx` is no measure. Write approx_percentile(x, p).",
        "approx_count_distinct(id, 0.01)|`approx_count_distinct` takes one argument, not 2. Write approx_count_distinct(x).",
        "approx_percentile(amount, 0.5, 100)|`approx_percentile` takes two arguments, not 3. Write approx_percentile(x, p), such as approx_percentile(x, 0.95).",
        "sum(amount) / count(*)|a measure is one aggregate, this holds 2. Make each a measure of its own, and combine them where they are read.",
        "round(sum(amount))|XX",
        "sum(amount) FILTER (WHERE items > 1)|FILTER is not read. Write sum(CASE WHEN … THEN … END).",
        "sum(DISTINCT amount)|DISTINCT is read in count only. Write sum(x).",
        "max(DISTINCT amount)|DISTINCT is read in count only. Write max(x): it gives the same.",
        "count(DISTINCT id)|the stream cannot keep count(DISTINCT …) exactly, unless it is of one whole number or date. Write approx_count_distinct(x), or move it to a metric set without `live`.",
        "count(DISTINCT id, items)|the stream cannot keep count(DISTINCT …) exactly, unless it is of one whole number or date. Write approx_count_distinct(x), or move it to a metric set without `live`.",
        "percentile(amount, 0.5)|the stream cannot keep percentile(…): it needs all rows at once, and partial ones cannot be merged. Write approx_percentile(x, p), or move it to a metric set without `live`.",
        "first(amount IGNORE NULLS)|only the plain form of an aggregate is read. Write first(x): NULL counts as a value.",
        "last(amount) IGNORE NULLS|only the plain form of an aggregate is read. Write last(x): NULL counts as a value.",
        "first(amount) + 1|a measure is an aggregate and nothing around it. Move what is around it into the brackets, or to where the measure is read.",
        "any_value(amount)|`any_value` is no measure. Write first(x).",
        "median(amount)|`median` is no measure. Write percentile(x, 0.5).",
        "array_agg(amount)|`array_agg` is no measure. Write collect_set(x).",
        "percentile(amount)|`percentile` takes two arguments, not 1. Write percentile(x, p), such as percentile(x, 0.95).",
        "collect_set(DISTINCT id)|DISTINCT is read in count only. Write collect_set(x): it gives the same.",
        "count(id, items)|`count` takes one argument, not 2. Write count(x).",
        "sum()|`sum` takes one argument, not 0. Write sum(x).",
        "sum(amount) AS x|a measure is named by its key, not by `x`. Write the aggregate alone.",
        "summ(amount)|unknown function `summ`. Did you mean `sum`?",
        "sum(amount) OVER (PARTITION BY id)|a window function is no measure. KNOWN"
      })
  void aMeasureIsOneKnownAggregate(String sql, String mistake) {
    String expected =
        mistake
            .replace("KNOWN", KNOWN)
            .replace(
                "XX",
                "a measure is an aggregate and nothing around it. Move what is around it into the"
                    + " brackets, or to where the measure is read.");
    assertThat(contract.mistakesOfMeasure(sql)).containsExactly("19:16: " + expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "sum(amuont)|20: unknown column `amuont`. Did you mean `amount`?",
        "sum(country)|20: `sum` needs a number, this is a string. Use count, min or max, or a column that is a number.",
        "sum(max(items))|20: an aggregate cannot stand within an aggregate. Make each a measure of its own.",
        "approx_percentile(country, 0.5)|34: `approx_percentile` needs a number, this is a string. Use count, min or max, or a column that is a number.",
        "approx_percentile(amount, 2)|42: the share of a percentile is a number from 0 to 1, not `2`. Write for example approx_percentile(x, 0.95).",
        "percentile(country, 0.5)|27: `percentile` needs a number, this is a string. Use count, min or max, or a column that is a number.",
        "percentile(amount, 1.5)|35: the share of a percentile is a number from 0 to 1, not `1.5`. Write for example percentile(x, 0.95).",
        "percentile(amount, items)|35: the share of a percentile is a number from 0 to 1, not `items`. Write for example percentile(x, 0.95).",
        "percentile(amount, 1e-30)|35: the share of a percentile is a number from 0 to 1, not `1e-30`. Write for example percentile(x, 0.95).",
        "collect_set(weight)|28: `collect_set` needs exact values, this is a double. Make it a decimal or a string.",
        "collect_set(array(id))|28: `collect_set` needs exact values, this is a array<string>. Make it a decimal or a string.",
        "last(CAST(at AS TIMESTAMP_NTZ))|21: `last` of a timestamp_ntz is nothing that gold holds. Cast it to a type that a contract's columns may have.",
        "count(DISTINCT id, amuont)|35: unknown column `amuont`. Did you mean `amount`?",
        "first(last(items))|22: an aggregate cannot stand within an aggregate. Make each a measure of its own.",
        "sum(items * rand())|28: `rand` never gives the same answer twice. Use only columns.",
        "sum(amount / items)|20: a row where `items` is zero stops the run. Divide by `nullif(items, 0)`.",
        "count(x.*)|22: `*` stands only in count(*). Name a column."
      })
  void anArgumentIsOverOneRow(String sql, String mistake) {
    assertThat(contract.mistakesOfMeasure(sql)).containsExactly("19:" + mistake);
  }

  @Test
  void aSumOfFloatsNeedsNoTolerance() {
    String floats = ContractText.with("sum(amount)", "sum(weight)");
    assertThat(contract.mistakes(floats.replace("    tolerance: {revenue: 0.1%}\n", ""))).isEmpty();
  }

  @Test
  void aDimensionIsAnExactColumn() {
    assertThat(contract.mistakesWith("by: [country]", "by: [weight, countri, event_date, id, id]"))
        .containsExactly(
            "16:10: `weight` is a double, and grouping needs exact values. Make the column a"
                + " decimal or a string.",
            "16:18: unknown column `countri`. Did you mean `country`?",
            "16:27: the day is part of every metric set. Remove `event_date`.",
            "16:43: `id` is listed twice. Keep one of the two.");
  }

  @Test
  void aMeasureHasANameOfItsOwn() {
    assertThat(contract.mistakesWith("orders: count(*)", "country: count(*)"))
        .containsExactly(
            "18:7: `country` is a dimension of this metric set too. Choose another name.");
    assertThat(contract.mistakesWith("orders: count(*)", "event_date: count(*)"))
        .containsExactly("18:7: `event_date` is the day of every metric set. Choose another name.");
    assertThat(contract.mistakesWith("orders: count(*)", "or__ders: count(*)"))
        .containsExactly(
            "18:7: `__` in a measure's name is kept for partial results. Write `or_ders`.");
    assertThat(contract.mistakesWith("orders: count(*)", "Orders: count(*)"))
        .containsExactly(
            "18:7: `Orders` cannot be a name. Write a lower-case letter, then up to 62 lower-case"
                + " letters, digits or underscores: `orders`.");
    assertThat(contract.mistakesWith("orders: count(*)", "revenue: count(*)"))
        .containsExactly("19:7: `revenue` was already written on line 18. Keep one of the two.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"_exceptions", "_reads", "_seen", "_partials", "_windows", "_filtered", "_canary"})
  void aMetricSetLeavesRoomForAssaysTables(String ending) {
    assertThat(contract.mistakesWith("per_day:", "orders" + ending + ":"))
        .containsExactly(
            "15:3: a metric set cannot end in `"
                + ending
                + "`: Assay names tables of its own so. Choose another name.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "window: 7 hours|20: a day is no whole number of windows of `7 hours`. Write for example `15 minutes`, `1 hour` or `1 day`.",
        "window: 2 days|20: a day is no whole number of windows of `2 days`. Write for example `15 minutes`, `1 hour` or `1 day`.",
        "every: 0 seconds|19: `every` is too short: `0 seconds`. Write at least `1 second`.",
        "publish: 5s|21: `publish` is no duration: `5s`. Write `5 seconds`."
      })
  void theTimesOfALiveViewAreChecked(String live, String mistake) {
    assertThat(contract.mistakesWith("window: 1 hour", live)).containsExactly("20:" + mistake);
  }

  @Test
  void aToleranceIsANumberOrAShare() {
    assertThat(tolerance("0")).isEqualTo(Tolerance.EXACT);
    assertThat(tolerance("5")).isEqualTo(new Tolerance(new BigDecimal("5"), BigDecimal.ZERO));
    assertThat(tolerance("0.1%"))
        .isEqualTo(new Tolerance(BigDecimal.ZERO, new BigDecimal("0.001")));
    assertThat(tolerance("{absolute: 1, relative: 0.1%}"))
        .isEqualTo(new Tolerance(new BigDecimal("1"), new BigDecimal("0.001")));
  }

  private Tolerance tolerance(String text) {
    return contract.read(ContractText.with("0.1%", text)).metrics().get(0).tolerance("revenue");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "revenu: 1|17: unknown measure `revenu`. Did you mean `revenue`?",
        "revenue: 101%|26: `101%` is more than all. Write at most `100%`.",
        "revenue: -1|26: a tolerance cannot be below zero: `-1`. Write for example `5`, `0.1%` or `{absolute: 1, relative: 0.1%}`.",
        "revenue: a lot|26: `a lot` is no tolerance. Write for example `5`, `0.1%` or `{absolute: 1, relative: 0.1%}`.",
        "revenue: {relative: 1}|37: `relative` must be a percentage, not `1`. Write for example `0.1%`.",
        "revenue: {rel: 1}|27: unknown key `rel`. Known here: `absolute`, `relative`.",
        "revenue: []|26: `revenue` must be a tolerance, not a list. Write for example `0.1%`."
      })
  void aToleranceIsWithinBounds(String tolerance, String mistake) {
    assertThat(contract.mistakesWith("revenue: 0.1%", tolerance)).containsExactly("21:" + mistake);
  }

  @Test
  void aShareOfCellsMayStandBeyondTolerance() {
    assertThat(contract.read(ContractText.GOOD).metrics().get(0).alertAbove()).isEmpty();
    assertThat(
            contract
                .read(ContractText.with("0.1%}", "0.1%}\n    alert_above: 1.5%"))
                .metrics()
                .get(0)
                .alertAbove())
        .hasValue(new BigDecimal("0.015"));
    assertThat(contract.mistakesWith("0.1%}", "0.1%}\n    alert_above: 3"))
        .containsExactly(
            "22:18: `alert_above` must be a percentage, not `3`. Write for example `0.1%`.");
  }

  @Test
  void whatIsIgnoredHasAReasonAndAnEnd() {
    String ignore =
        """
        0.1%}
            ignore:
              revenue: {reason: known to be off, until: 2026-12-31}
              "country=NP, or so": {reason: a feed is short, until: 2026-01-01}""";
    LocalDate end = LocalDate.of(2026, 12, 31);
    MetricSet metrics = contract.read(ContractText.with("0.1%}", ignore)).metrics().get(0);
    assertThat(metrics.ignored())
        .containsExactly(
            new Ignore(Optional.of("revenue"), Map.of(), "known to be off", end),
            new Ignore(
                Optional.empty(),
                Map.of("country", "NP, or so"),
                "a feed is short",
                LocalDate.of(2026, 1, 1)));
    assertThat(metrics.ignored().get(0).holdsOn(end)).isTrue();
    assertThat(metrics.ignored().get(0).holdsOn(end.plusDays(1))).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "revenu: {reason: off, until: 2026-12-31}|7: `revenu` is no measure of this metric set. Did you mean `revenue`? Cells are named as `dimension=value`.",
        "countri=NP: {reason: off, until: 2026-12-31}|7: `countri` is no dimension of this metric set. Did you mean `country`?",
        "revenue: {reason: off, until: soon}|37: `soon` is no date. Write for example `2026-12-31`.",
        "revenue: {reason: ' ', until: 2026-12-31}|25: `reason` says nothing. Write why the difference is no concern."
      })
  void whatIsIgnoredIsKnown(String ignored, String mistake) {
    assertThat(contract.mistakesWith("0.1%}", "0.1%}\n    ignore:\n      " + ignored))
        .containsExactly("23:" + mistake);
  }

  @Test
  void whatIsIgnoredWithoutAReasonIsAMistake() {
    assertThat(
            contract.mistakesWith(
                "0.1%}", "0.1%}\n    ignore:\n      revenue: {until: 2026-12-31}"))
        .singleElement()
        .asString()
        .contains("`reason`");
  }

  @Test
  void onlyNumbersHaveATolerance() {
    assertThat(contract.mistakesOfMeasure("max(country)"))
        .containsExactly(
            "21:17: `revenue` is no number, it must agree exactly. Remove its tolerance.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "count(DISTINCT items)",
        "count(DISTINCT CAST(at AS DATE))",
        "approx_count_distinct(country)",
        "approx_percentile(amount, 0.5)",
        "first(country)",
        "last(amount)"
      })
  void theStreamKeepsWhatMerges(String measure) {
    assertThat(contract.mistakes(withoutTolerance(ContractText.GOOD, measure))).isEmpty();
  }

  @Test
  void theStreamKeepsNoSet() {
    assertThat(contract.mistakes(withoutTolerance(ContractText.GOOD, "collect_set(id)")))
        .containsExactly(
            "19:16: the stream cannot keep collect_set(…): every partial result would hold a set of"
                + " its own, without bound. Write count(x), min(x) and max(x), or move it to a"
                + " metric set without `live`.");
  }

  @ParameterizedTest
  @CsvSource({"collect_set(items)", "first(country)", "last(at)"})
  void aSetAndATextHaveNoTolerance(String measure) {
    assertThat(contract.mistakes(ContractText.with(LIVE, "").replace("sum(amount)", measure)))
        .containsExactly(
            "20:17: `revenue` is no number, it must agree exactly. Remove its tolerance.");
  }

  @Test
  void promotionRisesInSteps() {
    String promote = "0.1%}\n    promote: ";
    assertThat(contract.mistakesWith("0.1%}", promote + "{canary: [50%, 10%, 100%, 2.5%]}"))
        .containsExactly(
            "22:5: `promote` lacks the key `after`. Add for example `after: 14 days`.",
            "22:29: `10%` comes after `50%`. Let the steps rise: `[10%, 50%]`.",
            "22:34: `100%` is no share of consumers. Write whole percent, `1%` to `99%`.",
            "22:40: `2.5%` is no share of consumers. Write whole percent, `1%` to `99%`.");
    assertThat(contract.mistakesWith("0.1%}", promote + "{after: 36 hours, approval: auto}"))
        .containsExactly(
            "22:22: `after` must be whole days, not `36 hours`. Write for example `14 days`.",
            "22:42: `approval` must be `manual` or `automatic`, not `auto`. Write for example"
                + " `manual`.");
  }

  @Test
  void whatAStepTakesIsInDaysCellsAndTime() {
    String promote = "0.1%}\n    promote: {after: 2 days, ";
    assertThat(contract.mistakesWith("0.1%}", promote + "step_after: 1 hour, min_cells: 0}"))
        .containsExactly(
            "22:42: `step_after` must be whole days, not `1 hour`. Write for example `14 days`.",
            "22:61: `min_cells` must be a whole number above zero, not `0`. Write for example"
                + " `1000`.");
    assertThat(
            contract.mistakesWith("0.1%}", promote + "fresh_within: soon, half_open_aftr: 1 day}"))
        .containsExactly(
            "22:44: `fresh_within` is no duration: `soon`. Write for example `10 seconds` or `2"
                + " hours`.",
            "22:50: unknown key `half_open_aftr`. Did you mean `half_open_after`?");
  }

  @Test
  void onlyALiveMetricSetIsPromoted() {
    assertThat(contract.mistakesWith(LIVE, "    promote: {after: 3 days}\n"))
        .containsExactly(
            "20:5: a metric set without `live` has nothing to promote. Add `live:` or remove"
                + " `promote`.");
  }
}
