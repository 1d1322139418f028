package assay.reconciliation.alerts;

import assay.core.AlertSettings;
import assay.core.Lake;
import assay.core.contract.Contract;
import assay.reconciliation.DualRead;
import assay.reconciliation.serving.Published;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;

/** Tells people what the commands find of a domain. No command fails because that does not work. */
public final class DomainAlerts {
  /** What is asked of whole tables is asked so often beside a stream. */
  private static final Duration EVERY = Duration.ofMinutes(10);

  private final Alerts alerts;
  private final AlertFinder finder;
  private final Clock clock;
  private final Consumer<String> say;
  private Instant due = Instant.MIN;

  /**
   * The alerts of a domain.
   *
   * @param say told where something could not be told
   */
  public DomainAlerts(
      SparkSession spark,
      Lake lake,
      Contract contract,
      AlertSettings settings,
      Clock clock,
      Consumer<String> say) {
    this.alerts = new Alerts(spark, lake, settings, clock, say);
    this.finder = new AlertFinder(spark, lake, contract, settings, clock);
    this.clock = clock;
    this.say = say;
  }

  /** After the serving tables of a metric set were published. */
  public void published(Published published) {
    tell(
        () -> {
          Findings findings = finder.ofServing(published);
          if (clock.instant().isBefore(due)) {
            return findings;
          }
          due = clock.instant().plus(EVERY);
          return findings.plus(finder.ofEvidence()).plus(finder.ofRows());
        });
  }

  /** After the domain was reconciled. */
  public void reconciled() {
    tell(() -> finder.ofEvidence().plus(finder.ofRows()));
  }

  /** After keys of `latest` live views were read on both sides. */
  public void readOnBothSides(List<DualRead> reads) {
    tell(() -> AlertFinder.ofKeys(reads.stream().filter(this::saysEnough).toList()));
  }

  /** Fewer keys than those that something was found in do not show that it is over. */
  private boolean saysEnough(DualRead read) {
    return read.keys() > 0
        && (AlertFinder.differsTooMuch(read)
            || alerts
                .open(Finding.cause(Finding.Kind.MISMATCH, read.view()))
                .map(open -> read.keys() >= Long.parseLong(open.details().get(AlertFinder.KEYS)))
                .orElse(true));
  }

  private void tell(Supplier<Findings> find) {
    if (!alerts.isOn()) {
      return;
    }
    try {
      alerts.tell(find.get());
    } catch (Exception e) {
      // Also a checked one, which the engine throws without saying so.
      say.accept("alerts could not be told: " + e.getMessage());
    }
  }
}
