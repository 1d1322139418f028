package assay.core.yaml;

/**
 * One mistake in a file that a user wrote.
 *
 * @param file as the caller named it
 * @param line from 1
 * @param column from 1
 * @param message what is wrong, without a full stop
 * @param mend what to write instead, a sentence
 */
public record Problem(String file, int line, int column, String message, String mend) {
  @Override
  public String toString() {
    return file + ":" + line + ":" + column + ": " + message + ". " + mend;
  }
}
