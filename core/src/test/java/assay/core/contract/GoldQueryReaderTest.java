package assay.core.contract;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.sql.SqlQuery;
import assay.core.sql.TableName;
import assay.core.yaml.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The SQL files beside the contracts, as {@code assay validate} reads them, without a session. */
class GoldQueryReaderTest {
  @TempDir Path folder;

  @BeforeEach
  void writeContract() {
    new ContractText(folder).write(ContractText.GOOD);
  }

  @Test
  void theExamplesRead() {
    Path root = Path.of(System.getProperty("assay.root", ".."));
    Definitions examples = ContractReader.readDefinitions(root.resolve("examples/flights"));
    assertThat(examples.goldQueries())
        .extracting(q -> q.name() + " reads " + q.query().reads() + " " + q.query().usesAsOf())
        .containsExactly(
            "airport_lifetime reads [gold.route_day] false",
            "airport_twelve_months reads [gold.route_day] true",
            "airport_year_over_year reads [gold.route_day] false");
  }

  @Test
  void aFileIsAHeaderAndOneSelect() {
    write(
        "lifetime",
        """
        -- every: day
        -- What each customer has spent.
        -- description: Spent by country, since the beginning.

        -- partition_by: country, at_day
        WITH good AS (SELECT * FROM silver.orders WHERE at < :as_of),
             more AS (SELECT * FROM good JOIN gold.per_day AS d USING (country))
        SELECT country, count(*) AS n FROM more
        WHERE EXISTS (SELECT 1 FROM quarantine.orders) AND n > (SELECT max(orders) FROM gold.per_day)
        GROUP BY country; -- done
        """);
    GoldQuery query = read().get(0);
    assertThat(query.name()).isEqualTo("lifetime");
    assertThat(query.description()).contains("Spent by country, since the beginning.");
    assertThat(query.partitionBy()).containsExactly("country", "at_day");
    assertThat(query.query().usesAsOf()).isTrue();
    assertThat(query.query().reads())
        .extracting(TableName::toString)
        .containsExactly("gold.per_day", "quarantine.orders", "silver.orders");
    assertThat(query.query().body()).startsWith("WITH good").endsWith("-- done");
  }

  @Test
  void tablesAreReadUnderOtherNamesAndKeepTheirOwn() {
    write(
        "named",
        """
        -- every: day
        SELECT 'ü', orders.id, d.revenue
        FROM `silver` . orders, gold.per_day AS d, (TABLE gold.per_day), lateral (
          SELECT 1 FROM IDENTIFIER('silver.orders_exceptions')
          ORDER BY 1 LIMIT :as_of) WHERE : as_of > 1
        """);
    SqlQuery query = read().get(0).query();
    assertThat(
            query.textOver(
                table -> "`pinned:" + table + "`", SqlQuery.literal(LocalDate.parse("2001-01-01"))))
        .isEqualTo(
            """
            -- every: day
            SELECT 'ü', orders.id, d.revenue
            FROM `pinned:silver.orders` AS `orders`, `pinned:gold.per_day` AS d, (TABLE `pinned:gold.per_day`), lateral (
              SELECT 1 FROM `pinned:silver.orders_exceptions` AS `orders_exceptions`
              ORDER BY 1 LIMIT DATE'2001-01-01') WHERE DATE'2001-01-01' > 1
            """);
  }

