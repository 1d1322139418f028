package assay.cli;

import assay.core.AssayException;
import assay.core.contract.Contract;
import assay.core.contract.LiveDefinition;
import assay.reconciliation.DualReadRequest;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which keys to read on both sides. */
final class DualReadOptions {
  private static final String MEND = "write a percentage, such as 0.1%";

  @Option(
      names = "--sample",
      paramLabel = "KEYS",
      description =
          "Compare the rows of so many keys of the live views `latest` with silver, the same keys"
              + " each time.")
  private Integer sample;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "Compare the row of one key: its value, or flight_id=AA1, day=2001-01-31.")
  private String key;

  @Option(
      names = "--alert-above",
      paramLabel = "SHARE",
      description =
          "With --sample: end with 3 where more of the keys differ, explained or not, such as 0.1%%."
              + " Default: alert_above of the view, or any share")
  private String alertAbove;

  boolean given() {
    return sample != null || key != null;
  }

  /** Refuses numbers that make no sense, before anything starts. */
  void check() {
    if (sample != null && sample < 1) {
      throw AssayException.usage("--sample " + sample + " compares nothing", "give 1 or more");
    }
    share();
  }

  DualReadRequest request(Contract contract) {
    return new DualReadRequest(
        key == null ? Map.of() : key(contract), sample == null ? 0 : sample, share());
  }

  private Map<String, String> key(Contract contract) {
    Map<String, String> values = new LinkedHashMap<>();
    if (!key.contains("=")) {
      List<List<String>> by =
          contract.keptViews().stream()
              .filter(v -> v instanceof LiveDefinition.Latest)
              .map(LiveDefinition.Kept::by)
              .distinct()
              .toList();
      if (by.size() != 1 || by.get(0).size() != 1) {
        throw AssayException.usage(
            "--key " + key + " does not say of which column", "write COLUMN=" + key);
      }
      return Map.of(by.get(0).get(0), key);
    }
    for (String part : key.split(", ?(?=[a-z][a-z0-9_]*=)", -1)) {
      int equals = part.indexOf('=');
      values.put(part.substring(0, equals), part.substring(equals + 1));
    }
    return values;
  }

  /** Whether people are told: of a sample, held against the limits of the contract. */
  boolean alerts() {
    return key == null && alertAbove == null;
  }

  private Optional<BigDecimal> share() {
    if (alertAbove == null) {
      return Optional.empty();
    }
    String text = alertAbove.strip();
    try {
      if (text.endsWith("%")) {
        BigDecimal share = new BigDecimal(text.substring(0, text.length() - 1)).movePointLeft(2);
        if (share.signum() >= 0 && share.compareTo(BigDecimal.ONE) <= 0) {
          return Optional.of(share);
        }
      }
    } catch (NumberFormatException e) {
      throw AssayException.usage("--alert-above " + alertAbove + " is no share", MEND);
    }
    throw AssayException.usage("--alert-above " + alertAbove + " is no share", MEND);
  }
}
