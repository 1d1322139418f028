package assay.cli.demo;

import assay.core.AssayException;
import assay.core.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where one demo has its lake, contract and settings. Every run has a folder of its own, so that
 * two at once do not meet. What earlier runs left goes when the next one starts, but for kept ones.
 */
final class DemoFolder {
  /** Holds the process id of the demo that works there. */
  private static final String OWNER = "demo.pid";

  private static final String KEPT = "demo.kept";

  private static final String TRASH = "trash-";

  private final Path folder;

  private DemoFolder(Path folder) {
    this.folder = folder;
  }

  /** Makes a folder under {@code parent}, and removes those that no demo needs any more. */
  static DemoFolder make(Path parent, boolean keep) {
    try {
      Files.createDirectories(parent);
      removeFinished(parent);
      return mark(Files.createTempDirectory(parent, "run-"), keep);
    } catch (IOException e) {
      throw unusable(parent, e);
    }
  }

  /**
   * Takes a folder that the user named: a new one, an empty one, or one of an earlier demo.
   *
   * @throws AssayException when something else lies there
   */
  static DemoFolder at(Path named) {
    Path folder = named.toAbsolutePath().normalize();
    try {
      Files.createDirectories(folder);
      boolean earlier = Files.exists(folder.resolve(OWNER));
      if (earlier && isAtWork(folder)) {
        throw new AssayException(
            ErrorCode.TRY_AGAIN,
            "another demo works in " + folder,
            "wait for it, or name another folder with --lake");
      }
      if (!earlier && !isEmpty(folder)) {
        throw AssayException.usage(
            folder + " is not empty, and no demo made it", "name a new folder with --lake");
      }
      removeAllIn(folder);
      return mark(folder, true);
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  Path lake() {
    return folder.resolve("lake");
  }

  Path kafka() {
    return folder.resolve("kafka");
  }

  Path contracts() {
    return folder.resolve("contracts");
  }

  /** Settings with which every command works on this lake. */
  Path settings() {
    return folder.resolve("assay.yaml");
  }

  /** Writes the settings and the contract. */
  void write(Path contract, String bootstrapServers) {
    try {
      Files.createDirectories(contracts());
      Files.copy(contract, contracts().resolve("flights.yaml"));
      Files.writeString(
          settings(),
          """
          # Written by 'assay demo'. Its Kafka is gone when the demo ends; lake and contract stay.
          lake: lake
          contracts: contracts
          kafka:
            bootstrap_servers: "%s"
          """
              .formatted(bootstrapServers));
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /** Removes what only the running demo needed. */
  void finish() {
    try {
      removeTree(kafka());
      Files.writeString(folder.resolve(OWNER), "");
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private static DemoFolder mark(Path folder, boolean keep) throws IOException {
    Files.writeString(folder.resolve(OWNER), ProcessHandle.current().pid() + "");
    if (keep) {
      Files.writeString(folder.resolve(KEPT), "");
    }
    return new DemoFolder(folder);
  }

  private static void removeFinished(Path parent) throws IOException {
    for (Path run : children(parent)) {
      if (run.getFileName().toString().startsWith(TRASH)) {
        String owner = run.getFileName().toString().substring(TRASH.length()).split("-", 2)[0];
        if (!isAlive(owner)) {
          removeAlone(run);
        }
        continue;
      }
      // Between the making of a folder and its mark is a moment without an owner.
      boolean marked = Files.exists(run.resolve(OWNER));
      if (marked && !Files.exists(run.resolve(KEPT)) && !isAtWork(run)) {
        removeAlone(run);
      }
    }
  }

  /**
   * Removes a run under a name of this process: of two demos that begin at once one gets it, and
   * what a killed one leaves half removed still bears its mark, or goes with the next demo.
   */
  private static void removeAlone(Path run) throws IOException {
    Path mine = run.resolveSibling(TRASH + ProcessHandle.current().pid() + "-" + System.nanoTime());
    try {
      Files.move(run, mine, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      return;
    }
    removeTree(mine);
  }

  private static boolean isAtWork(Path run) throws IOException {
    try {
      String owner = Files.readString(run.resolve(OWNER)).strip();
      return !owner.isEmpty() && isAlive(owner);
    } catch (NoSuchFileException e) {
      // Another demo is removing it at this moment.
      return true;
    }
  }

  private static boolean isAlive(String owner) {
    // A process id is used again in time; then it is not a Java program that it stands for.
    Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(owner));
    return process
        .filter(ProcessHandle::isAlive)
        .map(p -> p.info().command().map(c -> c.endsWith("java")).orElse(true))
        .orElse(false);
  }

  private static boolean isEmpty(Path folder) throws IOException {
    return children(folder).isEmpty();
  }

  private static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children.toList();
    }
  }

  private static void removeAllIn(Path folder) throws IOException {
    for (Path child : children(folder)) {
      removeTree(child);
    }
  }

  private static void removeTree(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException e) throws IOException {
            if (e != null) {
              throw e;
            }
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static AssayException unusable(Path folder, IOException e) {
    return new AssayException(
        ErrorCode.FAILED,
        "cannot work in " + folder + ": " + e.getMessage(),
        "check its permissions and the space on its disk, or name another with --lake",
        new UncheckedIOException(e));
  }
}
