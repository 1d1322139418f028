package assay.core.yaml;

import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * Finds the place in the file of a character of a scalar's value, so that a mistake inside a long
 * SQL text is shown where it stands. Quotes, escapes and folded lines make the two differ.
 */
final class ScalarText {
  private final int[] source;
  private final ScalarNode scalar;

  ScalarText(int[] source, ScalarNode scalar) {
    this.source = source;
    this.scalar = scalar;
  }

  /**
   * The place of the character at {@code offset} of the value, in code points from 0.
   *
   * @param offset may be the value's length: the place just behind it
   */
  Position at(int offset) {
    ScalarStyle style = scalar.getScalarStyle();
    int start = scalar.getStartMark().getIndex();
    return switch (style) {
      case LITERAL -> positionOf(inLiteral(start, offset));
      case FOLDED -> positionOf(inFolded(firstCharacterOfBlock(start), offset, style));
      case PLAIN -> positionOf(inFolded(start, offset, style));
      default -> positionOf(inFolded(start + 1, offset, style));
    };
  }

  private int inFolded(int start, int offset, ScalarStyle style) {
    int at = start;
    int value = 0;
    while (value < offset && at < source.length) {
      int behindBlanks = behindLineBreak(at);
      if (behindBlanks > at) {
        value += Math.max(1, lineBreaks(at, behindBlanks) - 1);
        at = behindBlanks;
      } else {
        at += lengthOfCharacter(at, style);
        value++;
      }
    }
    return Math.min(at, source.length);
  }

  private int lengthOfCharacter(int at, ScalarStyle style) {
    if (style == ScalarStyle.SINGLE_QUOTED && source[at] == '\'') {
      return 2;
    }
    if (style == ScalarStyle.DOUBLE_QUOTED && source[at] == '\\' && at + 1 < source.length) {
      return switch (source[at + 1]) {
        case 'x' -> 4;
        case 'u' -> 6;
        case 'U' -> 10;
        default -> 2;
      };
    }
    return 1;
  }

  private int inLiteral(int start, int offset) {
    int line = firstCharacterOfBlock(start);
    int indent = columnOf(line);
    int value = 0;
    int at = line;
    while (value < offset && at < source.length) {
      boolean lineBreak = source[at] == '\n';
      at++;
      value++;
      if (lineBreak) {
        int skipped = 0;
        while (skipped < indent && at < source.length && source[at] == ' ') {
          at++;
          skipped++;
        }
      }
    }
    return at;
  }

  private int firstCharacterOfBlock(int header) {
    int at = header;
    while (at < source.length && source[at] != '\n') {
      at++;
    }
    while (at < source.length && isBlank(source[at])) {
      at++;
    }
    return at;
  }

  /** Behind a run of blanks that holds a line break; {@code at} where there is none. */
  private int behindLineBreak(int at) {
    int end = at;
    while (end < source.length && isBlank(source[end])) {
      end++;
    }
    return lineBreaks(at, end) > 0 ? end : at;
  }

  private int lineBreaks(int from, int to) {
    int breaks = 0;
    for (int i = from; i < to; i++) {
      breaks += source[i] == '\n' ? 1 : 0;
    }
    return breaks;
  }

  private int columnOf(int index) {
    int column = 0;
    for (int i = index - 1; i >= 0 && source[i] != '\n'; i--) {
      column++;
    }
    return column;
  }

  private Position positionOf(int index) {
    return new Position(lineBreaks(0, index) + 1, columnOf(index) + 1);
  }

  private static boolean isBlank(int character) {
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
  }
}
