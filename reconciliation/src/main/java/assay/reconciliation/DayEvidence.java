package assay.reconciliation;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.Row;

/**
 * What the tables say of one day of one metric set: a row of {@code reconciliation.evidence}.
 *
 * @param verdict as {@link Verdict#label}
 * @param reason why no more can be said; empty where nothing stands in the way
 * @param contractHash of the contract that was compared under
 * @param rung as {@link Rung#label}: how far the comparison went
 * @param shareBeyond the share of cells that stand further apart than the contract's tolerances,
 *     from 0 to 1
 * @param ignored measures of cells that differ and, as the contract says, do not count
 * @param fit whether BI may read the stream of this day on its account; see {@link DayVerdict}
 */
public record DayEvidence(
    String evidenceId,
    String metrics,
    LocalDate day,
    String verdict,
    Optional<String> reason,
    long cells,
    long differing,
    BigDecimal unexplained,
    String contractHash,
    Instant reconciledAt,
    String rung,
    double shareBeyond,
    long ignored,
    boolean fit) {

  /** Whether something is left that no row explains. */
  public boolean diverged() {
    return verdict.equals("DIVERGED");
  }

  /** Whether it speaks against the stream, rather than not for it. */
  public boolean red() {
    return diverged() || (Verdict.isGreen(verdict) && !fit);
  }

  /** As {@code 2001-01-02 is DIVERGED}, with what makes it unfit. */
  public String inWords() {
    return day + " is " + state();
  }

  /** Several days in their order; those that follow each other in one state are named once. */
  public static String inWords(List<DayEvidence> days) {
    List<String> words = new ArrayList<>();
    for (int first = 0; first < days.size(); ) {
      int next = first + 1;
      while (next < days.size() && days.get(next).state().equals(days.get(first).state())) {
        next++;
      }
      DayEvidence one = days.get(first);
      words.add(
          next == first + 1
              ? one.inWords()
              : "%d days from %s to %s are %s"
                  .formatted(next - first, one.day(), days.get(next - 1).day(), one.state()));
      first = next;
    }
    return String.join(", ", words);
  }

  private String state() {
    String unfit =
        Verdict.isGreen(verdict) && !fit
            ? String.format(
                Locale.ROOT, " with %.2f %% of its cells beyond tolerance", shareBeyond * 100)
            : reason.map(why -> " (" + why + ")").orElse("");
    return verdict + unfit;
  }

  static DayEvidence of(Row row) {
    return new DayEvidence(
        row.getAs(EvidenceTables.EVIDENCE_ID),
        row.getAs("metrics"),
        row.getAs("day"),
        row.getAs("verdict"),
        Optional.ofNullable(row.getAs("reason")),
        row.<Long>getAs("cells"),
        row.<Long>getAs("differing"),
        row.getAs("unexplained"),
        row.getAs("contract_hash"),
        row.getAs("reconciled_at"),
        ofNewer(row, "rung", Rung.ROWS.label()),
        ofNewer(row, "share_beyond", 0.0),
        ofNewer(row, "ignored", 0L),
        ofNewer(row, "fit", Verdict.isGreen(row.getAs("verdict"))));
  }

  /** A column that evidence of earlier versions does not have. */
  private static <T> T ofNewer(Row row, String column, T otherwise) {
    if (row.schema().getFieldIndex(column).isEmpty()) {
      return otherwise;
    }
    T value = row.getAs(column);
    return value == null ? otherwise : value;
  }
}
