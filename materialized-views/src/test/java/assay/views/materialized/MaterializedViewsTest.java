package assay.views.materialized;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.testing.JobCount;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaterializedViewsTest {
  private static final String NOON = "2001-01-03T12:00:00Z";

  private static final String BY_ORIGIN =
      """
      SELECT upper(origin) AS place, count(*) AS n, count(delay) AS known,
        sum(delay) AS delay, sum(fee) FILTER (WHERE delay > 0) AS fees, min(at) AS first_at,
        max(delay) - min(delay) AS spread, avg(delay) AS mean, avg(fee) AS fee
      FROM gold.route_day AS r WHERE origin <> 'XXX' GROUP BY ALL
      """;

  @TempDir Path folder;

  private ViewFixture lake;

  @BeforeEach
  void makeTable() {
    lake = new ViewFixture(folder);
    lake.sql(
        "CREATE TABLE {t} (event_date DATE, at TIMESTAMP, origin STRING, delay INT,"
            + " fee DECIMAL(10,2)) USING delta PARTITIONED BY (event_date)");
    lake.sql(
        """
        INSERT INTO {t} VALUES
          (DATE'2001-01-01', TIMESTAMP'2001-01-01 08:00:10', 'SEA', 5, 1.10),
          (DATE'2001-01-01', TIMESTAMP'2001-01-01 09:30:00', 'SEA', NULL, 2.20),
          (DATE'2001-01-02', TIMESTAMP'2001-01-02 10:00:00', 'LAX', -3, 3.30),
          (DATE'2001-01-03', TIMESTAMP'2001-01-03 11:15:00', 'SEA', 9, NULL),
          (NULL, NULL, NULL, 1, 4.40)
        """);
  }

  @Test
  void eachStrategyLeavesWhatTheQueryGivesInFull() {
    lake.view("by_origin", BY_ORIGIN);
    assertThat(refresh("by_origin")).isEqualTo("FULL: the view has not been made yet");
    assertThat(lake.rows("by_origin")).hasSize(2).anyMatch(row -> row.startsWith("SEA 3 2 14 "));
    long version = lake.table("by_origin").version();
    assertThat(refresh("by_origin")).isEqualTo("NONE: nothing that it reads changed");
    lake.sql("OPTIMIZE {t}");
    assertThat(refresh("by_origin")).isEqualTo("NONE: nothing that it reads changed");
    assertThat(lake.table("by_origin").version()).isEqualTo(version);

    lake.sql(
        "INSERT INTO {t} VALUES (DATE'2001-01-02', TIMESTAMP'2001-01-02 07:00:00', 'lax', 4, 0.05)");
    assertThat(refresh("by_origin"))
        .isEqualTo("ADDITIVE: rows of gold.route_day only came, and all measures merge");
    lake.sql("UPDATE {t} SET delay = 100 WHERE origin = 'LAX'");
    assertThat(refresh("by_origin"))
        .isEqualTo("PARTITION: rows of gold.route_day changed, in 1 partition");
    lake.sql("DELETE FROM {t} WHERE event_date = DATE'2001-01-03'");
    assertThat(refresh("by_origin")).startsWith("PARTITION: rows of gold.route_day changed");
    lake.sql("INSERT OVERWRITE {t} SELECT * FROM {t} WHERE origin = 'SEA'");
    assertThat(refresh("by_origin"))
        .isEqualTo("FULL: rows of gold.route_day changed, in every partition");
  }

  @Test
  void whatTheLogDoesNotAnswerForIsComputedInFull() {
    lake.view("by_origin", BY_ORIGIN);
    refresh("by_origin");
    lake.sql("RESTORE TABLE {t} TO VERSION AS OF 0");
    assertThat(refresh("by_origin"))
        .isEqualTo("FULL: an earlier version of gold.route_day was restored");
    lake.sql("ALTER TABLE {t} ADD COLUMNS (seat INT)");
    assertThat(refresh("by_origin")).isEqualTo("FULL: the columns of gold.route_day changed");
    lake.sql(
        "CREATE OR REPLACE TABLE {t} USING delta AS SELECT DATE'2001-01-01' AS event_date,"
            + " TIMESTAMP'2001-01-01 08:00:00' AS at, 'SFO' AS origin, 7 AS delay, 1.00BD AS fee");
    assertThat(refresh("by_origin")).startsWith("FULL: ").contains("gold.route_day");
    lake.view("by_origin", BY_ORIGIN.replace("'XXX'", "'YYY'"));
    assertThat(refresh("by_origin")).isEqualTo("FULL: the query is another one");
    lake.sql("INSERT INTO {t} VALUES (DATE'2001-01-01', NULL, 'SFO', 8, 2.00)");
    assertThat(refresh("by_origin")).startsWith("ADDITIVE: ");
    lake.sql("UPDATE {t} SET delay = 1 WHERE delay = 8");
    assertThat(refresh("by_origin"))
        .isEqualTo(
            "FULL: rows of gold.route_day changed, and the query does not keep the source's"
                + " partitions");
  }

  @Test
  void filesThatWereCompactedBeforeTheyWereReadAreNotReadTwice() {
    lake.view("by_origin", BY_ORIGIN);
    refresh("by_origin");
    for (int i = 0; i < 3; i++) {
      lake.sql("INSERT INTO {t} VALUES (DATE'2001-01-02', NULL, 'SFO', " + i + ", 2.00)");
    }
    lake.sql("OPTIMIZE {t}");
    assertThat(refresh("by_origin"))
        .isEqualTo("PARTITION: what came stands in other files by now, in 1 partition");
  }

  @Test
  void aQueryWhoseMeasuresDoNotMergeIsComputedByPartition() {
    lake.view(
        "by_day",
        "-- partition_by: day\n",
        """
        SELECT event_date AS day, count(DISTINCT origin) AS origins, sum(CAST(delay AS DOUBLE)) AS d
        FROM gold.route_day WHERE delay IS NOT NULL GROUP BY event_date HAVING count(*) > 0
        """);
    refresh("by_day");
    lake.sql("INSERT INTO {t} VALUES (DATE'2001-01-02', NULL, 'SFO', 1, 2.00)");
    assertThat(refresh("by_day"))
        .isEqualTo("PARTITION: rows of gold.route_day only came, in 1 partition");
    lake.sql("DELETE FROM {t} WHERE event_date IS NULL");
    assertThat(refresh("by_day")).startsWith("PARTITION: ");

    lake.view("by_plain", "SELECT event_date, origin, delay * 2 AS twice FROM gold.route_day");
    refresh("by_plain");
    lake.sql("DELETE FROM {t} WHERE delay = 9");
    assertThat(refresh("by_plain")).startsWith("PARTITION: ");

    lake.view("top", "SELECT origin, count(DISTINCT delay) AS n FROM gold.route_day GROUP BY ALL");
    refresh("top");
    lake.sql("INSERT INTO {t} VALUES (DATE'2001-01-02', NULL, 'SFO', 2, 2.00)");
    assertThat(refresh("top"))
        .isEqualTo(
            "FULL: rows of gold.route_day only came, and `count` of distinct values does not"
                + " merge");
  }

  @Test
  void onlyTouchedPartitionsOfAViewAreWritten() {
    lake.view(
        "days",
        "-- partition_by: event_date\n",
        "SELECT event_date, origin, sum(delay) AS d FROM gold.route_day GROUP BY event_date, origin");
    refresh("days");
    List<String> before = List.of(lake.table("days").read().inputFiles());
    lake.sql("INSERT INTO {t} VALUES (DATE'2001-01-02', NULL, 'LAX', 1, 2.00)");
    assertThat(refresh("days")).startsWith("ADDITIVE: ");
    assertThat(List.of(lake.table("days").read().inputFiles()))
        .filteredOn(before::contains)
        .hasSize(before.size() - 1);
  }

  @Test
  void aWindowSlidesOverMinutesOfPartialAggregates() {
    String lastHour =
        """
        SELECT :as_of AS as_of, origin, count(*) AS n, sum(delay) AS delay FROM gold.route_day
        WHERE at >= :as_of - INTERVAL 1 HOUR AND at < :as_of AND delay IS NOT NULL GROUP BY origin
        """;
    lake.view("last_hour", lastHour);
    assertThat(refresh("last_hour")).startsWith("FULL: ");
    assertThat(lake.rows("last_hour")).hasSize(1);
    lake.sql(
        """
        INSERT INTO {t} VALUES (DATE'2001-01-03', TIMESTAMP'2001-01-03 12:00:59.9', 'LAX', 2, 1),
          (DATE'2001-01-03', TIMESTAMP'2001-01-03 11:00:30', 'LAX', 7, 1)
        """);
    assertThat(refresh("last_hour")).startsWith("ADDITIVE: rows of gold.route_day only came");
    assertThat(lake.refresh("last_hour", "2001-01-03T12:01:00Z"))
        .isEqualTo("ADDITIVE: no row came, and the answer follows from partial aggregates");
    assertThat(lake.refresh("last_hour", "2001-01-03T12:16:00Z")).startsWith("ADDITIVE: ");
    assertThat(lake.rows("last_hour")).containsExactly("2001-01-03T12:16:00Z LAX 1 2");
    assertThat(lake.refresh("last_hour", "2001-01-02T11:00:00Z"))
        .isEqualTo("FULL: :as_of went back behind what partial aggregates are kept of");

    lake.view("last_hour", lastHour.replace("at <", "at <="));
    refresh("last_hour");
    assertThat(lake.refresh("last_hour", "2001-01-03T12:01:00Z"))
        .startsWith("FULL: another minute has begun, and it compares with :as_of otherwise");
    lake.view("last_hour", lastHour.replace("1 HOUR", "90 SECONDS"));
    refresh("last_hour");
    assertThat(lake.refresh("last_hour", "2001-01-03T12:01:00Z"))
        .contains("a bound of `at` is no whole minute");
  }

  @Test
  void aWindowOfDaysSlidesOverDays() {
    lake.view(
        "days",
        """
        SELECT event_date, count(*) AS n FROM gold.route_day
        WHERE event_date BETWEEN date_sub(:as_of, 1) AND :as_of GROUP BY event_date
        """);
    refresh("days");
    assertThat(lake.rows("days")).containsExactly("2001-01-02 1", "2001-01-03 1");
    assertThat(lake.refresh("days", "2001-01-04T00:00:00Z")).startsWith("ADDITIVE: ");
    assertThat(lake.rows("days")).containsExactly("2001-01-03 1");
    lake.sql("UPDATE {t} SET event_date = DATE'2001-01-04' WHERE delay = -3");
    assertThat(lake.refresh("days", "2001-01-04T00:01:00Z")).startsWith("PARTITION: ");
  }

  @Test
  void aPolicyOfIncrementalFailsRatherThanComputeInFull() {
    lake.view("by_origin", "-- policy: incremental\n", BY_ORIGIN);
    assertThat(refresh("by_origin")).startsWith("FULL: the view has not been made yet");
    lake.sql("RESTORE TABLE {t} TO VERSION AS OF 0");
    MaterializedViews views = lake.views(Steps.SILENT);
    Instant noon = Instant.parse(NOON);
    assertThatThrownBy(() -> views.refresh(lake.query("by_origin"), noon, false))
        .isInstanceOfSatisfying(
            AssayException.class,
            e -> {
              assertThat(e)
                  .hasMessage(
                      "materialized_views.by_origin would be refreshed in full, which its policy"
                          + " forbids: an earlier version of gold.route_day was restored");
              assertThat(e.mend()).startsWith("run 'assay views refresh by_origin --full' once");
            });
    assertThat(views.refresh(lake.query("by_origin"), noon, true).plan().strategy())
        .isEqualTo(Strategy.FULL);
    lake.assertIsTheQuery("by_origin", "after all", NOON);
  }

  @Test
  void killedBetweenItsTwoCommitsARefreshGoesOnFromTheFirst() {
    lake.view("by_origin", BY_ORIGIN);
    refresh("by_origin");
    lake.sql("INSERT INTO {t} VALUES (DATE'2001-01-02', NULL, 'SFO', 1, 2.00)");
    Steps killed =
        (stage, step) -> {
          if (step.contains("partial aggregates")) {
            throw new IllegalStateException("killed");
          }
        };
    assertThatThrownBy(
            () -> lake.views(killed).refresh(lake.query("by_origin"), Instant.parse(NOON), false))
        .hasMessage("killed");
    assertThat(refresh("by_origin"))
        .isEqualTo("ADDITIVE: no row came, and the answer follows from partial aggregates");
  }

  @Test
  void manyPartitionsAreNoReasonToMergePartialAggregates() {
    lake.sql(
        "INSERT INTO {t} SELECT /*+ COALESCE(1) */ date_add(DATE'2001-02-01', CAST(id AS INT)),"
            + " NULL, 'SEA', 1, 1.00BD FROM range(201)");
    lake.view("by_origin", BY_ORIGIN);
    refresh("by_origin");
    LakeTable partials = new LakeTable(lake.spark, lake.lake.viewState("by_origin"));
    List<String> before = List.of(partials.read().inputFiles());
    assertThat(before).hasSizeGreaterThan(200);
    lake.sql("INSERT INTO {t} VALUES (DATE'2001-01-02', NULL, 'LAX', 1, 2.00)");
    assertThat(refresh("by_origin")).startsWith("ADDITIVE: ");
    assertThat(List.of(partials.read().inputFiles()))
        .hasSize(before.size() + 1)
        .containsAll(before);
  }

  @Test
  void whatAnotherRunAddedMeanwhileIsNotAddedTwice() {
    lake.view("by_origin", BY_ORIGIN);
    refresh("by_origin");
    lake.sql("INSERT INTO {t} VALUES (DATE'2001-01-02', NULL, 'SFO', 1, 2.00)");
    Instant noon = Instant.parse(NOON);
    ViewRefresh begunBefore =
        new ViewRefresh(
            new ViewBasis(
                lake.spark,
                lake.lake,
                new ViewSources(lake.spark, lake.lake, lake.definitions()),
                lake.query("by_origin"),
                noon),
            false,
            Steps.SILENT);
    Steps killed =
        (stage, step) -> {
          throw new IllegalStateException("killed between its commits");
        };
    assertThatThrownBy(() -> lake.views(killed).refresh(lake.query("by_origin"), noon, false))
        .hasMessage("killed between its commits");
    assertThatThrownBy(() -> begunBefore.run(noon))
        .isInstanceOfSatisfying(
            AssayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN));
    assertThat(refresh("by_origin")).startsWith("ADDITIVE: no row came");
  }

  @Test
  void whereNothingChangedNoJobRuns() throws Exception {
    lake.view("by_origin", BY_ORIGIN);
    lake.sql("INSERT INTO {t} VALUES (DATE'2001-01-02', NULL, 'SFO', 1, 2.00)");
    refresh("by_origin");
    refresh("by_origin");
    MaterializedViews views = lake.views(Steps.SILENT);
    var query = lake.query("by_origin");
    int jobs =
        JobCount.of(
            lake.spark,
            () ->
                assertThat(views.refresh(query, Instant.parse(NOON), false).plan().strategy())
                    .isEqualTo(Strategy.NONE));
    assertThat(jobs).isZero();
  }

  @Test
  void aViewOverAViewReadsItAsItStands() {
    lake.view("total", "SELECT sum(n) AS n FROM materialized_views.by_origin");
    lake.view("by_origin", BY_ORIGIN);
    assertThat(lake.definitions().views())
        .extracting(view -> view.name())
        .containsExactly("by_origin", "total");
    MaterializedViews views = lake.views(Steps.SILENT);
    assertThatThrownBy(() -> views.refresh(lake.query("total"), Instant.parse(NOON), false))
        .hasMessage(
            "materialized_views.total reads materialized_views.by_origin, which is not there yet");
    refresh("by_origin");
    views.refresh(lake.query("total"), Instant.parse(NOON), false);
    assertThat(lake.rows("total")).containsExactly("4");
    ViewState state = views.state(lake.query("total"));
    assertThat(state.rows()).isEqualTo(1);
    assertThat(state.behind()).isEmpty();
    lake.sql("INSERT INTO {t} VALUES (DATE'2001-01-02', NULL, 'SFO', 1, 2.00)");
    assertThat(views.state(lake.query("by_origin")).behind()).containsOnlyKeys("gold.route_day");
  }

  @Test
  void aViewIsAPlainTable() {
    lake.view("by_origin", BY_ORIGIN);
    refresh("by_origin");
    var detail =
        lake.spark.sql("DESCRIBE DETAIL delta.`" + lake.table("by_origin").path() + "`").head();
    assertThat(detail.<Integer>getAs("minReaderVersion")).isEqualTo(1);
    assertThat(new LakeTable(lake.spark, lake.table("by_origin").path()).read().columns())
        .noneMatch(column -> column.startsWith("_"));
  }

  private String refresh(String name) {
    return lake.refresh(name, NOON);
  }
}
