package assay.cli;

import assay.core.AssayException;
import assay.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Writes a folder to start from. */
@Command(
    name = "init",
    description = "Write settings and a first contract to start from; overwrites nothing.",
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  assay init lakehouse && cd lakehouse && assay validate")
final class InitCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;

  @Parameters(
      paramLabel = "FOLDER",
      arity = "0..1",
      defaultValue = ".",
      description = "Made when missing. Default: the current folder")
  private Path folder;

  @Override
  public Integer call() {
    Map<Path, String> files = new LinkedHashMap<>();
    files.put(folder.normalize().resolve("assay.yaml"), "assay.yaml");
    files.put(folder.normalize().resolve("contracts").resolve("flights.yaml"), "contract.yaml");
    List<String> there = files.keySet().stream().filter(Files::exists).map(Path::toString).toList();
    if (!there.isEmpty()) {
      throw AssayException.usage(
          String.join(" and ", there) + (there.size() == 1 ? " is" : " are") + " there already",
          "name an empty folder, as in assay init lakehouse");
    }
    files.forEach(InitCommand::write);
    List<String> written = files.keySet().stream().map(Path::toString).toList();
    if (common.json()) {
      common.output().json(Map.of("written", written));
    } else {
      written.forEach(file -> common.output().line("wrote " + file));
      common.output().line("Change them to what you have, then run assay validate there.");
    }
    return 0;
  }

  private static void write(Path file, String resource) {
    try (InputStream starter = InitCommand.class.getResourceAsStream("starter/" + resource)) {
      if (starter == null) {
        throw new IllegalStateException("starter/" + resource + " is not in the jar");
      }
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.copy(starter, file);
    } catch (IOException e) {
      throw new AssayException(
          ErrorCode.FAILED,
          "cannot write " + file + ": " + e.getMessage(),
          "check the folder and its permissions",
          e);
    }
  }
}
