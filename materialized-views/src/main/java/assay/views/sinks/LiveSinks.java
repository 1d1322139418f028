package assay.views.sinks;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.Sink;
import assay.ingestion.IngestStage.KafkaSource;
import assay.views.live.LiveTables;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;

/**
 * The sinks of a domain, beside its live query: what arrives, arrives at least once, and of each
 * key the newest last.
 */
public final class LiveSinks implements AutoCloseable {
  private final SparkSession spark;
  private final Contract contract;
  private final Patience patience;
  private final Steps steps;
  private final Consumer<String> say;
  private final List<SinkRun> runs = new ArrayList<>();
  private final List<SinkThread> threads = new ArrayList<>();

  /** What sinks are made with. */
  public record Surroundings(
      SparkSession spark,
      Lake lake,
      Supplier<KafkaSource> kafka,
      Map<String, String> environment,
      Steps steps,
      Consumer<String> say) {
    public Surroundings {
      environment = Map.copyOf(environment);
    }
  }

  /**
   * The sinks of one contract. Nothing is sent yet.
   *
   * @param with {@code kafka} is asked where a sink sends there; {@code say} is told what a person
   *     should know, from any thread
   * @throws AssayException with {@code USAGE} where a webhook's variable holds no address
   */
  public LiveSinks(Contract contract, Surroundings with) {
    this(contract, with, Patience.USUAL);
  }

  LiveSinks(Contract contract, Surroundings with, Patience patience) {
    this.spark = with.spark();
    this.contract = contract;
    this.patience = patience;
    this.steps = with.steps();
    this.say = with.say();
    LakeTable table = new LakeTable(spark, with.lake().sinks());
    for (Sink sink : contract.sinks()) {
      runs.add(
          new SinkRun(
              contract.domain(),
              sink,
              backlog(sink, with),
              receiver(sink, with),
              new SinkProgress(table),
              new SinkLog(spark, table, contract.domain(), sink, Clock.systemUTC()),
              steps));
    }
    if (!runs.isEmpty()) {
      table.createOrExtend(SinkLog.SCHEMA, SinkLog.PARTITIONED_BY);
    }
  }

  private Backlog backlog(Sink sink, Surroundings with) {
    if (sink.of() instanceof Sink.SetAside aside) {
      return new SetAsideRows(spark, with.lake(), contract, aside.disposition());
    }
    String view = sink.of().name();
    return new ViewChanges(view, new LiveTables(spark, with.lake(), contract).shown(view), say);
  }

  private Receiver receiver(Sink sink, Surroundings with) {
    if (sink.target() instanceof Sink.Topic topic) {
      return new KafkaReceiver(with.kafka().get(), topic.topic(), patience);
    }
    String variable = ((Sink.Webhook) sink.target()).variable();
    String address =
        Optional.ofNullable(with.environment().get(variable))
            .orElseThrow(
                () ->
                    AssayException.usage(
                        "the sink %s of %s needs the environment variable %s, which is not set"
                            .formatted(sink.name(), contract.domain(), variable),
                        "set it to the address of the webhook, or take the sink out of the"
                            + " contract"));
    return new WebhookReceiver(variable, address, patience);
  }

  /** Follows the live query, each sink in a thread of its own, until closed. */
  public void start() {
    Duration every = contract.liveEvery().orElseThrow();
    for (SinkRun run : runs) {
      SinkThread thread = new SinkThread(spark, run, patience, every, say);
      threads.add(thread);
      thread.start();
    }
  }

  /** Steps for the live query, after each of which there may be something to send. */
  public Steps watching() {
    return (stage, step) -> {
      steps.reached(stage, step);
      threads.forEach(SinkThread::wake);
    };
  }

  /**
   * Does the work of a live query that ends, then brings all receivers up to what the views hold,
   * also where it failed.
   *
   * @throws AssayException where one could not be brought there
   */
  public <T> T catchUpAfter(Supplier<T> work) {
    List<AssayException> behind = new ArrayList<>();
    T result;
    try {
      result = work.get();
    } finally {
      runs.forEach(run -> catchUp(run, behind));
    }
    if (!behind.isEmpty()) {
      AssayException first = behind.get(0);
      behind.stream().skip(1).forEach(other -> say.accept(other.getMessage()));
      throw first;
    }
    return result;
  }

  private void catchUp(SinkRun run, List<AssayException> behind) {
    RetryPolicy<Object> retries =
        patience
            .retries()
            .abortOn(e -> e instanceof AssayException known && known.code() != ErrorCode.TRY_AGAIN)
            .build();
    try {
      Failsafe.with(retries).run(run::send);
      run.log().flush();
    } catch (Exception e) {
      // What the engine throws without saying so comes wrapped.
      Throwable cause = e instanceof FailsafeException && e.getCause() != null ? e.getCause() : e;
      behind.add(run.failed(cause));
    }
  }

  @Override
  public void close() {
    threads.forEach(SinkThread::close);
    runs.forEach(SinkRun::close);
  }
}
