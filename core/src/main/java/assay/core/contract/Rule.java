package assay.core.contract;

import java.math.BigDecimal;
import java.util.Optional;

/**
 * A row check.
 *
 * @param check a boolean Spark SQL expression over the contract's columns; only {@code false}
 *     fails, {@code NULL} passes, as in an SQL CHECK constraint
 * @param above with {@code STOP}, and only then: the share of a micro-batch's rows, 0 to 1, that
 *     may fail; exclusive, the stage stops when more do
 */
public record Rule(String name, String check, Otherwise otherwise, Optional<BigDecimal> above) {

  public Rule {
    if (above.isPresent() != (otherwise == Otherwise.STOP)) {
      throw new IllegalArgumentException(name + ": a limit belongs to a rule that stops, only");
    }
  }

  /** A rule that stops nothing. */
  public Rule(String name, String check, Otherwise otherwise) {
    this(name, check, otherwise, Optional.empty());
  }

  /** What becomes of a row that fails. */
  public enum Otherwise {
    /** The row goes to the quarantine table, on both paths, and to nowhere else. */
    QUARANTINE,
    /** The row goes on; the failure is counted. */
    WARN,
    /** As {@link #QUARANTINE}; where too many of a micro-batch fail, silver stops before it. */
    STOP;

    /** Whether a row that fails goes no further. */
    public boolean setsAside() {
      return this != WARN;
    }
  }
}
