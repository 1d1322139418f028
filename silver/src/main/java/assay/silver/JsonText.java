package assay.silver;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.spark.unsafe.types.UTF8String;

/** JSON as its standard has it, in UTF-8 and nothing else; and where and why bytes are not that. */
final class JsonText {
  /** How deep arrays and objects may stand in each other. */
  static final int MOST_DEPTH = 1000;

  /**
   * Only depth is limited: Kafka limits the length of a value, and numbers are read as text. The
   * parser goes down without recursion, so that depth costs no stack.
   */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MOST_DEPTH)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          // Names come from data. Interned they would never go; and that many of them have one
          // hash must not end a run.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .recyclerPool(JsonRecyclerPools.threadLocalPool())
          .build();

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private static final long HIGH_BITS = 0x8080808080808080L;

  /** What the parser says of itself instead of the text. */
  private static final Pattern SOURCE =
      Pattern.compile("\\[Source: [^\\]]*?line: (\\d+), column: (\\d+)\\]");

  private static final Pattern SETTING = Pattern.compile(", from `[^`]*`");

  private JsonText() {}

  /**
   * A parser that stands before the object, for bytes of which {@link #whyNoObject} knows nothing.
   */
  static JsonParser parser(byte[] bytes, int from, int to) throws IOException {
    return JSON.createParser(bytes, from, to - from);
  }

  static boolean isUtf8(byte[] bytes) {
    return isAscii(bytes) || UTF8String.fromBytes(bytes).isValid();
  }

  private static boolean isAscii(byte[] bytes) {
    int i = 0;
    for (; i <= bytes.length - Long.BYTES; i += Long.BYTES) {
      if (((long) LONGS.get(bytes, i) & HIGH_BITS) != 0) {
        return false;
      }
    }
    for (; i < bytes.length; i++) {
      if (bytes[i] < 0) {
        return false;
      }
    }
    return true;
  }

  /** Why bytes are not UTF-8, where they are not. */
  static String whyNoUtf8(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(4096);
    CoderResult result = CoderResult.OVERFLOW;
    for (var decoder = UTF_8.newDecoder(); result.isOverflow(); out.clear()) {
      result = decoder.decode(in, out, true);
    }
    int at = in.position();
    return at < bytes.length
        ? "Invalid UTF-8 byte 0x%02x, at %s".formatted(bytes[at] & 0xff, place(bytes, at))
        : "Invalid UTF-8";
  }

  /**
   * Looks at where an object should begin. The parser would not tell: it also reads what is no
   * object, passes over a byte order mark, and takes zeros at the start for UTF-16.
   */
  static Optional<String> whyNoObject(byte[] bytes) {
    int at = 0;
    while (at < bytes.length && isBlank(bytes[at])) {
      at++;
    }
    if (at == bytes.length) {
      return Optional.of("Nothing there where an object should begin");
    }
    if (bytes[at] == '{') {
      at++;
      if (at == bytes.length || bytes[at] != 0) {
        return Optional.empty();
      }
    }
    int code = new String(bytes, at, Math.min(4, bytes.length - at), UTF_8).codePointAt(0);
    boolean shows = code > ' ' && code < 0x7f;
    return Optional.of(
        "Unexpected character (%scode %d) where an object should begin, at %s"
            .formatted(shows ? "'" + (char) code + "' " : "", code, place(bytes, at)));
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t' || b == '\n' || b == '\r';
  }

  /**
   * Whatever stands behind the object, it makes the value more than one object.
   *
   * @param json at the object's end
   */
  static void refuseMore(JsonParser json) throws IOException {
    if (json.nextToken() != null) {
      throw new JsonParseException(
          json, "Unexpected value behind the object", json.currentTokenLocation());
    }
  }

  /** What the parser found wrong, and where. */
  static String message(IOException found, JsonParser json) {
    String message = found.getMessage();
    JsonLocation location = json.currentLocation();
    if (found instanceof JsonProcessingException wrong) {
      message = wrong.getOriginalMessage();
      location = wrong.getLocation() == null ? location : wrong.getLocation();
    }
    message = SOURCE.matcher(message).replaceAll("line $1, column $2");
    return "%s, at line %d, column %d"
        .formatted(
            SETTING.matcher(message).replaceAll(""), location.getLineNr(), location.getColumnNr());
  }

  /** Columns count bytes, as those of the parser do. */
  private static String place(byte[] bytes, int at) {
    int line = 1;
    int start = 0;
    for (int i = 0; i < at; i++) {
      if (bytes[i] == '\n') {
        line++;
        start = i + 1;
      }
    }
    return "line " + line + ", column " + (at - start + 1);
  }

  /** Leaves out blanks that stand between a valid text's parts. */
  static byte[] withoutBlanks(byte[] bytes, int from, int to) {
    byte[] kept = new byte[to - from];
    int length = 0;
    boolean inString = false;
    for (int i = from; i < to; i++) {
      byte b = bytes[i];
      if (!inString && isBlank(b)) {
        continue;
      }
      kept[length++] = b;
      if (b == '"') {
        inString = !inString;
      } else if (inString && b == '\\') {
        kept[length++] = bytes[++i];
      }
    }
    return Arrays.copyOf(kept, length);
  }
}
