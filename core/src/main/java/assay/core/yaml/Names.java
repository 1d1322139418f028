package assay.core.yaml;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The names a user may give. They become table folders, columns and SQL identifiers unquoted, so
 * the list of what is allowed is short: nothing in it can leave the lake or need quoting.
 */
public final class Names {
  /** As in the JSON schemas. */
  private static final Pattern ALLOWED = Pattern.compile("[a-z][a-z0-9_]{0,62}");

  private Names() {}

  public static boolean isAllowed(String name) {
    return ALLOWED.matcher(name).matches();
  }

  /** What is wrong with a name that is not allowed. */
  public static String message(String name) {
    String shown = name.length() > 40 ? name.substring(0, 40) + "…" : name;
    return "`" + shown + "` cannot be a name";
  }

  /** What to write instead. */
  public static String mend(String name) {
    String near =
        name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9_]+", "_")
            .replaceAll("^[^a-z]+|_+$", "");
    String rule =
        "Write a lower-case letter, then up to 62 lower-case letters, digits or underscores";
    return isAllowed(near) ? rule + ": `" + near + "`." : rule + ".";
  }
}
