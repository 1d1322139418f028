package assay.core;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What {@code assay.yaml} says about the surroundings: where the lake, the contracts and Kafka are.
 * Values may be secrets, so that {@link #toString} shows only the names of properties.
 *
 * @param lake an absolute path or a URI that Hadoop knows, without a slash at the end
 * @param contracts the folder of contracts, absolute
 * @param spark Spark's configuration by key, each starting with {@code spark.}
 */
public record Settings(
    String lake, Path contracts, Kafka kafka, AlertSettings alerts, Map<String, String> spark) {
  public Settings {
    spark = Map.copyOf(spark);
  }

  /**
   * How Kafka is reached.
   *
   * @param bootstrapServers empty where no command needs Kafka
   * @param properties of Kafka's clients, without Spark's prefix {@code kafka.}
   */
  public record Kafka(Optional<String> bootstrapServers, Map<String, String> properties) {
    public static final Kafka NONE = new Kafka(Optional.empty(), Map.of());

    public Kafka {
      properties = Map.copyOf(properties);
    }

    @Override
    public String toString() {
      return "Kafka[bootstrapServers="
          + bootstrapServers.orElse("none")
          + ", properties="
          + new TreeSet<>(properties.keySet())
          + "]";
    }
  }

  /**
   * What holds where there is no {@code assay.yaml}: the folders {@code lake}, {@code contracts}.
   */
  public static Settings defaults(Path folder) {
    Path base = folder.toAbsolutePath().normalize();
    return new Settings(
        base.resolve("lake").toString(),
        base.resolve("contracts"),
        Kafka.NONE,
        AlertSettings.NONE,
        Map.of());
  }

  @Override
  public String toString() {
    return "Settings[lake="
        + lake
        + ", contracts="
        + contracts
        + ", kafka="
        + kafka
        + ", alerts="
        + alerts
        + ", spark="
        + new TreeSet<>(spark.keySet())
        + "]";
  }
}
