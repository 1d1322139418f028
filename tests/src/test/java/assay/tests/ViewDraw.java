package assay.tests;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Draws tables, queries and changes at random. The table is {@code t} in all texts; few values for
 * each column, so that rows meet their equals again and again.
 */
final class ViewDraw {
  private static final List<String> KEYS =
      List.of(
          "event_date",
          "origin",
          "upper(origin)",
          "date_trunc('HOUR', at)",
          "delay % 3",
          "event_date, origin",
          "event_date, fee",
          "date_trunc('DAY', at), origin");

  private static final List<String> MERGE =
      List.of(
          "count(*)",
          "count(delay)",
          "sum(delay)",
          "sum(fee)",
          "min(at)",
          "max(origin)",
          "avg(delay)",
          "avg(fee)",
          "sum(fee) FILTER (WHERE delay > 0)",
          "max(delay) - min(delay)",
          "coalesce(sum(delay), 0) * 2 + count(*)",
          "max(event_date)");

  private static final List<String> DO_NOT_MERGE =
      List.of("count(DISTINCT origin)", "sum(CAST(delay AS DOUBLE))", "percentile(delay, 0.5)");

  private static final List<String> WHERE =
      List.of(
          "",
          "",
          "WHERE delay IS NOT NULL",
          "WHERE origin <> 'b' AND delay > -2",
          "WHERE at >= :as_of - INTERVAL 2 HOURS AND at < :as_of",
          "WHERE at >= date_trunc('HOUR', :as_of) - INTERVAL 1 DAY AND delay IS NOT NULL",
          "WHERE event_date >= date_sub(:as_of, 1)",
          "WHERE event_date BETWEEN date_sub(:as_of, 2) AND date_sub(:as_of, 1)",
          "WHERE event_date > :as_of - INTERVAL 2 DAYS");

  private static final List<String> UNPROVEN_WHERE =
      List.of(
          "WHERE at > :as_of - INTERVAL 2 HOURS",
          "WHERE at >= :as_of - INTERVAL 90 SECONDS",
          "WHERE delay < hour(:as_of)");

  private static final List<String> PLAIN =
      List.of(
          "SELECT event_date, origin, delay + 1 AS more FROM t WHERE delay > 0",
          "SELECT DISTINCT event_date, origin FROM t",
          "SELECT origin, at, fee FROM t WHERE origin IS NOT NULL",
          "SELECT event_date, n FROM (SELECT event_date, count(*) AS n FROM t GROUP BY event_date)"
              + " WHERE n > 1",
          "SELECT origin, delay FROM t ORDER BY ALL LIMIT 3",
          "SELECT a.origin, count(*) AS n FROM t AS a JOIN t AS b ON a.delay = b.delay"
              + " GROUP BY a.origin");

  private final Random random;

  ViewDraw(long seed) {
    this.random = new Random(seed);
  }

  /** The columns of the table, and how it is partitioned. */
  String table() {
    return "(event_date DATE, at TIMESTAMP, origin STRING, delay %s, fee %s) USING delta %s"
        .formatted(
            of("INT", "INT", "SMALLINT", "BIGINT"),
            of("DECIMAL(10,2)", "DECIMAL(5,1)", "BIGINT"),
            of(
                "PARTITIONED BY (event_date)",
                "PARTITIONED BY (event_date)",
                "PARTITIONED BY (origin)",
                ""));
  }

  /** The header lines and the query of a view. */
  String view() {
    if (random.nextInt(6) == 0) {
      return of(PLAIN);
    }
    String keys = random.nextInt(6) == 0 ? "" : of(KEYS);
    List<String> columns = new ArrayList<>();
    if (!keys.isEmpty()) {
      String[] parts = keys.split(", (?![^(]*\\))", -1);
      for (int i = 0; i < parts.length; i++) {
        columns.add(parts[i].equals("event_date") ? parts[i] : parts[i] + " AS k" + i);
      }
    }
    int measures = 1 + random.nextInt(3);
    for (int i = 0; i < measures; i++) {
      boolean merges = random.nextInt(8) != 0;
      columns.add(of(merges ? MERGE : DO_NOT_MERGE) + " AS m" + i);
    }
    String where = of(random.nextInt(8) == 0 ? UNPROVEN_WHERE : WHERE);
    if (where.contains(":as_of") && random.nextBoolean()) {
      columns.add(":as_of AS as_of");
    }
    String having = random.nextInt(10) == 0 ? " HAVING count(*) > 1" : "";
    String header =
        keys.startsWith("event_date") && random.nextBoolean()
            ? "-- partition_by: event_date\n"
            : "";
    return header
        + "SELECT "
        + String.join(", ", columns)
        + " FROM t "
        + where
        + (keys.isEmpty() ? "" : " GROUP BY " + keys)
        + having;
  }

  /** A change of the table, as SQL; empty for none. */
  String change() {
    return switch (random.nextInt(14)) {
      case 0, 1, 2, 3, 11, 12 -> insert(1 + random.nextInt(4));
      case 4 -> "UPDATE t SET delay = delay + 1 WHERE origin = '" + origin() + "'";
      case 5 -> "UPDATE t SET event_date = " + day() + " WHERE delay = " + random.nextInt(4);
      case 6 -> "DELETE FROM t WHERE delay = " + random.nextInt(4);
      case 7 -> "INSERT OVERWRITE t SELECT * FROM t WHERE delay > 0";
      case 8 -> "OPTIMIZE t";
      case 9 -> "RESTORE TABLE t TO VERSION AS OF 1";
      case 10 -> "ALTER TABLE t SET TBLPROPERTIES ('note' = '" + random.nextInt() + "')";
      default -> "";
    };
  }

  /** Rows of any day, so that some are late. */
  String insert(int rows) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      String at =
          random.nextInt(9) == 0
              ? "NULL"
              : "TIMESTAMP'2001-01-0%d %02d:%02d:%02d.5'"
                  .formatted(
                      1 + random.nextInt(7),
                      9 + random.nextInt(4),
                      random.nextInt(60),
                      random.nextInt(60));
      values.add(
          "(%s, %s, %s, %s, %s)"
              .formatted(
                  day(),
                  at,
                  random.nextInt(9) == 0 ? "NULL" : "'" + origin() + "'",
                  random.nextInt(9) == 0 ? "NULL" : Integer.toString(random.nextInt(8) - 3),
                  random.nextInt(9) == 0 ? "NULL" : random.nextInt(20) + ""));
    }
    return "INSERT INTO t VALUES " + String.join(", ", values);
  }

  /** Minutes from one refresh to the next. */
  int minutes() {
    return Integer.parseInt(of("0", "0", "0", "1", "45", "1440"));
  }

  private String day() {
    return random.nextInt(9) == 0 ? "NULL" : "DATE'2001-01-0" + (1 + random.nextInt(7)) + "'";
  }

  private String origin() {
    return of("a", "b", "A", "c");
  }

  private String of(String... texts) {
    return of(List.of(texts));
  }

  private String of(List<String> texts) {
    return texts.get(random.nextInt(texts.size()));
  }
}
