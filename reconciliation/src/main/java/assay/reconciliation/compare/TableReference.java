package assay.reconciliation.compare;

import assay.core.AssayException;
import assay.core.Lake.Layer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A table as a person names it.
 *
 * @param written as it was
 * @param name without what stands behind the {@code @}
 * @param version of a Delta table; empty for the newest, or where {@code time} is given
 * @param time that the table is read as of
 */
record TableReference(String written, String name, OptionalLong version, Optional<Instant> time) {
  private static final Pattern OF_LAKE = Pattern.compile("([a-z_]+)\\.([A-Za-z0-9_]+)");
  private static final Pattern VERSION = Pattern.compile("(.+)@([0-9]{1,18})");
  private static final Pattern TIME =
      Pattern.compile("(.+)@([0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?)");

  /**
   * Reads it.
   *
   * @throws AssayException with {@code USAGE} where what stands behind the {@code @} is no time
   */
  static TableReference of(String written) {
    Matcher version = VERSION.matcher(written);
    if (version.matches()) {
      return new TableReference(
          written,
          version.group(1),
          OptionalLong.of(Long.parseLong(version.group(2))),
          Optional.empty());
    }
    Matcher time = TIME.matcher(written);
    if (time.matches()) {
      return new TableReference(
          written, time.group(1), OptionalLong.empty(), Optional.of(instant(time.group(2))));
    }
    return new TableReference(written, written, OptionalLong.empty(), Optional.empty());
  }

  /** The same where all of it is the name. */
  TableReference asName() {
    return new TableReference(written, written, OptionalLong.empty(), Optional.empty());
  }

  boolean isPinned() {
    return version.isPresent() || time.isPresent();
  }

  boolean isOfLake() {
    return layer().isPresent();
  }

  /** The layer of a table of the lake; empty for a path. */
  Optional<Layer> layer() {
    Matcher ofLake = OF_LAKE.matcher(name);
    return ofLake.matches()
        ? Stream.of(Layer.values()).filter(l -> l.folder().equals(ofLake.group(1))).findFirst()
        : Optional.empty();
  }

  /** The name of a table of the lake within its layer. */
  String nameInLayer() {
    return name.substring(name.indexOf('.') + 1);
  }

  /** A day begins at midnight; without an offset it is UTC. */
  private static Instant instant(String text) {
    String time = text.replace(' ', 'T');
    try {
      if (!time.contains("T")) {
        return LocalDate.parse(time).atStartOfDay(ZoneOffset.UTC).toInstant();
      }
      boolean hasOffset = time.endsWith("Z") || time.matches(".*T.*[+-].*");
      return hasOffset
          ? OffsetDateTime.parse(time).toInstant()
          : LocalDateTime.parse(time).toInstant(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      throw AssayException.usage(
          "`" + text + "` is no time", "write it as 2001-01-31 or 2001-01-31T08:00:00Z");
    }
  }
}
