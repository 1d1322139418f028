package assay.core.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class YamlDocumentTest {
  @TempDir Path folder;

  private final Problems problems = new Problems("x.yaml");

  private Optional<YamlDocument> read(String text) throws IOException {
    return YamlDocument.read(Files.writeString(folder.resolve("x.yaml"), text), problems);
  }

  private List<String> mistakes() {
    return problems.sorted().stream().map(Problem::toString).toList();
  }

  @Test
  void wordsThatOldYamlTookForBooleansAndTimesAreTexts() throws IOException {
    YamlNode root = read("{a: no, b: 12:30, c: on, d: 2026-01-01, e: 0.1%, f: 0o7}").get().root();
    assertThat(root.fields()).allMatch(f -> f.json().isTextual());
    assertThat(root.fields())
        .extracting(YamlNode::text)
        .containsExactly("no", "12:30", "on", "2026-01-01", "0.1%", "0o7");
  }

  @Test
  void brokenYamlIsShownWhereItBreaks() throws IOException {
    assertThat(read("a: [1, 2\nb: 3\n")).isEmpty();
    assertThat(mistakes())
        .containsExactly(
            "x.yaml:2:2: this is not YAML: while parsing a flow sequence, expected ',' or ']', but"
                + " got :. Check indentation, quotes and brackets on and above this line.");
  }

  @Test
  void aTabIsNamed() throws IOException {
    assertThat(read("a:\n\tb: 1\n")).isEmpty();
    assertThat(mistakes())
        .singleElement()
        .satisfies(m -> assertThat(m).startsWith("x.yaml:2:1: ").endsWith("not tabs."));
  }

  @Test
  void oneFileIsOneDocument() throws IOException {
    assertThat(read("a: 1\n---\na: 2\n")).isEmpty();
    assertThat(mistakes())
        .singleElement()
        .satisfies(m -> assertThat(m).endsWith("Write one document a file."));
  }

  @Test
  void anAliasOfItselfEnds() throws IOException {
    assertThat(read("a: &x [*x]\n")).isEmpty();
    assertThat(mistakes())
        .containsExactly("x.yaml:1:4: this part holds itself. Write it out instead of the alias.");
  }

  @Test
  void aliasesCannotMakeATinyFileHuge() throws IOException {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 19; i++) {
      String last = "*a" + (i - 1);
      bomb.append("a" + i + ": &a" + i + " [" + last + "," + last + "]\n");
    }
    assertThat(read(bomb.toString())).isEmpty();
    assertThat(mistakes()).hasSize(1);
  }

  @Test
  void tagsMakeNoObjects() throws IOException {
    assertThat(read("a: !!javax.script.ScriptEngineManager [x]\n")).isEmpty();
    assertThat(mistakes())
        .singleElement()
        .satisfies(m -> assertThat(m).startsWith("x.yaml:1:4: ").endsWith("Remove the tag."));
  }

  @Test
  void ownTagsMeanNothing() throws IOException {
    read("b: !secret x\n");
    assertThat(mistakes())
        .containsExactly("x.yaml:1:4: the tag `!secret` means nothing here. Remove the tag.");
  }

  @Test
  void whatIsNotUtf8IsNotRead() throws IOException {
    Path file = folder.resolve("x.yaml");
    Files.write(file, new byte[] {'a', ':', ' ', (byte) 0xff});
    assertThat(YamlDocument.read(file, problems)).isEmpty();
    assertThat(mistakes()).containsExactly("x.yaml:1:1: the file is not UTF-8. Save it as UTF-8.");
  }

  @Test
  void aFileThatIsAwayIsAMistake() {
    assertThat(YamlDocument.read(folder.resolve("none.yaml"), problems)).isEmpty();
    assertThat(mistakes()).containsExactly("x.yaml:1:1: there is no such file. Check the path.");
  }
}
