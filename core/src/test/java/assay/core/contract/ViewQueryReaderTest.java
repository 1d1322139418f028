package assay.core.contract;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.contract.ViewQuery.Policy;
import assay.core.yaml.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The materialized views beside the contracts, as {@code assay validate} reads them. */
class ViewQueryReaderTest {
  @TempDir Path folder;

  @BeforeEach
  void writeContract() {
    new ContractText(folder).write(ContractText.GOOD);
  }

  @Test
  void theExamplesRead() {
    Path root = Path.of(System.getProperty("assay.root", ".."));
    assertThat(ContractReader.readDefinitions(root.resolve("examples/flights")).views())
        .extracting(v -> v.name() + " every " + v.schedule().text() + " " + v.query().usesAsOf())
        .containsExactly(
            "daily_summary every 15 minutes true",
            "hourly_trends every 5 minutes true",
            "kpis_last_hour every 1 minute true");
  }

  @Test
  void aViewIsAHeaderAndOneSelect() {
    write(
        "totals",
        """
        -- every: 0 6 * * 1-5
        -- policy: incremental
        -- partition_by: country
        -- description: By country.
        SELECT country, count(*) AS n FROM silver.orders WHERE at < :as_of GROUP BY country
        """);
    write("over", "-- every: 2 hours\nSELECT max(n) AS n FROM materialized_views.totals");
    List<ViewQuery> views = ContractReader.readDefinitions(folder).views();
    assertThat(views).extracting(ViewQuery::name).containsExactly("totals", "over");
    ViewQuery totals = views.get(0);
    assertThat(totals.policy()).isEqualTo(Policy.INCREMENTAL);
    assertThat(totals.partitionBy()).containsExactly("country");
    assertThat(totals.description()).contains("By country.");
    assertThat(totals.schedule().next(Instant.parse("2026-01-02T06:00:00Z")))
        .as("from Friday to Monday")
        .isEqualTo(Instant.parse("2026-01-05T06:00:00Z"));
    assertThat(views.get(1).policy()).isEqualTo(Policy.AUTO);
    assertThat(views.get(1).schedule().next(Instant.parse("2026-01-02T06:00:00Z")))
        .isEqualTo(Instant.parse("2026-01-02T08:00:00Z"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "-- every: 5 min|1:11: `every` is no duration: `5 min`. Write `5 minutes`.",
        "-- every: 0 seconds|1:11: `every` is too short: `0 seconds`. Write at least `1 second`.",
        "-- every: 0 25 * * *|1:11: `every` is no cron expression: `0 25 * * *`. Write minute, hour, day of the month, month and day of the week, such as `0 6 * * 1-5`.",
        "-- evry: day|1:1: the header lacks `every`. Write `-- every: 5 minutes` on the first line.",
      })
  void theTimeOfARefreshIsChecked(String header, String mistake) {
    write("v", header + "\nSELECT 1 AS x");
    assertThat(mistakes()).contains("v.sql:" + mistake);
  }

  @Test
  void whatIsNoTableOfTheLakeOrChangesByItselfIsRefused() {
    write(
        "v",
        """
        -- every: 1 minute
        -- policy: sometimes
        SELECT now() AS n, :moment AS m FROM bronze.orders, parquet.`/x`, live.per_dy
        """);
    assertThat(mistakes())
        .containsExactly(
            "v.sql:2:12: `policy` must be auto, incremental or full, not `sometimes`. Write `--"
                + " policy: auto`, or leave it out.",
            "v.sql:3:8: `now` changes with the moment of the run. Write `:as_of`, the minute of the"
                + " refresh, a timestamp.",
            "v.sql:3:20: unknown parameter `:moment`. Write `:as_of`, the minute of the refresh, a"
                + " timestamp, or the value.",
            "v.sql:3:38: `bronze.orders` may not be read here. Read a table of `silver`,"
                + " `quarantine`, `live`, `gold`, `materialized_views`.",
            "v.sql:3:53: `parquet.` is no layer of the lake, and no path is read. Read a table of"
                + " `silver`, `quarantine`, `live`, `gold`, `materialized_views`.",
            "v.sql:3:67: unknown table `live.per_dy`. Did you mean `live.per_day`?");
  }

  @Test
  void noViewReadsItself() {
    write("a", "-- every: 1 minute\nSELECT * FROM materialized_views.b");
    write("b", "-- every: 1 minute\nSELECT * FROM materialized_views.a");
    assertThat(mistakes()).singleElement().asString().contains("reads itself, by way of");
  }

  private void write(String name, String sql) {
    try {
      Files.createDirectories(folder.resolve("views"));
      Files.writeString(folder.resolve("views").resolve(name + ".sql"), sql);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> mistakes() {
    return ContractReader.checkDefinitions(folder).problems().stream()
        .map(Problem::toString)
        .map(line -> line.replaceFirst("^[^:]*/", ""))
        .toList();
  }
}
