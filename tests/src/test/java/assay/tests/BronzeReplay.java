package assay.tests;

import assay.core.Lake;
import assay.core.contract.Contract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Another lake that gets a bronze table as it came to be: its files at once, its commits when they
 * are asked for. Paths in a table's log are relative to the table.
 */
final class BronzeReplay {
  private final Lake lake;
  private final Path log;
  private final List<Path> commits;

  BronzeReplay(Lake of, Path folder, Contract contract) throws IOException {
    this.lake = new Lake(folder.toString());
    Path source = Path.of(of.bronze(contract.domain()));
    Path target = Path.of(lake.bronze(contract.domain()));
    this.log = target.resolve("_delta_log");
    try (Stream<Path> files = Files.list(source.resolve("_delta_log"))) {
      this.commits =
          files
              .filter(f -> f.getFileName().toString().matches("[0-9]{20}[.]json"))
              .sorted()
              .toList();
    }
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (!file.startsWith(source.resolve("_delta_log"))) {
          Files.createDirectories(target.getParent());
          Files.copy(file, target.resolve(source.relativize(file).toString()));
        }
      }
    }
    Files.createDirectories(log);
    Files.copy(commits.get(0), log.resolve(commits.get(0).getFileName()));
  }

  Lake lake() {
    return lake;
  }

  /** How many there are behind the one that made the table: a micro-batch each. */
  int commits() {
    return commits.size() - 1;
  }

  void commitUpTo(int commit) throws IOException {
    for (Path file : commits.subList(0, commit + 1)) {
      Path copy = log.resolve(file.getFileName());
      if (!Files.exists(copy)) {
        Files.copy(file, copy);
      }
    }
  }
}
