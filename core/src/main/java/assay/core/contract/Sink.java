package assay.core.contract;

/**
 * Where the stream sends what it makes, beside the tables: rows that it set aside, or the changes
 * of a live view.
 */
public record Sink(String name, Of of, Target target) {
  /** Ends the name of a metric set where its cells by window are meant. */
  public static final String WINDOWS = "_windows";

  /** What is sent. */
  public sealed interface Of {
    /** As it stands in the contract. */
    String name();
  }

  /** Rows that no live view counts, as they came from Kafka. */
  public record SetAside(String disposition) implements Of {
    @Override
    public String name() {
      return disposition;
    }
  }

  /**
   * Rows of a live view, each as often as it changes.
   *
   * @param name as in {@code live.NAME}
   */
  public record View(String name) implements Of {}

  /** Where to. */
  public sealed interface Target {}

  public record Topic(String topic) implements Target {
    @Override
    public String toString() {
      return "kafka " + topic;
    }
  }

  /**
   * An HTTP address.
   *
   * @param variable of the environment that holds it, as an address may be a secret
   */
  public record Webhook(String variable) implements Target {
    @Override
    public String toString() {
      return "webhook " + variable;
    }
  }
}
