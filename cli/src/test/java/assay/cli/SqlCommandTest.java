package assay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.SparkSessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqlCommandTest {
  @TempDir Path folder;

  @BeforeEach
  void makeLake() throws IOException {
    Files.createDirectories(folder.resolve("contracts"));
    Files.copy(
        Path.of(System.getProperty("assay.root"), "examples", "flights", "contract.yaml"),
        folder.resolve("contracts").resolve("flights.yaml"));
    Files.writeString(folder.resolve("assay.yaml"), "lake: lake\n");
    SparkSession spark = SparkSessions.open("by hand", Map.of());
    spark
        .sql("SELECT 1 AS n, 'a,b' AS text, CAST(NULL AS STRING) AS nothing, array(1, 2) AS many")
        .write()
        .format("delta")
        .save(folder.resolve("lake").resolve("gold").resolve("route_day").toString());
  }

  @Test
  void anAnswerIsATableJsonOrCsv() {
    assertThat(sql("SELECT n, text, nothing FROM gold.route_day").out())
        .contains("| n | text | nothing |")
        .contains("| 1 | a,b  |    NULL |");
    assertThat(sql("--csv", "SELECT * FROM gold.route_day").out())
        .isEqualTo("n,text,nothing,many\n1,\"a,b\",,\"[1, 2]\"\n");
    assertThat(sql("--json", "SELECT * FROM gold.route_day").out())
        .isEqualToIgnoringWhitespace(
            "[{\"n\":1,\"text\":\"a,b\",\"nothing\":null,\"many\":[1,2]}]");
  }

  @Test
  void onlyQueriesAreAnswered() {
    for (String change :
        new String[] {
          "DROP TABLE gold.route_day",
          "INSERT INTO gold.route_day SELECT * FROM gold.route_day",
          "WITH x AS (SELECT 1) INSERT INTO gold.route_day SELECT * FROM gold.route_day",
          "DELETE FROM gold.route_day",
          "SET spark.sql.ansi.enabled=false"
        }) {
      CommandLineRun run = sql(change);
      assertThat(run.exitCode()).as(change).isEqualTo(2);
      assertThat(run.err()).contains("assay sql only reads");
    }
    assertThat(sql("SHOW TABLES IN gold").out()).contains("route_day");
  }

  @Test
  void wrongQueriesSayWhatIsWrong() {
    assertThat(sql("SELEC 1").err()).contains("the query cannot be read: [PARSE_SYNTAX_ERROR]");
    assertThat(sql("SELECT * FROM gold.nope").err())
        .contains("`gold`.`nope` cannot be found")
        .contains("SHOW TABLES IN gold");
    assertThat(sql("--csv", "--json", "SELECT 1").err()).contains("exclude each other");
  }

  private CommandLineRun sql(String... words) {
    String[] args = new String[words.length + 3];
    args[0] = "sql";
    args[1] = "--config";
    args[2] = folder.resolve("assay.yaml").toString();
    System.arraycopy(words, 0, args, 3, words.length);
    return CommandLineRun.of(args);
  }
}
