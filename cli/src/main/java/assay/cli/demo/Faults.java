package assay.cli.demo;

import assay.cli.demo.DemoRecord.Kind;
import java.util.List;

/** How many records of each kind the demo made, on top of the real flights. */
public record Faults(
    int repeats,
    int corrections,
    int malformed,
    int failedRule,
    int failedBothRules,
    int wrongType,
    int missingRequired,
    int nullValues) {

  static Faults countedIn(List<DemoRecord> records) {
    return new Faults(
        count(records, Kind.REPEAT),
        count(records, Kind.CORRECTION),
        count(records, Kind.MALFORMED),
        count(records, Kind.FAILED_RULE),
        count(records, Kind.FAILED_BOTH_RULES),
        count(records, Kind.WRONG_TYPE),
        count(records, Kind.MISSING_REQUIRED),
        count(records, Kind.NULL_VALUE));
  }

  /** The records that both paths must set aside in quarantine. */
  public int quarantined() {
    return malformed + failedRule + failedBothRules + wrongType + missingRequired + nullValues;
  }

  /** All made records. */
  public int total() {
    return repeats + corrections + quarantined();
  }

  private static int count(List<DemoRecord> records, Kind kind) {
    return (int) records.stream().filter(r -> r.kind() == kind).count();
  }
}
