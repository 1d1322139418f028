package assay.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutputTest {
  private final StringWriter text = new StringWriter();
  private final Output output = new Output(new PrintWriter(text));

  @Test
  void aTableIsAlignedWithNumbersToTheRight() {
    output.table(
        Table.of(
            List.of("day", "flights"),
            List.of(List.of("2001-01-01", "14828"), List.of("2001-01-02", "-9"))));
    assertThat(text.toString().lines())
        .containsExactly(
            "+------------+---------+",
            "| day        | flights |",
            "+------------+---------+",
            "| 2001-01-01 |   14828 |",
            "| 2001-01-02 |      -9 |",
            "+------------+---------+");
  }

  @Test
  void nullIsToldFromAnEmptyText() {
    Table table =
        new Table(
            List.of("origin", "delay"),
            List.of(
                List.of(Optional.of(""), Optional.empty()),
                List.of(Optional.of("ATL"), Optional.of("5"))));
    output.table(table);
    assertThat(text.toString()).contains("|        |  NULL |", "| ATL    |     5 |");
    text.getBuffer().setLength(0);
    output.csv(table);
    assertThat(text.toString().lines()).containsExactly("origin,delay", "\"\",", "ATL,5");
  }

  @Test
  void aTableWithoutRowsShowsItsHeader() {
    output.table(Table.of(List.of("day"), List.of()));
    assertThat(text.toString()).contains("| day |");
  }

  @Test
  void longTextStaysOnItsLine() {
    String longText = "x".repeat(300);
    output.table(Table.of(List.of("value"), List.of(List.of(longText))));
    assertThat(text.toString()).contains("| " + longText + " |");
  }

  @Test
  void whatATerminalWouldObeyIsShownInstead() {
    output.table(Table.of(List.of("value"), List.of(List.of("a\nb\u001b[31m\tc$1"))));
    assertThat(text.toString()).contains("| a\\nb\\u001b[31m\\tc$1 |");
  }

  @Test
  void csvQuotesWhatNeedsIt() {
    output.csv(
        Table.of(
            List.of("a", "b,c"), List.of(List.of("say \"hi\"", "x"), List.of("two\nlines", "y"))));
    assertThat(text.toString())
        .isEqualTo("a,\"b,c\"\n\"say \"\"hi\"\"\",x\n\"two\nlines\",y" + System.lineSeparator());
  }

  @Test
  void jsonIsOneDocument() {
    output.json(Map.of("rows", List.of(1, 2)));
    assertThat(text.toString().replaceAll("\\s", "")).isEqualTo("{\"rows\":[1,2]}");
  }

  @Test
  void aRowOfAnotherLengthIsRefused() {
    assertThatThrownBy(() -> Table.of(List.of("a", "b"), List.of(List.of("1"))))
        .hasMessage("a row of 1 cells under a header of 2");
  }
}
