package assay.reconciliation.alerts;

import assay.core.AlertSettings;
import assay.core.AlertSettings.Channel;
import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.reconciliation.alerts.AlertEvent.What;
import assay.reconciliation.alerts.AlertTable.Told;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;

/**
 * Tells people: once when something holds, again only where it holds in another way, and once when
 * it is over. What was told stands in {@code ops/alerts}, written after it was sent: a run that
 * ends between the two sends it again, under the same id.
 */
final class Alerts {
  /** How long a channel that failed is left alone: whoever publishes does not wait for it. */
  private static final Duration REST = Duration.ofMinutes(10);

  private final AlertSettings settings;
  private final AlertTable table;
  private final ChannelSender sender;
  private final Clock clock;
  private final Consumer<String> say;
  private final Map<String, Instant> failed = new HashMap<>();

  /**
   * The alerts of a lake.
   *
   * @param say told where a channel does not take an event
   */
  Alerts(SparkSession spark, Lake lake, AlertSettings settings, Clock clock, Consumer<String> say) {
    this(spark, lake, settings, clock, say, new ChannelSender());
  }

  Alerts(
      SparkSession spark,
      Lake lake,
      AlertSettings settings,
      Clock clock,
      Consumer<String> say,
      ChannelSender sender) {
    this.settings = settings;
    this.table = new AlertTable(spark, lake);
    this.sender = sender;
    this.clock = clock;
    this.say = say;
  }

  /** Whether there is anyone to tell; nothing is looked for or written where there is not. */
  boolean isOn() {
    return !settings.channels().isEmpty();
  }

  /** What was told of a cause, where it holds by what is known. */
  Optional<Finding> open(String cause) {
    return Optional.ofNullable(table.newest().get(cause))
        .map(Told::event)
        .filter(AlertEvent::isOpen)
        .map(AlertEvent::finding);
  }

  /**
   * Tells what is new of some causes. A channel that does not take it is told with the next run.
   */
  void tell(Findings findings) {
    if (!isOn()) {
      return;
    }
    Map<String, Told> newest = table.newest();
    List<Told> told = new ArrayList<>();
    for (String cause : findings.causes()) {
      Optional<Finding> holds =
          findings.found().stream().filter(f -> f.cause().equals(cause)).findFirst();
      Optional<Told> last = Optional.ofNullable(newest.get(cause));
      Optional<AlertEvent> event = next(last.map(Told::event), holds);
      if (event.isPresent()) {
        told.add(send(event.get(), List.of()));
      } else if (last.isPresent() && !missing(last.get().sentTo()).isEmpty()) {
        Told again = send(last.get().event(), last.get().sentTo());
        if (again.sentTo().size() > last.get().sentTo().size()) {
          told.add(again);
        }
      }
    }
    if (!told.isEmpty()) {
      write(told);
    }
  }

  private void write(List<Told> told) {
    try {
      table.append(told);
    } catch (AssayException e) {
      if (e.code() != ErrorCode.TRY_AGAIN) {
        throw e;
      }
      // Another run told something meanwhile: what of this is new still is with the next run.
      say.accept("ops/alerts was written by another run; some alerts may be sent twice");
    }
  }

  private Optional<AlertEvent> next(Optional<AlertEvent> last, Optional<Finding> holds) {
    boolean open = last.filter(AlertEvent::isOpen).isPresent();
    if (holds.isEmpty() && !open) {
      return Optional.empty();
    }
    boolean same =
        open && holds.filter(f -> f.state().equals(last.get().finding().state())).isPresent();
    if (same) {
      return Optional.empty();
    }
    What what = holds.isEmpty() ? What.CLEAR : open ? What.CHANGED : What.OPEN;
    Finding finding = holds.orElseGet(() -> last.orElseThrow().finding());
    long number = last.map(AlertEvent::number).orElse(0L) + 1;
    return Optional.of(new AlertEvent(number, what, finding, clock.instant()));
  }

  private List<Channel> missing(List<String> sentTo) {
    return settings.channels().stream().filter(c -> !sentTo.contains(c.name())).toList();
  }

  private boolean rests(Channel channel) {
    Instant since = failed.get(channel.name());
    return since != null && clock.instant().isBefore(since.plus(REST));
  }

  private Told send(AlertEvent event, List<String> sentTo) {
    List<String> reached = new ArrayList<>(sentTo);
    for (Channel channel : missing(sentTo)) {
      // To hear that something is over that nobody spoke of helps no one.
      boolean unheard =
          !event.isOpen() && !table.hasReached(channel.name(), event.finding().cause());
      if (unheard || rests(channel)) {
        continue;
      }
      try {
        sender.send(channel, event);
        reached.add(channel.name());
      } catch (AssayException e) {
        failed.put(channel.name(), clock.instant());
        say.accept(e.getMessage() + "; it is told again with the next run");
      }
    }
    return new Told(event, reached);
  }
}
