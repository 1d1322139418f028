package assay.gold;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two gold tables of the textbook events pipeline: metrics by date and type, user daily. */
class TextbookTablesTest {
  private static final LocalDate FIRST = LocalDate.parse("2001-01-01");
  private static final LocalDate THIRD = LocalDate.parse("2001-01-03");

  private static final String CONTRACT =
      """
      domain: events
      source: {topic: events}
      columns:
        event_id:   string required
        user_id:    string
        event_type: string required
        amount:     decimal(12,2)
        at:         timestamp required
      key: [event_id]
      event_time: at
      metrics:
        type_daily:
          by: [event_type]
          measures:
            unique_users: count(DISTINCT user_id)
            events:       count(*)
            total:        sum(amount)
            average:      avg(amount)
            first_event:  min(at)
            last_event:   max(at)
        user_daily:
          by: [user_id]
          measures:
            events: count(*)
            spend:  sum(amount)
            types:  collect_set(event_type)
      """;

  @TempDir Path folder;

  @Test
  void bothTablesAreExactThroughLateRowsAndDaysThatEmpty() {
    GoldFixture events = new GoldFixture(folder, CONTRACT);
    events.ingest(
        "2001-01-03T12:00:00Z",
        event("e1", "\"ann\"", "purchase", "19.99", "2001-01-01T09:00:00Z"),
        event("e2", "\"bob\"", "purchase", "0.01", "2001-01-01T10:00:00Z"),
        event("e3", "\"ann\"", "purchase", "null", "2001-01-01T08:00:00.25Z"),
        event("e4", "\"ann\"", "click", "null", "2001-01-01T23:59:59.999999Z"),
        event("e5", "null", "click", "null", "2001-01-01T00:00:00Z"),
        // Nothing happens on 2001-01-02.
        event("e6", "\"bob\"", "refund", "-5.00", "2001-01-03T00:00:00Z"));
    assertThat(events.run())
        .allSatisfy(result -> assertThat(result.days()).containsExactly(FIRST, THIRD));
    assertThat(byType(events))
        .containsExactly(
            "2001-01-01 click 1 2 NULL NULL 2001-01-01 00:00:00 2001-01-01 23:59:59.999999",
            "2001-01-01 purchase 2 3 20.00 10.000000 2001-01-01 08:00:00.25 2001-01-01 10:00:00",
            "2001-01-03 refund 1 1 -5.00 -5.000000 2001-01-03 00:00:00 2001-01-03 00:00:00");
    assertThat(byUser(events))
        .containsExactly(
            "2001-01-01 NULL 1 NULL [click]",
            "2001-01-01 ann 3 19.99 [click, purchase]",
            "2001-01-01 bob 1 0.01 [purchase]",
            "2001-01-03 bob 1 -5.00 [refund]");

    // A late row of the first day, and a correction that takes the third day's only row there too.
    events.ingest(
        "2001-01-03T13:00:00Z",
        event("e7", "\"cid\"", "click", "1.50", "2001-01-01T12:00:00Z"),
        event("e6", "\"bob\"", "refund", "-5.00", "2001-01-01T11:00:00Z"));
    List<GoldResult> late = events.run();
    assertThat(late).allSatisfy(result -> assertThat(result.days()).containsExactly(FIRST, THIRD));
    assertThat(late.get(0).restated())
        .containsExactly(
            restated(FIRST, "events", "5", "7"),
            restated(FIRST, "total", "20", "16.5"),
            new RestatedTotal(THIRD, "events", Optional.of(BigDecimal.ONE), Optional.empty()),
            new RestatedTotal(THIRD, "total", Optional.of(new BigDecimal("-5")), Optional.empty()));
    assertThat(byType(events))
        .containsExactly(
            "2001-01-01 click 2 3 1.50 1.500000 2001-01-01 00:00:00 2001-01-01 23:59:59.999999",
            "2001-01-01 purchase 2 3 20.00 10.000000 2001-01-01 08:00:00.25 2001-01-01 10:00:00",
            "2001-01-01 refund 1 1 -5.00 -5.000000 2001-01-01 11:00:00 2001-01-01 11:00:00");
    assertThat(byUser(events))
        .containsExactly(
            "2001-01-01 NULL 1 NULL [click]",
            "2001-01-01 ann 3 19.99 [click, purchase]",
            "2001-01-01 bob 2 -4.99 [purchase, refund]",
            "2001-01-01 cid 1 1.50 [click]");
  }

  private static List<String> byType(GoldFixture events) {
    return events.cells(
        "type_daily",
        "event_date",
        "event_type",
        "unique_users",
        "events",
        "total",
        "average",
        "first_event",
        "last_event");
  }

  private static List<String> byUser(GoldFixture events) {
    return events.cells("user_daily", "event_date", "user_id", "events", "spend", "types");
  }

  private static RestatedTotal restated(
      LocalDate day, String measure, String before, String after) {
    return new RestatedTotal(
        day, measure, Optional.of(new BigDecimal(before)), Optional.of(new BigDecimal(after)));
  }

  private static String event(String id, String user, String type, String amount, String at) {
    return "{\"event_id\":\"%s\",\"user_id\":%s,\"event_type\":\"%s\",\"amount\":%s,\"at\":\"%s\"}"
        .formatted(id, user, type, amount, at);
  }
}
