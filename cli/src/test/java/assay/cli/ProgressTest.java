package assay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  @Test
  void withoutATerminalATaskIsTwoPlainLines() {
    Progress progress = new Progress(err, false);
    progress.begin("silver", 10);
    progress.at(5);
    progress.reached("silver", "batch 3: quarantine committed");
    progress.end("48,626 rows");
    assertThat(text()).matches("silver …\\Rsilver: 48,626 rows \\([0-9.]+ s\\)\\R");
  }

  @Test
  void onATerminalTheBarGivesWayToALine() {
    Progress progress = new Progress(err, true);
    progress.begin("silver", 10);
    progress.at(10);
    progress.end("48,626 rows");
    assertThat(text()).contains("silver: 48,626 rows (").contains("\r");
  }

  @Test
  void closingInTheMiddleLeavesNothingOpen() {
    Progress progress = new Progress(err, true);
    progress.begin("live", 0);
    progress.close();
    progress.say("stopped");
    assertThat(text()).endsWith("stopped" + System.lineSeparator());
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
