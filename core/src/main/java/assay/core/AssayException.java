package assay.core;

import java.util.Objects;

/**
 * The one exception that Assay throws on purpose. The message says what is wrong, with the table,
 * file, version or batch it is about; {@link #mend()} says what to do. Neither ever holds a secret.
 */
public final class AssayException extends RuntimeException {
  private final ErrorCode code;
  private final String mend;

  public AssayException(ErrorCode code, String message, String mend) {
    this(code, message, mend, null);
  }

  public AssayException(ErrorCode code, String message, String mend, Throwable cause) {
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
    this.mend = Objects.requireNonNull(mend, "mend");
  }

  public static AssayException usage(String message, String mend) {
    return new AssayException(ErrorCode.USAGE, message, mend);
  }

  public static AssayException failed(String message, String mend) {
    return new AssayException(ErrorCode.FAILED, message, mend);
  }

  public ErrorCode code() {
    return code;
  }

  public String mend() {
    return mend;
  }
}
