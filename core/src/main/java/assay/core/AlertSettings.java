package assay.core;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;

/**
 * What {@code assay.yaml} says of alerts. Addresses and keys are secrets, so that {@link #toString}
 * shows only the names of channels.
 *
 * @param lateShare of the rows of the last day, above which that so many are late is told; a ratio
 * @param quarantineShare the same of rows in quarantine
 * @param evidenceWithin how long after a day has closed its evidence may be missing
 */
public record AlertSettings(
    List<Channel> channels,
    BigDecimal lateShare,
    BigDecimal quarantineShare,
    Duration evidenceWithin) {
  public static final AlertSettings NONE =
      new AlertSettings(
          List.of(), new BigDecimal("0.05"), new BigDecimal("0.01"), Duration.ofDays(1));

  public AlertSettings {
    channels = List.copyOf(channels);
  }

  /** Where alerts go. */
  public sealed interface Channel {
    String name();
  }

  /** What an HTTP address expects. */
  public enum Shape {
    /** All that there is to say, as one JSON document. */
    GENERIC,

    /** An incoming webhook of Slack, and what takes the same. */
    SLACK
  }

  /** A POST of JSON. */
  public record Webhook(String name, Shape shape, String address) implements Channel {
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * PagerDuty's Events API v2.
   *
   * @param key of the integration
   * @param address of the service
   */
  public record PagerDuty(String name, String key, String address) implements Channel {
    /** Where it is for most accounts. */
    public static final String ADDRESS = "https://events.pagerduty.com/v2/enqueue";

    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * A program that reads the JSON document from its standard input.
   *
   * @param words the program and its arguments, at least one
   */
  public record Command(String name, List<String> words) implements Channel {
    public Command {
      words = List.copyOf(words);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** The log. */
  public record Log(String name) implements Channel {}

  @Override
  public String toString() {
    return "AlertSettings" + channels.stream().map(Channel::name).toList();
  }
}
