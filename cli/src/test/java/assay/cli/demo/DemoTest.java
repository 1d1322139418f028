package assay.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import assay.cli.CommandLineRun;
import assay.core.Lake;
import assay.core.SparkSessions;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole demo as a newcomer runs it, and then with a fault put in by hand. */
class DemoTest {
  @TempDir Path folder;

  @Test
  void everyDifferenceIsExplainedAndTheLedgerAddsUp() throws Exception {
    Path lake = folder.resolve("demo");
    CommandLineRun run = CommandLineRun.of("demo", "--lake", lake.toString(), "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode document = new ObjectMapper().readTree(run.out());
    assertThat(document.at("/kafka/records").asLong()).isEqualTo(48_703);
    assertThat(document.at("/bronze/rows").asLong()).isEqualTo(48_703);
    assertThat(counts(document.get("batch")))
        .containsExactly(
            "loaded 48626", "superseded 20", "duplicate 25", "quarantined 32", "pending 0");
    assertThat(document.at("/live/quarantined").asLong()).isEqualTo(32);
    assertThat(document.at("/live/pending").asLong()).isZero();
    // Where micro-batches end depends on how Kafka spread the keys; that rows come late does not.
    assertThat(document.at("/live/late").asLong()).isPositive();
    assertThat(counts(document.get("live")).stream().mapToLong(DemoTest::count).sum())
        .isEqualTo(48_703);
    assertThat(document.get("days")).hasSize(3);
    for (JsonNode day : document.get("days")) {
      assertThat(day.get("metrics").asText()).isEqualTo("route_day");
      assertThat(day.get("verdict").asText()).isEqualTo("EXPLAINED");
      assertThat(day.get("unexplained").decimalValue()).isEqualByComparingTo("0");
    }
    assertThat(document.get("days").get(0).get("day").asText()).isEqualTo("2001-01-01");
    assertThat(document.get("seconds").fieldNames())
        .toIterable()
        .contains("ingestion", "silver", "gold", "live", "reconcile");
    assertThat(lake.resolve("kafka")).doesNotExist();
    queriesToTryNextAnswer(lake);
    theRowsOfATermAreListed(lake);
    aRowTakenOutOfTheLiveViewByHandEndsWithThree(lake);
    aSecondDemoMayTakeTheSameFolder(lake);
  }

  private static void theRowsOfATermAreListed(Path lake) throws Exception {
    String[] show = {
      "reconcile",
      "--config",
      lake.resolve("assay.yaml").toString(),
      "--show",
      "late",
      "--json",
      "--date",
      "2001-01-01",
      "--cell",
      "origin=DFW,destination=HOU"
    };
    CommandLineRun run = CommandLineRun.of(show);
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode shown = new ObjectMapper().readTree(run.out()).at("/shown/0");
    long delay = 0;
    for (JsonNode row : shown.get("rows")) {
      assertThat(row.get("in").asText()).isEqualTo("batch");
      delay += new ObjectMapper().readTree(row.get("event").asText()).get("delay_minutes").asLong();
    }
    assertThat(shown.get("rows")).isNotEmpty();
    assertThat(shown.at("/terms/flights").asLong()).isEqualTo(-shown.get("rows").size());
    assertThat(shown.at("/terms/delay_minutes").asLong()).isEqualTo(-delay);
    assertThat(shown.at("/terms/avg_delay").isNumber()).isTrue();
    show[4] = "tardy";
    assertThat(CommandLineRun.of(show).err()).contains("late, duplicate, superseded, quarantined");
    show[4] = "late";
    show[9] = "from=DFW";
    run = CommandLineRun.of(show);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("route_day (origin, destination)");
  }

  private static void queriesToTryNextAnswer(Path lake) {
    for (String query : DemoReport.queries()) {
      CommandLineRun sql =
          CommandLineRun.of(
              "sql", "--config", lake.resolve("assay.yaml").toString(), "--csv", query);
      assertThat(sql.exitCode()).as(sql.err()).isZero();
      assertThat(sql.out().lines().count()).as(query).isGreaterThan(1);
    }
  }

  private static void aSecondDemoMayTakeTheSameFolder(Path lake) {
    DemoFolder again = DemoFolder.at(lake);
    assertThat(again.lake()).doesNotExist();
    assertThat(again.settings()).doesNotExist();
  }

  private static void aRowTakenOutOfTheLiveViewByHandEndsWithThree(Path lake) throws Exception {
    takeOneRowOut(new Lake(lake.resolve("lake").toString()));
    CommandLineRun run =
        CommandLineRun.of(
            "reconcile", "--config", lake.resolve("assay.yaml").toString(), "--json", "--explain");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
    JsonNode document = new ObjectMapper().readTree(run.out());
    List<String> verdicts = new ArrayList<>();
    document
        .get("days")
        .forEach(d -> verdicts.add(d.get("day").asText() + " " + d.get("verdict").asText()));
    assertThat(verdicts)
        .containsExactly("2001-01-01 DIVERGED", "2001-01-02 DIVERGED", "2001-01-03 DIVERGED");
    assertThat(document.at("/ledgers/1/unaccounted").asLong()).isEqualTo(1);
    assertThat(document.at("/differences/0/verdict").asText()).isEqualTo("DIVERGED");
    assertThat(document.at("/differences/0/unexplained").decimalValue().signum()).isNotZero();
    assertThat(document.get("rows")).isNotEmpty();
  }

  @Test
  void aFolderWithSomethingElseInItIsLeftAlone() throws Exception {
    Files.writeString(folder.resolve("mine.txt"), "precious");
    CommandLineRun run = CommandLineRun.of("demo", "--lake", folder.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("is not empty, and no demo made it");
    assertThat(folder.resolve("mine.txt")).hasContent("precious");
  }

  private static void takeOneRowOut(Lake lake) {
    SparkSession spark = SparkSessions.open("by hand", Map.of());
    String table = "delta.`" + lake.live("route_day") + "`";
    List<Object> row =
        new ArrayList<>(
            scala.jdk.javaapi.CollectionConverters.asJava(
                spark
                    .sql(
                        "SELECT origin, destination, window_start, _ingested_at FROM "
                            + table
                            + " WHERE event_date = '2001-01-02' ORDER BY ALL LIMIT 1")
                    .head()
                    .toSeq()));
    spark.sql(
        ("DELETE FROM %s WHERE event_date = '2001-01-02' AND origin = '%s' AND destination = '%s'"
                + " AND window_start = TIMESTAMP'%s' AND _ingested_at = TIMESTAMP'%s'")
            .formatted(table, row.get(0), row.get(1), row.get(2), row.get(3)));
  }

  private static List<String> counts(JsonNode dispositions) {
    List<String> counts = new ArrayList<>();
    dispositions.properties().forEach(e -> counts.add(e.getKey() + " " + e.getValue().asLong()));
    return counts;
  }

  private static long count(String nameAndCount) {
    return Long.parseLong(nameAndCount.substring(nameAndCount.indexOf(' ') + 1));
  }
}
