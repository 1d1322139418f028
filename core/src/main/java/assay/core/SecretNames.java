package assay.core;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Tells by its name whether a property holds a secret. */
final class SecretNames {
  private static final List<String> WORDS =
      List.of("password", "passwd", "secret", "jaas", "token", "credential");

  /** What says where a secret is or how it is treated, not what it is. */
  private static final List<String> HARMLESS =
      List.of(
          ".provider",
          ".provider.path",
          ".url",
          ".uri",
          ".location",
          ".class",
          ".enabled",
          ".ms",
          ".seconds",
          ".interval",
          ".renewal");

  /** A password written out in the text of a login module. */
  private static final Pattern LITERAL_PASSWORD =
      Pattern.compile("(?i)(password|secret)\\s*=\\s*[\"']?(?!\\$\\{)[^\\s\"';]");

  private SecretNames() {}

  static boolean isSecret(String property) {
    String name = property.toLowerCase(Locale.ROOT);
    if (HARMLESS.stream().anyMatch(name::endsWith)) {
      return false;
    }
    return name.endsWith(".key")
        || name.contains("account.key")
        || WORDS.stream().anyMatch(name::contains);
  }

  /** Whether a text, as it is written in the file, holds a secret itself. */
  static boolean isWrittenOut(String text) {
    boolean referred = text.contains("${");
    boolean withDefault = text.matches("(?s).*\\$\\{[^}]*:-[^}]+}.*");
    return !referred || withDefault || LITERAL_PASSWORD.matcher(text).find();
  }
}
