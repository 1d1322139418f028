package assay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code assay}, in a checkout of its own with a blank in its path. A script stands in
 * for Maven, which writes what the build writes and counts its runs, and one for the JVM, which
 * prints its arguments.
 */
class LauncherTest {
  @TempDir Path folder;
  private Path checkout;
  private Path bin;
  private Path jdk;

  private record Run(int exitCode, String out, String err) {}

  @BeforeEach
  void copyTheScript() throws IOException {
    checkout = Files.createDirectories(folder.resolve("check out"));
    Files.copy(
        Path.of(System.getProperty("assay.root"), "assay"),
        checkout.resolve("assay"),
        StandardCopyOption.COPY_ATTRIBUTES);
    Files.createDirectories(checkout.resolve(".mvn"));
    Files.createDirectories(checkout.resolve("core/src/main"));
    Files.createDirectories(checkout.resolve("examples/flights"));
    for (String file :
        List.of(
            "pom.xml", "core/pom.xml", "core/src/main/A.java", "examples/flights/contract.yaml")) {
      Files.writeString(checkout.resolve(file), "");
      Files.setLastModifiedTime(checkout.resolve(file), FileTime.from(Instant.EPOCH));
    }
    bin = Files.createDirectories(folder.resolve("bin"));
    script(
        bin.resolve("mvn"),
        """
        echo run >> runs
        sleep 0.3
        [ ! -e broken ] || { echo "it does not compile"; exit 1; }
        mkdir -p cli/target ingestion/target/broker
        printf '%s' "$PWD/a.jar:$PWD/b.jar" > cli/target/classpath
        echo '-Dopened=1' > cli/target/jvm.options
        : > cli/target/cli.jar
        : > a.jar
        : > b.jar
        """);
    jdk = jdk("jdk 17", "17.0.15");
  }

  @Test
  void theFirstCallBuildsAndTheNextDoesNot() throws Exception {
    Run first = run(checkout, jdk, "--version");
    assertThat(first.err).isEqualTo("Building Assay (first time: downloads about 480 MB) …\n");
    assertThat(first.out).contains(" assay.cli.Main --version\n");
    assertThat(first.exitCode).isZero();
    Run second = run(checkout, jdk, "--version");
    assertThat(second.err).isEmpty();
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void aChangedSourceIsBuiltAgain() throws Exception {
    run(checkout, jdk, "--version");
    Files.setLastModifiedTime(
        checkout.resolve("core/src/main/A.java"), FileTime.from(Instant.now().plusSeconds(60)));
    assertThat(run(checkout, jdk, "--version").err).isEqualTo("Building Assay …\n");
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void twoLaunchersAtOnceBuildOnce() throws Exception {
    Process one = start(checkout, jdk, "--version");
    Process other = start(checkout, jdk, "--version");
    assertThat(finish(one).exitCode).isZero();
    assertThat(finish(other).exitCode).isZero();
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void aBrokenBuildShowsItsLastLinesAndIsTriedAgain() throws Exception {
    Path broken = Files.writeString(checkout.resolve("broken"), "");
    Run run = run(checkout, jdk, "--version");
    assertThat(run.exitCode).isEqualTo(1);
    assertThat(run.out).isEmpty();
    assertThat(run.err)
        .contains("it does not compile", "assay: the build failed", ".assay/build.log");
    Files.delete(broken);
    assertThat(run(checkout, jdk, "--version").exitCode).isZero();
  }

  @Test
  void aFileThatIsGoneFromTheClassPathIsBuiltAgain() throws Exception {
    run(checkout, jdk, "--version");
    Files.delete(checkout.resolve("b.jar"));
    run(checkout, jdk, "--version");
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void theJvmGetsTheArgumentsAsTheyAre() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("linked"), checkout.resolve("assay"));
    Process process =
        process(jdk, link.toString(), "sql", "SELECT 'a  b', \"*\"", "")
            .directory(folder.toFile())
            .start();
    Run run = finish(process);
    assertThat(run.out)
        .startsWith("@" + checkout + "/.assay/java.args ")
        .contains(" -Xmx3g ")
        .contains(" -Dassay.root=" + checkout + " ")
        .contains(" -Dassay.broker.lib=" + checkout + "/ingestion/target/broker ")
        .contains(" -Dassay.terminal=false ")
        .endsWith(" assay.cli.Main sql SELECT 'a  b', \"*\" \n");
    assertThat(run.exitCode).isEqualTo(4);
    assertThat(checkout.resolve(".assay/java.args"))
        .hasContent(
            """
            -Dopened=1

            -cp "%1$s/cli/target/cli.jar:%1$s/a.jar:%1$s/b.jar"
            """
                .formatted(checkout));
  }

  @Test
  void anOldJavaIsNamed() throws Exception {
    Path old = jdk("old jdk", "1.8.0_392");
    Run run = run(checkout, old, "--version");
    assertThat(run.exitCode).isEqualTo(1);
    assertThat(run.err)
        .isEqualTo(
            """
            assay: needs a JDK 17 or newer; found Java 8 in %s
              what to do: install one and point JAVA_HOME to it, or put its java on the PATH
            """
                .formatted(old));
    assertThat(builds()).isZero();
  }

  @Test
  void noJavaAtAllIsSaid() throws Exception {
    Run run = run(checkout, folder.resolve("nowhere"), "--version");
    assertThat(run.exitCode).isEqualTo(1);
    assertThat(run.err).contains("found no bin/java in JAVA_HOME, " + folder.resolve("nowhere"));
  }

  @Test
  void aMissingMavenIsSaid() throws Exception {
    Files.delete(bin.resolve("mvn"));
    Run run = run(checkout, jdk, "--version");
    assertThat(run.exitCode).isEqualTo(1);
    assertThat(run.err).startsWith("assay: needs Maven 3.8 or newer to build");
  }

  /** Ends with 4 for sql, so that exit codes show. */
  private Path jdk(String name, String version) throws IOException {
    Path home = Files.createDirectories(folder.resolve(name));
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    script(home.resolve("bin/java"), "echo \"$*\"; case \"$*\" in *sql*) exit 4;; esac\n");
    script(home.resolve("bin/javac"), "exit 9\n");
    return home;
  }

  private Run run(Path where, Path javaHome, String... args) throws Exception {
    return finish(start(where, javaHome, args));
  }

  private Process start(Path where, Path javaHome, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of(where.resolve("assay").toString()));
    command.addAll(List.of(args));
    return process(javaHome, command.toArray(String[]::new)).start();
  }

  /**
   * On the PATH is only what the script needs of the system: no java, no Maven but the stand-in.
   */
  private ProcessBuilder process(Path javaHome, String... command) throws IOException {
    for (String tool :
        List.of(
            "bash",
            "sh",
            "cat",
            "cp",
            "dirname",
            "find",
            "flock",
            "head",
            "mkdir",
            "mv",
            "readlink",
            "rm",
            "sed",
            "sleep",
            "tail")) {
      Path link = bin.resolve(tool);
      for (String place : List.of("/usr/bin", "/bin")) {
        Path real = Path.of(place, tool);
        if (Files.exists(real) && !Files.exists(link)) {
          Files.createSymbolicLink(link, real);
        }
      }
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("PATH", bin.toString());
    environment.put("JAVA_HOME", javaHome.toString());
    return builder;
  }

  private Run finish(Process process) throws Exception {
    // Little enough for the pipes to hold, so that one can be read after the other.
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), out, err);
  }

  private long builds() throws IOException {
    Path runs = checkout.resolve("runs");
    return Files.exists(runs) ? Files.readAllLines(runs).size() : 0;
  }

  private static void script(Path file, String body) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