  @Test
  void onlyTheQueryMakesAnotherDefinition() {
    write("one", "-- every: day\n-- description: one\nSELECT id FROM silver.orders");
    GoldQuery before = read().get(0);
    write("one", "-- description: other\n-- every: day\n\nSELECT id FROM silver.orders\n");
    assertThat(read().get(0).definition()).isEqualTo(before.definition());
    write("one", "-- every: day\nSELECT key FROM silver.orders");
    assertThat(read().get(0).definition()).isNotEqualTo(before.definition());
    write("one", "-- every: day\n-- partition_by: id\nSELECT id FROM silver.orders");
    assertThat(read().get(0).definition()).isNotEqualTo(before.definition());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "SELEC 1|1: this is not SQL: syntax error at or near 'SELEC'. Write one SELECT; it may begin with WITH.",
        "SELECT 1; SELECT 2|11: this is not SQL: syntax error at or near 'SELECT': extra input 'SELECT'. Write one SELECT; it may begin with WITH.",
        "DROP TABLE gold.per_day|1: only a SELECT may stand here, and this is DropTable. Write one SELECT; it may begin with WITH.",
        "SET spark.sql.ansi.enabled=false|1: only a SELECT may stand here, and this is SetCommand. Write one SELECT; it may begin with WITH.",
        "INSERT INTO gold.per_day SELECT 1|1: only a SELECT may stand here, and this is InsertIntoStatement. Write one SELECT; it may begin with WITH.",
        "CREATE TABLE x AS SELECT 1|1: only a SELECT may stand here, and this is CreateTableAsSelect. Write one SELECT; it may begin with WITH.",
        "BEGIN SELECT 1; END|1: only a SELECT may stand here, and this is CompoundBody. Write one SELECT; it may begin with WITH.",
        "SELECT TRANSFORM(id) USING 'cat' FROM silver.orders|1: TRANSFORM runs foreign code. Use Spark's SQL functions.",
        "SELECT * FROM delta.`/x`|15: `delta.` is no layer of the lake, and no path is read. Read a table of `silver`, `quarantine`, `gold`.",
        "SELECT * FROM orders|15: `orders` does not say of which layer it is. Read a table of `silver`, `quarantine`, `gold`. Did you mean `quarantine.orders`?",
        "SELECT * FROM a.b.c|15: `a.b.c` has more than a layer and a name. Read a table of `silver`, `quarantine`, `gold`.",
        "SELECT * FROM IDENTIFIER(concat('silver.', :as_of))|15: IDENTIFIER hides which table is read. Write its name.",
        "SELECT IDENTIFIER(lower(:as_of))(id) FROM silver.orders|8: IDENTIFIER hides what is used. Write its name.",
        "SELECT * FROM bronze.orders|15: `bronze.orders` may not be read here. Read a table of `silver`, `quarantine`, `gold`.",
        "SELECT * FROM live.per_day|15: `live.per_day` may not be read here. Read a table of `silver`, `quarantine`, `gold`.",
        "SELECT * FROM silver.order|15: unknown table `silver.order`. Did you mean `silver.orders`?",
        "SELECT * FROM gold.Per_day|15: unknown table `gold.Per_day`. Did you mean `gold.per_day`?",
        "SELECT * FROM read_files('/x')|15: the table function `read_files` may read what is no table of the lake. Read a table of `silver`, `quarantine`, `gold`.",
        "SELECT * FROM gold.per_day VERSION AS OF 3|28: the versions that are read are the run's choice. Remove VERSION AS OF or TIMESTAMP AS OF.",
        "SELECT * FROM gold.per_day WITH ('versionAsOf'='1')|15: `gold.per_day` is read as the lake holds it. Remove its options.",
        "SELECT * FROM STREAM gold.per_day|15: a stream has no end. Remove STREAM.",
        "SELECT * FROM gold.per_day TABLESAMPLE (9 PERCENT)|28: TABLESAMPLE never gives the same rows twice. Choose rows by a column, with WHERE.",
        "SELECT * FROM gold.per_day LIMIT 3|28: LIMIT without ORDER BY keeps rows by chance. Add ORDER BY.",
        "SELECT now() AS n|8: `now` changes with the moment of the run. Write `:as_of`, the last day that has ended.",
        "SELECT 1 WHERE CURRENT_DATE > 1|16: `current_date` changes with the moment of the run. Write `:as_of`, the last day that has ended.",
        "SELECT DATE'today'|8: this is a date that changes with the moment of the run. Write `:as_of`, or write the date out.",
        "SELECT (SELECT max(rand()) FROM gold.per_day)|20: `rand` never gives the same answer twice. Use only columns.",
        "SELECT user FROM silver.orders|8: `user` depends on where and by whom it is run. Where it is a column, write its table in front: `t.user`.",
        "SELECT id FROM silver.orders LATERAL VIEW java_method(1) t AS x|30: `java_method` runs foreign code. Use Spark's SQL functions.",
        "SELECT summ(items) FROM silver.orders|8: unknown function `summ`. Did you mean `sum`?",
        "SELECT :asof|8: unknown parameter `:asof`. Write `:as_of`, the last day that has ended, or the value.",
        "SELECT ?|8: `?` is no parameter here. Write `:as_of`, or the value.",
        "SELECT silver.orders.id FROM silver.orders|8: a column's name does not begin with a layer. Write `orders.id`.",
        "SELECT silver.orders.* FROM silver.orders|8: a column's name does not begin with a layer. Write `orders.*`.",
        "SELECT a FROM (WITH a AS (SELECT 1) SELECT * FROM a) JOIN a|59: `a` does not say of which layer it is. Read a table of `silver`, `quarantine`, `gold`."
      })
  void aMistakeIsToldAtItsPlaceWithWhatToWrite(String sql, String mistake) {
    write("query", "-- every: day\n" + sql);
    assertThat(mistakes()).containsExactly("query.sql:2:" + mistake);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "SELECT * FROM range(3)",
        "SELECT t.user, version FROM silver.orders AS t",
        "SELECT * FROM gold.per_day ORDER BY orders DESC LIMIT 3 OFFSET 1",
        "FROM gold.per_day |> WHERE orders > 1 |> ORDER BY orders |> LIMIT 3",
        "SELECT orders, rank() OVER (PARTITION BY country ORDER BY orders) AS r FROM gold.per_day",
        "WITH A AS (SELECT 1 AS x), b AS (SELECT * FROM a) SELECT * FROM B",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT * FROM r",
        "SELECT transform(array(1), x -> x + 1) AS a, to_date('2001-01-01') AS d, x.y.z FROM gold.per_day",
        "VALUES (1), (2)"
      })
  void whatGivesTheSameAnswerIsAllowed(String sql) {
    write("query", "-- every: day\n" + sql);
    assertThat(mistakes()).isEmpty();
  }

  @Test
  void allMistakesOfAQueryAreToldAtOnce() {
    write(
        "query",
        """
        -- every: day
        WITH w AS (SELECT uuid() AS u FROM bronze.orders LIMIT 1)
        SELECT * FROM w, silver.ordrs TABLESAMPLE (1 PERCENT)
        WHERE day = current_date()
        """);
    assertThat(mistakes())
        .containsExactly(
            "query.sql:2:19: `uuid` never gives the same answer twice. Use only columns.",
            "query.sql:2:36: `bronze.orders` may not be read here. Read a table of `silver`,"
                + " `quarantine`, `gold`.",
            "query.sql:2:50: LIMIT without ORDER BY keeps rows by chance. Add ORDER BY.",
            "query.sql:3:18: unknown table `silver.ordrs`. Did you mean `silver.orders`?",
            "query.sql:3:31: TABLESAMPLE never gives the same rows twice. Choose rows by a column,"
                + " with WHERE.",
            "query.sql:4:13: `current_date` changes with the moment of the run. Write `:as_of`, the"
                + " last day that has ended.");
  }

  @Test
  void theHeaderIsChecked() {
    write(
        "query",
        """
        -- evry: day
        -- partition_by: a b
        -- partition_by: c
        SELECT 1 AS c
        """);
    assertThat(mistakes())
        .containsExactly(
            "query.sql:1:1: the header lacks `every`. Write `-- every: day` on the first line.",
            "query.sql:1:4: unknown key `evry`. Did you mean `every`?",
            "query.sql:2:18: `partition_by` must be columns of the result, not `a b`. Write for"
                + " example `-- partition_by: month`.",
            "query.sql:3:4: `partition_by` was already written on line 2. Keep one of the two.");
    write("query", "-- every: 5 minutes\nSELECT 1 AS c\n-- unknown: here it is a comment");
    assertThat(mistakes())
        .containsExactly(
            "query.sql:1:11: `every` must be `day`, not `5 minutes`. Write `-- every: day`.");
    write("query", "-- every: day\r\n-- nothing else\r\n");
    assertThat(mistakes())
        .containsExactly(
            "query.sql:3:1: this is not SQL: syntax error at or near end of input. Write one"
                + " SELECT; it may begin with WITH.");
  }

  @Test
  void aFileNamesATableOfItsOwn() throws IOException {
    write("per_day", "-- every: day\nSELECT 1 AS x");
    write("Top-Ten", "-- every: day\nSELECT 1 AS x");
    Files.write(
        folder.resolve("gold").resolve("latin.sql"),
        "-- every: day\nSELECT 'ü'".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(mistakes())
        .containsExactly(
            "Top-Ten.sql:1:1: the file names a table, and `Top-Ten` cannot be a name. Write a"
                + " lower-case letter, then up to 62 lower-case letters, digits or underscores:"
                + " `top_ten`.",
            "latin.sql:1:1: the file is not UTF-8. Save it as UTF-8.",
            "per_day.sql:1:1: `gold.per_day` is also the metric set in "
                + folder.resolve("contract.yaml")
                + ":15. Choose another name: tables are named after it.");
  }

  @Test
  void queriesStandBehindWhatTheyRead() {
    write("a", "-- every: day\nSELECT * FROM gold.b JOIN gold.c");
    write("b", "-- every: day\nSELECT * FROM gold.per_day");
    write("c", "-- every: day\nSELECT * FROM gold.b");
    assertThat(read()).extracting(GoldQuery::name).containsExactly("b", "c", "a");
  }

  @Test
  void theQueriesOverADomainAreThoseThatReadItByWhateverWay() {
    String trains = ContractText.GOOD.replace("domain: orders", "domain: trains");
    new ContractText(folder).write("trains.yaml", trains.replace("per_day:", "per_train:"));
    write("a", "-- every: day\nSELECT * FROM quarantine.orders");
    write("b", "-- every: day\nSELECT * FROM gold.a");
    write("c", "-- every: day\nSELECT * FROM gold.per_train");
    write("d", "-- every: day\nSELECT 1 AS x");
    Definitions definitions = ContractReader.readDefinitions(folder);
    assertThat(definitions.contracts()).hasSize(2);
    assertThat(definitions.goldQueriesOver(definitions.contracts().get(0)))
        .extracting(GoldQuery::name)
        .containsExactly("a", "b");
    assertThat(definitions.goldQueriesOver(definitions.contracts().get(1)))
        .extracting(GoldQuery::name)
        .containsExactly("c");
  }

  @Test
  void noQueryReadsItself() {
    write("a", "-- every: day\nSELECT * FROM gold.b");
    write("b", "-- every: day\nSELECT *\nFROM gold.a JOIN gold.per_day");
    write("c", "-- every: day\nSELECT * FROM gold.c");
    assertThat(mistakes())
        .containsExactly(
            "b.sql:3:6: `gold.a` reads itself, by way of `gold.b`. Let it read the tables that this"
                + " one is made of.",
            "c.sql:2:15: `gold.c` reads itself. Let it read the tables that this one is made of.");
  }

  @Test
  void aMistakeInAContractIsNotToldAgainInTheQueriesOverIt() {
    new ContractText(folder).write(ContractText.with("sum(amount)", "sum(amuont)"));
    write("query", "-- every: day\nSELECT * FROM gold.per_day");
    assertThat(mistakes())
        .containsExactly("contract.yaml:19:20: unknown column `amuont`. Did you mean `amount`?");
    new ContractText(folder).write("other.yaml", "domain: [");
    write("query", "-- every: day\nSELECT * FROM gold.of_another");
    assertThat(mistakes()).noneMatch(mistake -> mistake.startsWith("query.sql"));
  }

  private void write(String name, String sql) {
    try {
      Files.createDirectories(folder.resolve("gold"));
      Files.writeString(folder.resolve("gold").resolve(name + ".sql"), sql);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<GoldQuery> read() {
    return ContractReader.readDefinitions(folder).goldQueries();
  }

  /** {@code file:line:column: message. mend} of every mistake. */
  private List<String> mistakes() {
    return ContractReader.checkDefinitions(folder).problems().stream()
        .map(Problem::toString)
        .map(line -> line.replaceFirst("^[^:]*/", ""))
        .toList();
  }
}
