package assay.core;

/**
 * What kind of failure an {@link AssayException} stands for, and with which exit code the command
 * ends. Schedulers act on the exit code: 75 is the only one that asks for another try.
 */
public enum ErrorCode {
  /** A stage could not do its work. */
  FAILED(1),
  /** The command, {@code assay.yaml} or a contract is wrong; trying again changes nothing. */
  USAGE(2),
  /** Stream and batch differ by rows that nothing explains. */
  DIVERGED(3),
  /** Stream and batch cannot be compared yet. */
  INCONCLUSIVE(4),
  /** Another run holds what this one needs, or a service is away for the moment. */
  TRY_AGAIN(75);

  private final int exitCode;

  ErrorCode(int exitCode) {
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
