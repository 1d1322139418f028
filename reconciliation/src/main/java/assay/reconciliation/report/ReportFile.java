package assay.reconciliation.report;

import assay.core.AssayException;
import assay.core.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The file a report goes to. Whoever opens it finds the old one or the new one, whole. */
public final class ReportFile {
  private final Path path;

  /**
   * A file that is there, or is to be.
   *
   * @throws AssayException with {@code USAGE} where no file can be at that place
   */
  public ReportFile(Path path) {
    this.path = path.toAbsolutePath();
    if (Files.isDirectory(this.path)) {
      throw AssayException.usage(path + " is a folder", "name a file in it");
    }
    if (!Files.isDirectory(this.path.getParent())) {
      throw AssayException.usage(
          "there is no folder " + this.path.getParent(), "make it first, or name another file");
    }
  }

  /**
   * Writes a report.
   *
   * @throws AssayException with {@code FAILED} where that cannot be done; the old file stays
   */
  public void write(String report) {
    Path beside =
        path.resolveSibling(path.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    try {
      Files.writeString(beside, report, StandardCharsets.UTF_8);
      Files.move(beside, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      beside.toFile().delete();
      throw new AssayException(
          ErrorCode.FAILED,
          "cannot write " + path,
          "see that there is room and that you may write there",
          e);
    }
  }
}
