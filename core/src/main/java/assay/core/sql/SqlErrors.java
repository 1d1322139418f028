package assay.core.sql;

import java.util.Locale;

/** What Spark's parser and analyzer say about a text, for a person. */
public final class SqlErrors {
  private SqlErrors() {}

  /** An engine's message in one line, without its code. */
  public static String condensed(Throwable e) {
    String message = String.valueOf(e.getMessage()).strip();
    String first = message.lines().findFirst().orElse("");
    String plain =
        first
            .replaceFirst("^\\[[A-Z0-9_.]+\\] ?", "")
            .replaceFirst(" SQLSTATE: .*$", "")
            .replaceFirst(" ?\\(line \\d+, pos \\d+\\)$", "")
            .replaceFirst("[.;]$", "");
    return plain.isEmpty()
        ? e.getClass().getSimpleName()
        : plain.substring(0, 1).toLowerCase(Locale.ROOT) + plain.substring(1);
  }
}
