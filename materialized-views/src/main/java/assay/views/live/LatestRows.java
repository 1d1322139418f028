package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import assay.core.contract.Contract;
import assay.core.contract.LiveDefinition;
import assay.silver.EventParser;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * The row of each key that stands last, by the order that decides between rows of a key on every
 * path. A partial is the last row of a key in one micro-batch.
 */
final class LatestRows implements ViewKind {
  private static final String LAST = "_last";

  private final Contract contract;
  private final LiveDefinition.Latest latest;

  LatestRows(Contract contract, LiveDefinition.Latest latest) {
    this.contract = contract;
    this.latest = latest;
  }

  @Override
  public String name() {
    return latest.name();
  }

  @Override
  public String definition() {
    List<String> shown = shown(contract);
    return Stream.of("latest", contract.zone().getId(), list(latest.by()), order(), list(shown))
        .collect(Collectors.joining(";"));
  }

  @Override
  public Dataset<Row> accumulate(Dataset<Row> counted) {
    // A row that is taken back is of the key of one that is later, and is never the last.
    Column rows =
        contract.adjusts()
            ? sum(when(col(LiveView.TAKEN_BACK), lit(-1L)).otherwise(lit(1L)))
            : count(lit(1));
    return counted
        .groupBy(latest.by().stream().map(functions::col).toArray(Column[]::new))
        .agg(rows.as(LiveView.ROWS), expr(lastOf(kept())))
        .selectExpr(Stream.concat(fields(kept()), Stream.of(LiveView.ROWS)).toArray(String[]::new));
  }

  @Override
  public Fold fold(StructType types) {
    return Fold.of(
        new Fold.GroupBy(latest.by(), List.of(lastOf(shown(contract)))),
        new Fold.Select(fields(shown(contract)).toList()));
  }

  private String lastOf(List<String> columns) {
    return Fold.as("max_by(struct(%s), %s)".formatted(list(columns), order()), LAST);
  }

  private static Stream<String> fields(List<String> columns) {
    return columns.stream().map(name -> Fold.as(LAST + "." + Fold.quoted(name), name));
  }

  /** NULL is the least of a struct's field, as it is in the contract's order. */
  private String order() {
    List<String> columns =
        Stream.concat(
                contract.orderBy().stream(), Stream.of(EventParser.PARTITION, EventParser.OFFSET))
            .toList();
    return "struct(" + list(columns) + ")";
  }

  /** The columns of the view. */
  static List<String> shown(Contract contract) {
    return Stream.concat(contract.allColumnNames().stream(), Stream.of(EventParser.EVENT_DATE))
        .toList();
  }

  private List<String> kept() {
    return Stream.concat(
            shown(contract).stream(),
            Stream.of(EventParser.PARTITION, EventParser.OFFSET, EventParser.INGESTED_AT))
        .toList();
  }

  private static String list(List<String> names) {
    return names.stream().map(Fold::quoted).collect(Collectors.joining(", "));
  }

  @Override
  public List<String> apart() {
    return latest.by();
  }

  @Override
  public boolean staysInItsDay() {
    return false;
  }
}
