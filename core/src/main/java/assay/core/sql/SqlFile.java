package assay.core.sql;

import assay.core.yaml.Names;
import assay.core.yaml.Nearest;
import assay.core.yaml.Position;
import assay.core.yaml.Problems;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A file that holds one query under a header: comment lines {@code -- key: value} before the first
 * line of SQL. The file's name without {@code .sql} names the table that the query makes.
 */
public final class SqlFile {
  private static final Pattern HEADER =
      Pattern.compile("(\\s*--\\s*)([A-Za-z]\\w*)(\\s*:\\s*)(.*)");

  private final String name;
  private final String text;
  private final String body;
  private final Map<String, Value> header;
  private final String file;
  private final Problems problems;

  private SqlFile(Path file, String text, Problems problems) {
    this.file = file.toString();
    this.name = nameOf(file);
    this.text = text;
    this.problems = problems;
    this.header = new LinkedHashMap<>();
    this.body = readHeader();
  }

  /**
   * A value of the header.
   *
   * @param at where it begins
   */
  public record Value(String text, Position keyAt, Position at) {}

  /**
   * Reads a file's header. Reports a file that cannot be read, whose name cannot name a table, or
   * whose header says a thing twice.
   *
   * @return empty where the file cannot be read
   */
  public static Optional<SqlFile> read(Path file, Problems problems) {
    String name = nameOf(file);
    if (!Names.isAllowed(name)) {
      problems.add(
          Position.START, "the file names a table, and " + Names.message(name), Names.mend(name));
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
      String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      return Optional.of(new SqlFile(file, text, problems));
    } catch (CharacterCodingException e) {
      problems.add(Position.START, "the file is not UTF-8", "Save it as UTF-8.");
    } catch (IOException e) {
      problems.add(Position.START, "the file cannot be read", "Check its permissions.");
    }
    return Optional.empty();
  }

  /** The name of the table that the query makes. */
  public String name() {
    return name;
  }

  /** The file as its reader named it. */
  public String file() {
    return file;
  }

  /** All of the file; the header is a comment to SQL. */
  public String text() {
    return text;
  }

  /** What stands behind the header. */
  public String body() {
    return body;
  }

  public Optional<Value> header(String key) {
    return Optional.ofNullable(header.get(key));
  }

  /**
   * Reports keys of the header that are unknown or missing.
   *
   * @param required by key, an example of a value
   */
  public void checkHeader(Map<String, String> required, List<String> optional) {
    List<String> known = Stream.concat(required.keySet().stream(), optional.stream()).toList();
    header.forEach(
        (key, value) -> {
          if (!known.contains(key)) {
            mistake(value.keyAt(), "unknown key `" + key + "`", Nearest.mend(key, known));
          }
        });
    required.forEach(
        (key, example) -> {
          if (!header.containsKey(key)) {
            mistake(
                Position.START,
                "the header lacks `" + key + "`",
                "Write `-- " + key + ": " + example + "` on the first line.");
          }
        });
  }

  /** Adds a mistake. */
  public void mistake(Position at, String message, String mend) {
    problems.add(at, message, mend);
  }

  /** The position of a character of the text, counted in UTF-16 units from 0. */
  Position positionOf(int index) {
    String before = text.substring(0, index);
    int lineStart = before.lastIndexOf('\n') + 1;
    long line = before.chars().filter(c -> c == '\n').count() + 1;
    return new Position((int) line, before.codePointCount(lineStart, before.length()) + 1);
  }

  /** Reads the header and gives back what follows it. */
  private String readHeader() {
    int start = 0;
    while (start < text.length()) {
      int lineBreak = text.indexOf('\n', start);
      int end = lineBreak < 0 ? text.length() : lineBreak;
      String line = text.substring(start, end);
      if (!line.isBlank() && !line.strip().startsWith("--")) {
        break;
      }
      readHeaderLine(line, start);
      start = Math.min(end + 1, text.length());
    }
    return text.substring(start).strip();
  }

  private void readHeaderLine(String line, int start) {
    Matcher matcher = HEADER.matcher(line.stripTrailing());
    if (!matcher.matches()) {
      return;
    }
    String key = matcher.group(2);
    Position keyAt = positionOf(start + matcher.start(2));
    Value value = new Value(matcher.group(4).strip(), keyAt, positionOf(start + matcher.start(4)));
    Value first = header.putIfAbsent(key, value);
    if (first != null) {
      mistake(
          keyAt,
          "`" + key + "` was already written on line " + first.at().line(),
          "Keep one of the two.");
    }
  }

  private static String nameOf(Path file) {
    return String.valueOf(file.getFileName()).replaceFirst("\\.sql$", "");
  }
}
