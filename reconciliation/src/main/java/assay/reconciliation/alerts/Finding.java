package assay.reconciliation.alerts;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Something that people must know and that holds now.
 *
 * @param subject the metric set or domain that it is about
 * @param state tells whether it is still the same: only another one is told again
 * @param summary one line for a person
 * @param details for programs
 */
record Finding(
    Kind kind, String subject, String state, String summary, Map<String, String> details) {

  /** What is wrong. */
  enum Kind {
    /** Evidence is red. */
    DIVERGED(true),

    /** Closed days are not compared. */
    STALLED(false),

    /** BI was put back to batch. */
    FALLBACK(true),

    /** BI is held on a stream that it should not read. */
    PINNED(true),

    /** Rows of a `latest` live view stand otherwise in silver, more than should or unexplained. */
    MISMATCH(true),

    /** More rows are late than should be. */
    LATE_SHARE(false),

    /** More rows are in quarantine than should be. */
    QUARANTINE_SHARE(false);

    private final boolean critical;

    Kind(boolean critical) {
      this.critical = critical;
    }

    /** As it stands in tables and messages. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    String severity() {
      return critical ? "critical" : "warning";
    }
  }

  Finding {
    details = Collections.unmodifiableMap(new TreeMap<>(details));
  }

  /** What it is a case of: one of a cause is open at a time. */
  String cause() {
    return cause(kind, subject);
  }

  static String cause(Kind kind, String subject) {
    return kind.label() + ":" + subject;
  }
}
