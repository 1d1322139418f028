package assay.reconciliation.serving;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a metric set stands, and the change that put it there: a row of {@code ops.stages}.
 *
 * @param number 0 before the first change, one more with each
 * @param since the first day of the green days that the stage rests on; empty in shadow
 * @param through the newest closed day at the time of the change; empty where there was none
 * @param who the name of a person, or {@link #AUTOMATION}
 * @param evidenceIds what the change rests on; none where it rests on no evidence
 * @param contractHash of the contract at that time
 */
public record Standing(
    String metrics,
    long number,
    Change change,
    Position position,
    Optional<LocalDate> since,
    Optional<LocalDate> through,
    String who,
    String why,
    List<String> evidenceIds,
    String contractHash,
    Instant at) {
  /** Who makes changes that no person asked for. */
  public static final String AUTOMATION = "assay";

  /** What was done. */
  public enum Change {
    NONE,
    PROMOTE,
    ROLLBACK,
    FALLBACK,
    PIN,
    UNPIN;

    /** As it stands in tables and on the terminal. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Change of(String label) {
      return valueOf(label.toUpperCase(Locale.ROOT));
    }
  }

  public Standing {
    evidenceIds = List.copyOf(evidenceIds);
  }

  /** The standing of a metric set that nothing was ever done to. */
  static Standing first(String metrics) {
    return new Standing(
        metrics,
        0,
        Change.NONE,
        Position.FIRST,
        Optional.empty(),
        Optional.empty(),
        AUTOMATION,
        "nothing was promoted yet",
        List.of(),
        "",
        Instant.EPOCH);
  }

  /** Why a change is made, and on what. */
  record Reason(String who, String why, List<String> evidenceIds) {
    Reason {
      evidenceIds = List.copyOf(evidenceIds);
    }
  }

  /** The standing after a change. */
  Standing then(
      Change change,
      Position position,
      Optional<LocalDate> since,
      Optional<LocalDate> through,
      Reason reason,
      String contractHash,
      Instant at) {
    return new Standing(
        metrics,
        number + 1,
        change,
        position,
        since,
        through,
        reason.who(),
        reason.why(),
        reason.evidenceIds(),
        contractHash,
        at);
  }
}
