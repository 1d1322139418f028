package assay.gold;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.testing.TestSpark;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every measure, with NULLs as SQL has them. */
class GoldMeasuresTest {
  private static final String CONTRACT =
      """
      domain: events
      source: {topic: events}
      columns:
        id: string required
        at: timestamp required
        kind: string
        n: int
        amount: decimal(10,2)
      key: [id]
      event_time: at
      metrics:
        per_kind:
          by: [kind]
          measures:
            events: count(*)
            numbers: count(n)
            total: sum(amount)
            mean: avg(n)
            least: min(n)
            most: max(n)
            kinds_of_n: count(DISTINCT n)
            pairs: count(DISTINCT n, amount)
            middle: percentile(n, 0.5)
            high: percentile(n, 0.9)
            set_of_n: collect_set(n)
            opened: first(n)
            closed: last(n)
            paid_first: first(amount)
            paid_last: last(amount)
        per_day:
          measures:
            ids: collect_set(id)
            kinds: collect_set(upper(kind))
            opened: first(id)
            closed: last(id)
            most: max(n)
      """;

  @TempDir Path folder;

  @Test
  void measuresAreExactAndNullsAreLeftOutOrCountAsSqlHasIt() {
    GoldFixture events = new GoldFixture(folder, CONTRACT);
    events.ingest(
        "2001-01-01T12:00:00Z",
        event("a1", "2001-01-01T08:00:00Z", "a", "1", "10.00"),
        event("a2", "2001-01-01T09:00:00Z", "a", "3", "20.00"),
        event("a3", "2001-01-01T10:00:00Z", "a", "null", "20.00"),
        // The first by event time, though not by arrival.
        event("a4", "2001-01-01T07:00:00Z", "a", "5", "null"),
        // At the same moment as a3, and behind it in Kafka.
        event("a5", "2001-01-01T10:00:00Z", "a", "3", "5.00"),
        event("b1", "2001-01-01T08:30:00Z", "b", "null", "null"),
        event("b2", "2001-01-01T09:30:00Z", "b", "null", "null"),
        event("c1", "2001-01-01T23:59:59Z", null, "2", "1.00"));
    assertThat(events.run()).extracting(GoldResult::metrics).containsExactly("per_kind", "per_day");

    assertThat(
            events.cells("per_kind", "kind", "events", "numbers", "total", "mean", "least", "most"))
        .containsExactly(
            "NULL 1 1 1.00 2.0 2 2", "a 5 4 55.00 3.0 1 5", "b 2 0 NULL NULL NULL NULL");
    assertThat(
            events.cells("per_kind", "kind", "kinds_of_n", "pairs", "middle", "high", "set_of_n"))
        .containsExactly(
            "NULL 1 1 2.0 2.0 [2]",
            // Of 1, 3, 3, 5: half way is between the two 3; 0.9 of the way is 0.7 from 3 to 5.
            "a 3 3 3.0 4.4 [1, 3, 5]",
            "b 0 0 NULL NULL []");
    assertThat(events.cells("per_kind", "kind", "opened", "closed", "paid_first", "paid_last"))
        .containsExactly("NULL 2 2 1.00 1.00", "a 5 3 NULL 5.00", "b NULL NULL NULL NULL");
    assertThat(events.cells("per_day", "event_date", "ids", "kinds", "opened", "closed"))
        .containsExactly("2001-01-01 [a1, a2, a3, a4, a5, b1, b2, c1] [A, B] a4 c1");
  }

  @Test
  @Tag("long")
  void aColumnThatSilverWidensMakesGoldAnew() {
    GoldFixture events = new GoldFixture(folder, CONTRACT);
    events.ingest("2001-01-01T12:00:00Z", event("a1", "2001-01-01T08:00:00Z", "a", "1", "1.00"));
    events.run();
    assertThat(events.table("per_day").read().schema().apply("most").dataType())
        .isEqualTo(DataTypes.IntegerType);
    String silverId = events.silverTable().id();
    events
        .silverTable()
        .read()
        .selectExpr("* EXCEPT (n)", "CAST(n AS BIGINT) AS n")
        .write()
        .format("delta")
        .mode(SaveMode.Overwrite)
        .option("overwriteSchema", "true")
        .partitionBy("event_date")
        .save(events.silverTable().path());
    assertThat(events.silverTable().id()).isEqualTo(silverId);
    assertThat(events.gold().run(Optional.empty()))
        .extracting(GoldResult::reason)
        .containsOnly(GoldPlan.Reason.OTHER_BASIS);
    assertThat(events.table("per_day").read().schema().apply("most").dataType())
        .isEqualTo(DataTypes.LongType);
    assertThat(events.cells("per_day", "event_date", "most")).containsExactly("2001-01-01 1");
    assertThat(
            TestSpark.session()
                .sql("DESCRIBE DETAIL delta.`" + events.table("per_day").path() + "`")
                .selectExpr("minReaderVersion")
                .head()
                .getInt(0))
        .isEqualTo(1);
  }

  private static String event(String id, String at, String kind, String n, String amount) {
    return "{\"id\":\"%s\",\"at\":\"%s\",\"kind\":%s,\"n\":%s,\"amount\":%s}"
        .formatted(id, at, kind == null ? "null" : "\"" + kind + "\"", n, amount);
  }
}
