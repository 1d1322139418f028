package assay.gold.upkeep;

import assay.core.TableUpkeep.Retention;
import assay.core.contract.Contract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Holds what a table keeps against the longest replay of its domain. Pure. */
final class RetentionCheck {
  private static final Duration DAY = Duration.ofDays(1);

  private final Duration longestReplay;

  RetentionCheck(Contract contract) {
    this.longestReplay = longestReplay(contract);
  }

  /**
   * How far back a stage may be run again: as far as a correction reaches, and a week at least for
   * a run that nobody missed over a holiday.
   */
  static Duration longestReplay(Contract contract) {
    Duration corrections = contract.correctionsWithin();
    return corrections.compareTo(MaintainRequest.Vacuum.LEAST) < 0
        ? MaintainRequest.Vacuum.LEAST
        : corrections;
  }

  List<RetentionFinding> check(String table, Retention retention) {
    List<RetentionFinding> findings = new ArrayList<>();
    retention
        .transactions()
        .filter(keeps -> keeps.compareTo(longestReplay) < 0)
        .ifPresent(
            keeps ->
                findings.add(
                    finding(
                        table,
                        "delta.setTransactionRetentionDuration",
                        keeps,
                        longestReplay,
                        true,
                        "a run that is repeated later writes its rows a second time")));
    if (retention.log().compareTo(longestReplay) < 0) {
      findings.add(
          finding(
              table,
              "delta.logRetentionDuration",
              retention.log(),
              longestReplay,
              false,
              "what follows the table begins anew where it stood still for longer"));
    }
    Duration files = MaintainRequest.Vacuum.LEAST;
    if (retention.deletedFiles().compareTo(files) < 0) {
      findings.add(
          finding(
              table,
              "delta.deletedFileRetentionDuration",
              retention.deletedFiles(),
              files,
              false,
              "anyone's VACUUM may delete files that a reader needs"));
    }
    return findings;
  }

  private static RetentionFinding finding(
      String table,
      String property,
      Duration keeps,
      Duration needs,
      boolean endangersIdempotence,
      String consequence) {
    long days = needs.plus(DAY).minusNanos(1).toDays();
    return new RetentionFinding(
        table,
        property,
        keeps,
        needs,
        endangersIdempotence,
        consequence,
        "ALTER TABLE delta.`%s` SET TBLPROPERTIES ('%s' = 'interval %d days')"
            .formatted(table, property, days));
  }
}
