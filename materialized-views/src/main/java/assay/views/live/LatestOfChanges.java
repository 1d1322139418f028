package assay.views.live;

import assay.core.contract.Contract;
import assay.core.contract.LiveDefinition;
import assay.silver.Disposition;
import assay.silver.EventParser;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * The row of each key that stands, where rows of a change stream take others away. Which one stands
 * depends on all that came for the key and in which order: a delete without a place in the
 * contract's order takes what stands, and lets the next row stand. So a partial is one row, of a
 * repeat too, whose value may stand again after a delete, and the fold goes through those of a key
 * as silver does.
 */
final class LatestOfChanges implements ViewKind {
  /** A row that lost against one that counts may win where a delete took that one away. */
  private static final Set<String> TAKES =
      Set.of(
          Disposition.COUNTED, Disposition.SUPERSEDED, Disposition.DUPLICATE, Disposition.DELETED);

  private static final String ROWS = "_changes";
  private static final String LAST = "_last";
  private static final String STANDS = "s.";
  private static final String NEXT = "n.";

  private final Contract contract;
  private final LiveDefinition.Latest latest;

  /**
   * @param latest by the contract's key
   */
  LatestOfChanges(Contract contract, LiveDefinition.Latest latest) {
    this.contract = contract;
    this.latest = latest;
  }

  @Override
  public String name() {
    return latest.name();
  }

  @Override
  public String definition() {
    return Stream.of(
            "latest of changes",
            contract.zone().getId(),
            list(latest.by()),
            list(contract.orderBy()),
            list(contract.columnNames()),
            list(LatestRows.shown(contract)))
        .collect(Collectors.joining(";"));
  }

  @Override
  public Set<String> takes() {
    return TAKES;
  }

  @Override
  public Dataset<Row> accumulate(Dataset<Row> taken) {
    // One that is taken back comes a second time, which changes nothing in what stands.
    String takenBack = contract.adjusts() ? LiveView.TAKEN_BACK : "false";
    String counts =
        "CASE WHEN %s THEN -1L WHEN %s = '%s' THEN 1L ELSE 0L END"
            .formatted(takenBack, Disposition.COLUMN, Disposition.COUNTED);
    return taken.selectExpr(
        Stream.concat(kept().map(Fold::quoted), Stream.of(Fold.as(counts, LiveView.ROWS)))
            .toArray(String[]::new));
  }

  @Override
  public Fold fold(StructType types) {
    String isTruncate = is("", EventParser.TRUNCATE);
    String rows = "array_sort(collect_list(struct(%s)))".formatted(list(sorted().toList()));
    String others = "slice(%1$s, 2, size(%1$s) - 1)".formatted(ROWS);
    String last = "aggregate(%s, %s[0], (s, n) -> %s)".formatted(others, ROWS, standing());
    return Fold.of(
        new Fold.BehindLast(isTruncate, "struct(" + list(place()) + ")"),
        new Fold.GroupBy(latest.by(), List.of(Fold.as(rows, ROWS))),
        new Fold.Select(List.of(Fold.as(last, LAST))),
        new Fold.Where(is(LAST + ".", EventParser.UPSERT)),
        new Fold.Select(
            LatestRows.shown(contract).stream()
                .map(name -> Fold.as(LAST + "." + Fold.quoted(name), name))
                .toList()));
  }

  @Override
  public List<String> apart() {
    return latest.by();
  }

  @Override
  public Optional<String> touchesAll() {
    return Optional.of(is("", EventParser.TRUNCATE));
  }

  @Override
  public boolean rowsVanish() {
    return true;
  }

  /** Of the row that stands and the one that comes next the one that stands then. */
  private String standing() {
    String equal =
        Stream.concat(Stream.of(EventParser.OPERATION), contract.columnNames().stream())
            .map(Fold::quoted)
            .map(name -> NEXT + name + " <=> " + STANDS + name)
            .collect(Collectors.joining(" AND "));
    return "CASE WHEN %s THEN IF(%s, s, n) WHEN %s THEN s WHEN %s OR %s > %s THEN n ELSE s END"
        .formatted(
            isReset(NEXT),
            is(STANDS, EventParser.DELETE),
            equal,
            isReset(STANDS),
            order(NEXT),
            order(STANDS));
  }

  /** Whether a row is a delete that no value places among the rows of its key. */
  private String isReset(String row) {
    return Stream.concat(
            Stream.of(is(row, EventParser.DELETE)),
            contract.orderBy().stream().map(name -> row + Fold.quoted(name) + " IS NULL"))
        .collect(Collectors.joining(" AND ", "(", ")"));
  }

  private static String is(String row, String operation) {
    return "%s%s = '%s'".formatted(row, Fold.quoted(EventParser.OPERATION), operation);
  }

  /** NULL is the least of a struct's field, as it is in the contract's order. */
  private String order(String row) {
    return Stream.concat(
            contract.orderBy().stream(), Stream.of(EventParser.PARTITION, EventParser.OFFSET))
        .map(name -> row + Fold.quoted(name))
        .collect(Collectors.joining(", ", "struct(", ")"));
  }

  /** The order of bronze. */
  private static List<String> place() {
    return List.of(EventParser.INGESTED_AT, EventParser.PARTITION, EventParser.OFFSET);
  }

  /** All that is kept, with what sorts it first. */
  private Stream<String> sorted() {
    return Stream.concat(place().stream(), kept().filter(name -> !place().contains(name)));
  }

  private Stream<String> kept() {
    return Stream.of(
            LatestRows.shown(contract).stream(), Stream.of(EventParser.OPERATION), place().stream())
        .flatMap(names -> names);
  }

  private static String list(List<String> names) {
    return names.stream().map(Fold::quoted).collect(Collectors.joining(", "));
  }

  @Override
  public boolean staysInItsDay() {
    return false;
  }
}
