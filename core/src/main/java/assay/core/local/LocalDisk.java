package assay.core.local;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Local files without Hadoop's two weak spots there. Without its native library Hadoop starts a
 * process, {@code chmod} or {@code readlink}, for each file that it creates or renames: several
 * dozen a micro-batch. And its rename looks first and moves then, so that of two processes that
 * commit the same version to a Delta log, or the same micro-batch to a checkpoint, one overwrites
 * the other in silence.
 */
final class LocalDisk extends RawLocalFileSystem {

  @Override
  public void setPermission(Path path, FsPermission permission) throws IOException {
    java.nio.file.Path file = pathToFile(path).toPath();
    if (Files.getFileAttributeView(file, PosixFileAttributeView.class) == null) {
      super.setPermission(path, permission);
      return;
    }
    String symbols =
        permission.getUserAction().SYMBOL
            + permission.getGroupAction().SYMBOL
            + permission.getOtherAction().SYMBOL;
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(symbols));
  }

  /** Links are followed, not looked at: Hadoop makes none here. */
  @Override
  public FileStatus getFileLinkStatus(Path path) throws IOException {
    return getFileStatus(path);
  }

  /**
   * Moves a file to a name that is free, or fails: a second link to the file is made, which the
   * operating system does only where nothing bears that name, and then the first is taken away.
   *
   * @throws FileAlreadyExistsException where the name is taken
   */
  @Override
  @SuppressWarnings("deprecation") // The only way in that tells whether a name may be overwritten.
  protected void rename(Path from, Path to, Rename... options) throws IOException {
    java.nio.file.Path source = pathToFile(from).toPath();
    if (mayOverwrite(options) || !Files.isRegularFile(source)) {
      super.rename(from, to, options);
      return;
    }
    try {
      Files.createLink(pathToFile(to).toPath(), source);
    } catch (java.nio.file.FileAlreadyExistsException e) {
      throw new FileAlreadyExistsException(to + " already exists");
    } catch (UnsupportedOperationException | FileSystemException e) {
      // A file system without links: what Hadoop does there is the best there is.
      super.rename(from, to, options);
      return;
    }
    Files.deleteIfExists(source);
  }

  private static boolean mayOverwrite(Rename... options) {
    for (Rename option : options) {
      if (option == Rename.OVERWRITE) {
        return true;
      }
    }
    return false;
  }
}
