package assay.tests;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.ErrorCode;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;

/**
 * Starts {@link KilledStage} over and over. Most of such a process is the start of Spark, so all is
 * done to shorten it: the first process that ends by itself leaves an archive of its classes for
 * the others, and little data needs neither generated code nor the second compiler.
 */
final class StageProcess {
  private static final List<String> FAST_START =
      List.of(
          "-Xmx1g",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Dspark.sql.codegen.wholeStage=false",
          "-Dspark.sql.codegen.factoryMode=NO_CODEGEN",
          "-Dspark.sql.adaptive.enabled=false");

  private final Path folder;
  private final Path diary;
  private final Path classes;
  private final String classPath;

  /**
   * A step that a process reported.
   *
   * @param number among those of the stage in that process, from 1
   * @param words without the lake's path
   */
  record Step(String stage, int number, String words) {}

  /**
   * Processes that keep their files in a folder.
   *
   * @param folder an empty one
   */
  StageProcess(Path folder) {
    this.folder = folder;
    this.diary = folder.resolve("diary");
    this.classes = folder.resolve("classes.jsa");
    this.classPath = onlyJars(System.getProperty("java.class.path"));
  }

  /** Runs stages from {@code stage} on to the last; the exit code. */
  int run(Path lake, String stage, int dieAt) throws IOException, InterruptedException {
    return run(lake, stage, dieAt, "reconcile");
  }

  /** Runs stages from {@code stage} to {@code last}, inclusive; the exit code. */
  int run(Path lake, String stage, int dieAt, String last)
      throws IOException, InterruptedException {
    Files.writeString(diary, "");
    Path log = folder.resolve("process.log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(a -> !a.startsWith("-Xm") && !a.startsWith("-XX:") && !a.startsWith("-javaagent"))
        .forEach(command::add);
    command.addAll(FAST_START);
    String archive = Files.exists(classes) ? "SharedArchiveFile" : "ArchiveClassesAtExit";
    command.add("-XX:" + archive + "=" + classes);
    command.addAll(List.of("-cp", classPath, KilledStage.class.getName()));
    command.addAll(
        List.of(lake.toString(), diary.toString(), stage, Integer.toString(dieAt), last));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(log.toFile()))
            .start();
    try {
      assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("ends in time: %s", command).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue())
        .as("%s, to die at step %d:%n%s", stage, dieAt, Files.readString(log))
        .isIn(0, KilledStage.KILLED, ErrorCode.TRY_AGAIN.exitCode());
    return process.exitValue();
  }

  /** What the last process reported. */
  List<Step> steps() throws IOException {
    return Files.readAllLines(diary).stream()
        .map(line -> line.split("\t", 3))
        .map(
            parts ->
                new Step(
                    parts[0],
                    Integer.parseInt(parts[1]),
                    parts[2].replaceAll(" /.*/(?=[a-z]+/)", " ")))
        .toList();
  }

  /** An archive of classes holds none that came from a folder. */
  private String onlyJars(String path) {
    List<String> jars = new ArrayList<>();
    for (String entry : Arrays.asList(path.split(File.pathSeparator))) {
      if (Files.isDirectory(Path.of(entry))) {
        Path jar = folder.resolve("classes-" + jars.size() + ".jar");
        int failed =
            ToolProvider.findFirst("jar")
                .orElseThrow()
                .run(System.out, System.err, "cf", jar.toString(), "-C", entry, ".");
        assertThat(failed).isZero();
        jars.add(jar.toString());
      } else {
        jars.add(entry);
      }
    }
    return String.join(File.pathSeparator, jars);
  }
}
