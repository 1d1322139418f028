package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import assay.core.contract.Contract;
import assay.core.contract.LiveDefinition;
import assay.silver.EventParser;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Sessions by key: runs of rows, by event time, each at most the gap after the one before it. A
 * partial is a session of the rows of one micro-batch. Between any two rows of a partial that
 * follow each other there is at most the gap, so whatever lies within the gap of its span, or in
 * it, lies within the gap of one of its rows: joining partials by their spans gives the sessions of
 * all rows at once.
 */
final class SessionPartials implements ViewKind {
  /** The event times of a session's first and last row. */
  static final String START = "session_start";

  static final String END = "session_end";

  // Apart from the contract's columns, which measures name.
  private static final String FROM = "_session_from";
  private static final String TO = "_session_to";
  private static final String DAY = "_session_day";
  private static final String BEFORE = "_session_before";
  private static final String NUMBER = "_session_number";

  private final Contract contract;
  private final LiveDefinition.Sessions sessions;
  private final MeasurePartials measures;

  SessionPartials(SparkSession spark, Contract contract, LiveDefinition.Sessions sessions) {
    this.contract = contract;
    this.sessions = sessions;
    this.measures = new MeasurePartials(spark, contract, sessions.measures());
  }

  @Override
  public String name() {
    return sessions.name();
  }

  @Override
  public String definition() {
    return Stream.concat(
            Stream.of(
                "sessions",
                contract.zone().getId(),
                String.join(",", sessions.by()),
                sessions.gap() + ""),
            measures.definition())
        .collect(Collectors.joining(";"));
  }

  @Override
  public Dataset<Row> accumulate(Dataset<Row> counted) {
    String time = Fold.quoted(contract.eventTime());
    Dataset<Row> spans = counted.selectExpr("*", Fold.as(time, FROM), Fold.as(time, TO));
    List<String> by = new ArrayList<>(sessions.by());
    by.add(NUMBER);
    Dataset<Row> partials =
        measures.ofRows(
            new Fold(numbered()).of(spans),
            by,
            expr("min_by(%s, %s)".formatted(EventParser.EVENT_DATE, FROM)).as(DAY),
            min(col(FROM)).as(START),
            max(col(TO)).as(END),
            max(col(EventParser.INGESTED_AT)).as(EventParser.INGESTED_AT));
    return partials.withColumnRenamed(DAY, EventParser.EVENT_DATE).drop(NUMBER);
  }

  @Override
  public Fold fold(StructType types) {
    List<Fold.Step> steps = new ArrayList<>();
    steps.add(new Fold.Select(List.of("*", Fold.as(START, FROM), Fold.as(END, TO))));
    steps.addAll(numbered());
    List<String> by = new ArrayList<>(sessions.by());
    by.add(NUMBER);
    Fold.GroupBy merged = (Fold.GroupBy) measures.merge(by, types).get(0);
    List<String> aggregates = new ArrayList<>(merged.aggregates());
    aggregates.add(
        Fold.as("min_by(%s, %s)".formatted(EventParser.EVENT_DATE, FROM), EventParser.EVENT_DATE));
    aggregates.add(Fold.as("min(" + FROM + ")", START));
    aggregates.add(Fold.as("max(" + TO + ")", END));
    steps.add(new Fold.GroupBy(by, aggregates));
    List<String> values = new ArrayList<>();
    values.add(EventParser.EVENT_DATE);
    sessions.by().forEach(name -> values.add(Fold.quoted(name)));
    values.addAll(List.of(START, END));
    values.addAll(measures.values());
    steps.add(new Fold.Select(values));
    return new Fold(steps);
  }

  /** Numbers the sessions of each key, over spans from {@link #FROM} to {@link #TO}. */
  private List<Fold.Step> numbered() {
    String order =
        "PARTITION BY %s ORDER BY %s, %s"
            .formatted(
                sessions.by().stream().map(Fold::quoted).collect(Collectors.joining(", ")),
                FROM,
                TO);
    String before =
        "max(%s) OVER (%s ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)".formatted(TO, order);
    String begins =
        "CASE WHEN unix_micros(%s) - unix_micros(%s) <= %dL THEN 0L ELSE 1L END"
            .formatted(FROM, BEFORE, sessions.gap().toSeconds() * 1_000_000);
    String number =
        "sum(%s) OVER (%s ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
            .formatted(begins, order);
    return List.of(
        new Fold.Select(List.of("*", Fold.as(before, BEFORE))),
        new Fold.Select(List.of("*", Fold.as(number, NUMBER))));
  }

  @Override
  public List<String> apart() {
    return sessions.by();
  }

  @Override
  public List<String> key() {
    List<String> key = new ArrayList<>(sessions.by());
    key.add(START);
    return key;
  }

  /** A session that another one joins begins where the earlier of the two did. */
  @Override
  public boolean rowsVanish() {
    return true;
  }

  @Override
  public boolean staysInItsDay() {
    return false;
  }
}
