package assay.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** The file that takes what the engines log; {@code log4j2.properties} reads its name. */
public final class LogFile {
  private static final String PROPERTY = "assay.log";

  private LogFile() {}

  /** Names a file of this run's own, unless one is named already. Before any logger starts. */
  static void choose() {
    if (System.getProperty(PROPERTY) == null) {
      String moment =
          LocalDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
      String name = "assay-" + moment + "-" + ProcessHandle.current().pid() + ".log";
      System.setProperty(PROPERTY, Path.of(System.getProperty("java.io.tmpdir"), name).toString());
    }
  }

  /** Where the log is; there is no such file before the first line of log. */
  public static Path path() {
    String named = System.getProperty(PROPERTY);
    return named != null
        ? Path.of(named)
        : Path.of(System.getProperty("java.io.tmpdir"), "assay.log");
  }

  static Optional<Path> written() {
    return Optional.of(path()).filter(Files::exists);
  }
}
