package assay.core.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LiveViewMistakesTest {
  @TempDir Path folder;
  private ContractText contract;

  @BeforeEach
  void setUp() {
    contract = new ContractText(folder);
  }

  /** The views, whose first stands on line 23. */
  private static String withViews(String views) {
    return ContractText.GOOD + "live_views:\n" + views.indent(2);
  }

  @Test
  void everyKindIsRead() {
    Contract read =
        contract.read(
            withViews(
                """
                newest: {kind: latest, by: [country], every: 5 seconds, alert_above: 0.1%}
                visits:
                  kind: sessions
                  by: [country, items]
                  gap: 30 minutes
                  measures: {orders: count(*), newest: last(amount)}
                leaders: {kind: top, of: per_day, rows: 10, by: revenue}
                """));
    assertThat(read.liveViews())
        .containsExactly(
            new LiveDefinition.Latest(
                "newest",
                List.of("country"),
                RowFilter.NONE,
                Duration.ofSeconds(5),
                Optional.of(new BigDecimal("0.001"))),
            new LiveDefinition.Sessions(
                "visits",
                List.of("country", "items"),
                Duration.ofMinutes(30),
                List.of(
                    new Measure.Count("orders", Optional.empty()),
                    new Measure.Last("newest", "amount", "at")),
                Duration.ofSeconds(10)),
            new LiveDefinition.Top("leaders", "per_day", 10, "revenue"));
    assertThat(read.liveTables()).containsExactly("per_day", "newest", "visits");
    // When people are told is no part of what the tables hold.
    String view = "newest: {kind: latest, by: [country]%s}%n";
    String hash = contract.read(withViews(view.formatted(""))).hash();
    assertThat(contract.read(withViews(view.formatted(", alert_above: 1%"))).hash())
        .isEqualTo(hash);
    assertThat(read.liveEvery()).contains(Duration.ofSeconds(5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "a: {by: [id]}|3: `a` lacks the key `kind`. Add for example `kind: latest`.",
        "a: {kind: lates, by: [id]}|13: `kind` must be `latest`, `sessions` or `top`, not `lates`. Write for example `latest`.",
        "a: {kind: latest}|3: `a` lacks the key `by`. Add for example `by: [origin]`.",
        "a: {kind: latest, by: id}|25: `by` must be a list of columns. Write for example `[origin]`.",
        "a: {kind: latest, by: [idd]}|26: unknown column `idd`. Did you mean `id`?",
        "a: {kind: latest, by: [weight]}|26: `weight` is a double, and grouping needs exact values. Make the column a decimal or a string.",
        "a: {kind: latest, by: [id], gap: 1 hour}|31: `latest` has no `gap`. Remove it.",
        "a: {kind: latest, by: [id], alert_above: 1}|44: `alert_above` must be a percentage, not `1`. Write for example `0.1%`.",
        "a: {kind: sessions, by: [id], gap: 0 seconds, measures: {n: count(*)}}|38: `gap` is too short: `0 seconds`. Write at least `1 second`.",
        "a: {kind: sessions, by: [id], measures: {n: count(*)}}|3: `a` lacks the key `gap`. Add for example `gap: 30 minutes`.",
        "a: {kind: sessions, by: [id], gap: 1 hour, measures: {n: count(DISTINCT items)}}|60: the stream cannot keep count(DISTINCT …) exactly for a session: its bitmap is more than one row. Write approx_count_distinct(x), or move it to a metric set.",
        "a: {kind: sessions, by: [id], gap: 1 hour, measures: {n: collect_set(id)}}|60: the stream cannot keep collect_set(…): every partial result would hold a set of its own, without bound. Write count(x), min(x) and max(x), or move it to a metric set.",
        "a: {kind: sessions, by: [id], gap: 1 hour, measures: {session_end: count(*)}}|57: sessions have a column `session_end` of their own. Choose another name.",
        "a: {kind: top, of: per_dy, rows: 10, by: revenue}|22: unknown metric set `per_dy`. Did you mean `per_day`?",
        "a: {kind: top, of: per_day, rows: 0, by: revenue}|37: `0` is no number of rows. Write `1` to `9999`.",
        "a: {kind: top, of: per_day, rows: 10, by: revenu}|45: `per_day` has no measure `revenu`. Did you mean `revenue`?",
        "a_windows: {kind: latest, by: [id]}|3: a live view cannot end in `_windows`: Assay names tables of its own so. Choose another name."
      })
  void aViewHasTheKeysOfItsKind(String view, String mistake) {
    assertThat(contract.mistakes(withViews(view))).containsExactly("23:" + mistake);
  }

  @Test
  void topIsOfAMetricSetThatTheStreamKeeps() {
    String batchOnly =
        withViews("a: {kind: top, of: per_day, rows: 10, by: revenue}")
            .replace("    live: {window: 1 hour}\n", "");
    assertThat(contract.mistakes(batchOnly))
        .containsExactly(
            "22:22: the stream does not keep `per_day`. Add `live:` to that metric set.");
    String ranked =
        withViews("a: {kind: top, of: per_day, rows: 10, by: rank}").replace("orders:", "rank:");
    assertThat(contract.mistakes(ranked))
        .containsExactly(
            "23:45: `top` needs the column `rank`, which `per_day` has too. Give that another"
                + " name.");
  }

  @Test
  void theLastRowIsKeptByTheKeyAloneWhereRowsAreDeleted() {
    String debezium =
        withViews("a: {kind: latest, by: [country]}")
            .replace("{topic: orders}", "{topic: orders, format: debezium}");
    assertThat(contract.mistakes(debezium))
        .containsExactly(
            "23:25: a delete names the row's key alone, and the stream does not keep which row was"
                + " before it by other columns. Write the key, `[id]`, or read the silver table.");
    assertThat(contract.mistakes(debezium.replace("by: [country]", "by: [id]"))).isEmpty();
  }

  @Test
  void aViewHasANameOfItsOwn() {
    Path file = contract.write(withViews("per_day: {kind: latest, by: [id]}"));
    assertThat(ContractReader.checkAll(folder).problems())
        .extracting(Object::toString)
        .containsExactly(
            file
                + ":23:3: the live view `per_day` is also in "
                + file
                + ":15. Choose another name: tables are named after it.");
  }
}
