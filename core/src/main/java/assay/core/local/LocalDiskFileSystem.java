package assay.core.local;

import org.apache.hadoop.fs.LocalFileSystem;

/** {@link LocalDisk} with checksums, as Hadoop's {@code FileSystem} of the scheme {@code file}. */
public final class LocalDiskFileSystem extends LocalFileSystem {

  public LocalDiskFileSystem() {
    super(new LocalDisk());
  }
}
