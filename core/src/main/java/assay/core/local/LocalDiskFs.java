package assay.core.local;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFs;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FsConstants;
import org.apache.hadoop.fs.FsServerDefaults;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.local.LocalConfigKeys;

/**
 * {@link LocalDisk} with checksums, as Hadoop's {@code FileContext} of the scheme {@code file}:
 * what Delta's log and the checkpoints of streaming queries are written with.
 */
public final class LocalDiskFs extends ChecksumFs {

  /** Called by Hadoop, which asks for these two parameters. */
  public LocalDiskFs(URI uri, Configuration configuration) throws IOException, URISyntaxException {
    super(new WithoutChecksums(configuration));
  }

  private static final class WithoutChecksums extends DelegateToFileSystem {
    WithoutChecksums(Configuration configuration) throws IOException, URISyntaxException {
      super(
          FsConstants.LOCAL_FS_URI,
          new LocalDisk(),
          configuration,
          FsConstants.LOCAL_FS_URI.getScheme(),
          false);
    }

    @Override
    public int getUriDefaultPort() {
      return -1;
    }

    @Override
    public FsServerDefaults getServerDefaults(Path path) throws IOException {
      return LocalConfigKeys.getServerDefaults();
    }

    @Override
    public boolean isValidName(String source) {
      // The operating system judges the name, as in Hadoop's own local file system.
      return true;
    }
  }
}
