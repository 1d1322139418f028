package assay.core.contract;

/**
 * A row check.
 *
 * @param check a boolean Spark SQL expression over the contract's columns; only {@code false}
 *     fails, {@code NULL} passes, as in an SQL CHECK constraint
 */
public record Rule(String name, String check, Otherwise otherwise) {
  /** What becomes of a row that fails. */
  public enum Otherwise {
    /** The row goes to the quarantine table, on both paths, and to nowhere else. */
    QUARANTINE,
    /** The row goes on; the failure is counted. */
    WARN
  }
}
