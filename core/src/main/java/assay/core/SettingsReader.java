package assay.core;

import assay.core.yaml.Checked;
import assay.core.yaml.Problems;
import assay.core.yaml.SchemaCheck;
import assay.core.yaml.YamlDocument;
import assay.core.yaml.YamlNode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads {@code assay.yaml}, and finds every mistake in it in one go. */
public final class SettingsReader {
  private static final Pattern URI = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):(/.*)");
  private static final Pattern SERVERS =
      Pattern.compile("\\s*[^\\s,:/@]+:[0-9]{1,5}\\s*(,\\s*[^\\s,:/@]+:[0-9]{1,5}\\s*)*");
  private static final Pattern CREATE = Pattern.compile("(^|[,\\s])(create|\\*)([,\\s]|$)");

  /** Kafka properties that decide what the bronze stream reads; Assay or Spark sets them. */
  private static final Set<String> KEPT =
      Set.of(
          "key.deserializer",
          "value.deserializer",
          "auto.offset.reset",
          "enable.auto.commit",
          "isolation.level",
          "interceptor.classes");

  private final Path folder;
  private final Substitution substitution;

  private SettingsReader(Path folder, Map<String, String> environment) {
    this.folder = folder;
    this.substitution = new Substitution(folder, environment);
  }

  /**
   * Reads the settings.
   *
   * @param environment what {@code ${NAME}} stands for
   * @throws AssayException with {@code USAGE} and all mistakes, one a line
   */
  public static Settings read(Path file, Map<String, String> environment) {
    return check(file, environment).orThrow();
  }

  /** As {@link #read}, without an exception. */
  public static Checked<Settings> check(Path file, Map<String, String> environment) {
    Problems problems = new Problems(file.toString());
    Optional<YamlDocument> document = YamlDocument.read(file, problems);
    if (document.isEmpty()) {
      return new Checked.Bad<>(problems.sorted());
    }
    SchemaCheck.ofResource("/assay/core/assay.schema.json").check(document.get());
    Path absolute = file.toAbsolutePath().normalize();
    Path folder = Optional.ofNullable(absolute.getParent()).orElse(absolute);
    Settings settings = new SettingsReader(folder, environment).settings(document.get().root());
    return problems.isEmpty() ? new Checked.Good<>(settings) : new Checked.Bad<>(problems.sorted());
  }

  private Settings settings(YamlNode root) {
    Settings defaults = Settings.defaults(folder);
    return new Settings(
        root.field("lake").flatMap(this::lake).orElse(defaults.lake()),
        root.field("contracts").flatMap(this::folder).orElse(defaults.contracts()),
        root.field("kafka").map(this::kafka).orElse(Settings.Kafka.NONE),
        root.field("alerts")
            .map(new AlertSettingsReader(substitution)::read)
            .orElse(AlertSettings.NONE),
        properties(root.field("spark"), this::checkSpark));
  }

  private Optional<String> lake(YamlNode node) {
    Optional<String> filled = substitution.fill(node).map(String::strip);
    if (filled.isEmpty()) {
      return Optional.empty();
    }
    String text = filled.get();
    var uri = URI.matcher(text);
    if (!uri.matches()) {
      return path(node, text).map(Path::toString);
    }
    String scheme = uri.group(1).toLowerCase(Locale.ROOT);
    if (scheme.equals("s3") || scheme.equals("s3n")) {
      node.mistake(
          "the scheme `" + scheme + "` is not Hadoop's", "Write `s3a:" + uri.group(2) + "`.");
      return Optional.empty();
    }
    boolean credentials = text.replaceFirst("^[^/]*//([^/]*).*$", "$1").contains(":");
    if (text.contains("@") && credentials && scheme.startsWith("s3")) {
      node.mistake(
          "the address holds credentials",
          "Write them as `spark.hadoop.fs.s3a.access.key: ${NAME}` and so on.");
      return Optional.empty();
    }
    return Optional.of(text.replaceFirst("/+$", ""));
  }

  private Optional<Path> folder(YamlNode node) {
    return substitution.fill(node).flatMap(text -> path(node, text.strip()));
  }

  private Optional<Path> path(YamlNode node, String text) {
    String name = "`" + node.name() + "`";
    if (text.isEmpty()) {
      node.mistake(name + " is empty", "Write a path, or leave the key out.");
      return Optional.empty();
    }
    if (text.startsWith("~")) {
      node.mistake("`~` is not read in " + name, "Write ${HOME}.");
      return Optional.empty();
    }
    try {
      return Optional.of(folder.resolve(text).normalize());
    } catch (InvalidPathException e) {
      node.mistake(name + " is no path", "Write for example `lake`.");
      return Optional.empty();
    }
  }

  private Settings.Kafka kafka(YamlNode node) {
    Optional<String> servers = node.field("bootstrap_servers").flatMap(this::servers);
    return new Settings.Kafka(
        servers, properties(node.field("properties"), SettingsReader::checkKafka));
  }

  private Optional<String> servers(YamlNode node) {
    Optional<String> servers = substitution.fill(node).map(String::strip);
    if (servers.isPresent() && !SERVERS.matcher(servers.get()).matches()) {
      node.mistake(
          "`bootstrap_servers` is no list of hosts and ports",
          "Write for example `broker-1:9092,broker-2:9092`.");
    }
    return servers;
  }

  /** A check of one property, by its value as it was filled in. */
  private interface PropertyCheck {
    void check(YamlNode property, String value);
  }

  private Map<String, String> properties(Optional<YamlNode> node, PropertyCheck check) {
    Map<String, String> properties = new LinkedHashMap<>();
    for (YamlNode property : node.map(YamlNode::fields).orElse(List.of())) {
      if (!property.isHealthy()) {
        continue;
      }
      String name = property.name();
      if (SecretNames.isSecret(name) && SecretNames.isWrittenOut(property.text())) {
        property.mistake(
            "`" + name + "` looks like a secret and is written out",
            "Write ${NAME} and set the variable, or write ${file:/path}.");
        continue;
      }
      substitution
          .fill(property)
          .ifPresent(
              value -> {
                check.check(property, value);
                properties.put(name, value);
              });
    }
    return properties;
  }

  private static void checkKafka(YamlNode property, String value) {
    String name = property.name();
    if (name.startsWith("kafka.")) {
      property.mistakeInKey(
          "Kafka's own names have no `kafka.` in front",
          "Write `" + name.substring("kafka.".length()) + "`.");
    } else if (name.equals("bootstrap.servers")) {
      property.mistakeInKey(
          "the servers have a key of their own", "Write `kafka: {bootstrap_servers: …}`.");
    } else if (KEPT.contains(name)) {
      property.mistakeInKey("`" + name + "` is set by Assay", "Remove it.");
    }
  }

  private void checkSpark(YamlNode property, String value) {
    String name = property.name();
    String hadoop =
        name.replaceFirst("^spark\\.hadoop\\.", "")
            .replaceFirst("^fs\\.s3a\\.bucket\\.[^.]+\\.", "fs.s3a.");
    String lower = value.strip().toLowerCase(Locale.ROOT);
    boolean createsOver =
        (hadoop.equals("fs.s3a.create.performance") && !lower.equals("false"))
            || (hadoop.equals("fs.s3a.performance.flags") && CREATE.matcher(lower).find());
    if (createsOver) {
      property.mistakeInKey(
          "`" + name + "` lets two writers overwrite each other's Delta commits", "Remove it.");
    } else if (!name.startsWith("spark.")) {
      String mend =
          name.startsWith("fs.") || name.startsWith("hadoop.")
              ? "Write `spark.hadoop." + name + "`."
              : "Write `spark." + name + "`, or remove it.";
      property.mistakeInKey("Spark leaves out `" + name + "`: it lacks `spark.` in front", mend);
    }
  }
}
