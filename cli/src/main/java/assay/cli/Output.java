package assay.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Prints results, to standard output and nothing else. */
public final class Output {
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?[0-9][0-9,]*([.][0-9]+)?(E-?[0-9]+)?[%s]?");
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");
  private static final String NULL = "NULL";

  private final PrintWriter out;

  public Output(PrintWriter out) {
    this.out = out;
  }

  /** Prints a line of text. */
  public void line(String text) {
    out.println(text);
    out.flush();
  }

  /**
   * Prints one JSON document.
   *
   * @param document of maps, lists, records, texts, numbers and booleans
   */
  public void json(Object document) {
    try {
      line(
          new ObjectMapper()
              .enable(SerializationFeature.INDENT_OUTPUT)
              .enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN)
              .writeValueAsString(document));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a result that is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Prints a table for people: aligned, numbers to the right, one line a row. */
  public void table(Table table) {
    Column[] columns = new Column[table.header().size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] =
          new Column()
              .header(printable(table.header().get(i)))
              .headerAlign(HorizontalAlign.LEFT)
              .dataAlign(isNumeric(table, i) ? HorizontalAlign.RIGHT : HorizontalAlign.LEFT)
              .maxWidth(Integer.MAX_VALUE);
    }
    String[][] cells =
        table.rows().stream()
            .map(row -> row.stream().map(c -> printable(c.orElse(NULL))).toArray(String[]::new))
            .toArray(String[][]::new);
    line(
        AsciiTable.builder()
            .lineSeparator("\n")
            .border(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS)
            .data(columns, cells)
            .asString());
  }

  /**
   * Prints CSV of RFC 4180, but with a bare line feed. NULL is nothing, an empty text is {@code
   * ""}.
   */
  public void csv(Table table) {
    StringBuilder text = new StringBuilder();
    text.append(table.header().stream().map(Output::field).collect(Collectors.joining(",")));
    for (List<Optional<String>> row : table.rows()) {
      text.append('\n');
      text.append(
          row.stream().map(c -> c.map(Output::field).orElse("")).collect(Collectors.joining(",")));
    }
    line(text.toString());
  }

  private static String field(String text) {
    boolean plain = !text.isEmpty() && text.chars().noneMatch(c -> ",\"\r\n".indexOf(c) >= 0);
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  private static boolean isNumeric(Table table, int column) {
    return table.rows().stream()
        .flatMap(row -> row.get(column).stream())
        .allMatch(text -> NUMBER.matcher(text).matches());
  }

  /** Data may hold anything, and a terminal obeys escape sequences. */
  private static String printable(String text) {
    return CONTROL
        .matcher(text)
        .replaceAll(
            match ->
                switch (match.group()) {
                  case "\n" -> "\\\\n";
                  case "\r" -> "\\\\r";
                  case "\t" -> "\\\\t";
                  default -> "\\\\u%04x".formatted((int) match.group().charAt(0));
                });
  }
}
