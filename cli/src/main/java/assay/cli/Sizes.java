package assay.cli;

import assay.core.TableSize;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Says how much a plan reads or replaces. */
public final class Sizes {
  private static final List<String> UNITS = List.of("kB", "MB", "GB", "TB");

  private Sizes() {}

  /** For a person: {@code 1,204 rows, 3.1 MB}. */
  static String text(TableSize size) {
    return count(size.rows()) + " rows, " + bytes(size.bytes());
  }

  /** With a thousand bytes to a kB, as disks are sold: {@code 999 B}, {@code 1.0 kB}. */
  static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = -1;
    // What would be shown as 1000.0 is one of the next unit.
    while (value >= 999.95 && unit < UNITS.size() - 1) {
      value /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, UNITS.get(Math.max(unit, 0)));
  }

  /** With commas between thousands. */
  public static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  static Map<String, Object> document(TableSize size) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("files", size.files());
    document.put("rows", size.rows());
    document.put("bytes", size.bytes());
    return document;
  }
}
