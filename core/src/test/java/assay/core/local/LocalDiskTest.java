package assay.core.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.core.testing.TestSpark;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalDiskTest {
  @TempDir java.nio.file.Path folder;

  private Configuration configuration;
  private FileContext files;

  @BeforeEach
  void openFiles() throws IOException {
    configuration = TestSpark.session().sessionState().newHadoopConf();
    files = FileContext.getFileContext(URI.create("file:///"), configuration);
  }

  @Test
  void aSessionUsesIt() throws IOException {
    assertThat(files.getDefaultFileSystem()).isInstanceOf(LocalDiskFs.class);
    // Another class may have opened one without a session, which get() would hand out.
    assertThat(FileSystem.newInstance(URI.create("file:///"), configuration))
        .isInstanceOf(LocalDiskFileSystem.class);
  }

  @Test
  void aRenameToATakenNameFailsAndLeavesBothFiles() throws IOException {
    write("from", "new");
    write("to", "old");
    assertThatThrownBy(() -> files.rename(path("from"), path("to")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(folder.resolve("from")).hasContent("new");
    assertThat(folder.resolve("to")).hasContent("old");
    files.rename(path("from"), path("to"), Rename.OVERWRITE);
    assertThat(folder.resolve("to")).hasContent("new");
    assertThat(folder.resolve("from")).doesNotExist();
  }

  @Test
  void ofManyThatRenameToOneNameExactlyOneWins() throws Exception {
    ExecutorService racers = Executors.newFixedThreadPool(8);
    try {
      for (int round = 0; round < 50; round++) {
        Path to = path("to-" + round);
        List<Callable<Boolean>> race =
            IntStream.range(0, 8).mapToObj(n -> racer("from-" + n, to)).toList();
        int winners = 0;
        for (Future<Boolean> result : racers.invokeAll(race)) {
          winners += result.get() ? 1 : 0;
        }
        assertThat(winners).as("round %d", round).isEqualTo(1);
      }
    } finally {
      racers.shutdownNow();
    }
  }

  @Test
  void permissionsAreThoseAskedFor() throws IOException {
    write("file", "text");
    files.setPermission(path("file"), new FsPermission((short) 0640));
    assertThat(Files.getPosixFilePermissions(folder.resolve("file")))
        .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
  }

  private Callable<Boolean> racer(String from, Path to) {
    return () -> {
      write(from, from);
      try {
        files.rename(path(from), to);
        return true;
      } catch (FileAlreadyExistsException e) {
        return false;
      }
    };
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  private Path path(String name) {
    return new Path(folder.resolve(name).toUri());
  }
}
