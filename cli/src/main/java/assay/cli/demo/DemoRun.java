package assay.cli.demo;

import assay.cli.Progress;
import assay.cli.Sizes;
import assay.cli.Workspace;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.gold.GoldStage;
import assay.ingestion.Bronze;
import assay.ingestion.IngestStage;
import assay.ingestion.KafkaBroker;
import assay.ingestion.KafkaTopic;
import assay.reconciliation.ReconcileRequest;
import assay.reconciliation.ReconcileStage;
import assay.reconciliation.Reconciliation;
import assay.silver.SilverStage;
import assay.views.live.LiveStage;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The main job on real flights, from Kafka to the proof. The flights come in two waves of at least
 * twelve micro-batches each, and every stage runs after each wave, so that appends, corrections of
 * loaded rows and restated days all happen.
 */
final class DemoRun {
  private static final int PARTITIONS = 2;
  private static final int WAVES = 2;
  private static final int BATCHES_A_WAVE = 12;

  private final Path examples;
  private final DemoFolder folder;
  private final Progress progress;
  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private long microBatches;

  /**
   * Prepares a run.
   *
   * @param examples the folder of the flights and their contract
   */
  DemoRun(Path examples, DemoFolder folder, Progress progress) {
    this.examples = examples;
    this.folder = folder;
    this.progress = progress;
  }

  /** Runs all of it. */
  DemoOutcome run() {
    DemoEvents events = DemoEvents.read(examples.resolve("flights.jsonl.gz"));
    return DemoEngines.run(
        folder,
        examples.resolve("contract.yaml"),
        () ->
            timed(
                "kafka",
                "start a Kafka broker",
                () -> KafkaBroker.start(folder.kafka()),
                KafkaBroker::bootstrapServers),
        (broker, workspace) -> run(events, broker, workspace));
  }

  private DemoOutcome run(DemoEvents events, KafkaBroker broker, Workspace workspace) {
    Contract contract = workspace.contracts(Optional.empty()).get(0);
    String topic = contract.source().topic();
    broker.createTopic(topic, PARTITIONS);
    timed("spark", "start Spark", workspace::spark, s -> "version " + s.version());
    List<DemoRecord> records = events.records();
    int half = (records.size() + WAVES - 1) / WAVES;
    for (int wave = 0; wave < WAVES; wave++) {
      List<DemoRecord> part =
          records.subList(wave * half, Math.min(records.size(), (wave + 1) * half));
      runWave(workspace, contract, broker.bootstrapServers(), part);
    }
    KafkaTopic kafka = new KafkaTopic(broker.bootstrapServers(), Map.of(), topic);
    long kafkaRecords = kafka.records();
    LakeTable bronze = new LakeTable(workspace.spark(), workspace.lake().bronze(contract.domain()));
    Reconciliation proof =
        timed(
            "reconcile",
            "prove that stream and batch agree",
            () ->
                new ReconcileStage(
                        workspace.spark(), workspace.lake(), contract, Clock.systemUTC(), progress)
                    .run(ReconcileRequest.ALL),
            r -> r.days().size() + " days compared");
    return new DemoOutcome(
        kafkaRecords,
        bronze.read().count(),
        bronze.read().select(Bronze.PARTITION, Bronze.OFFSET).distinct().count(),
        microBatches,
        events.flights(),
        events.faults(),
        proof,
        seconds,
        folder.lake(),
        folder.settings());
  }

  private void runWave(
      Workspace workspace, Contract contract, String servers, List<DemoRecord> records) {
    timed(
        "produce",
        "produce flights",
        () -> {
          new DemoProducer(servers, contract.source().topic()).send(records);
          return records.size();
        },
        n -> Sizes.count(n) + " records sent");
    timed(
        "ingestion",
        "Kafka to bronze",
        () ->
            new IngestStage(
                    workspace.spark(),
                    workspace.lake(),
                    contract,
                    workspace.kafka(Optional.of((long) records.size() / BATCHES_A_WAVE)),
                    Clock.systemUTC(),
                    progress)
                .runUntilCaughtUp(),
        r -> {
          microBatches += r.batches();
          return Sizes.count(r.rows()) + " rows in " + r.batches() + " micro-batches";
        });
    timed(
        "live",
        "bronze to live views",
        () ->
            new LiveStage(workspace.spark(), workspace.lake(), contract, progress)
                .runUntilCaughtUp(),
        r -> Sizes.count(r.counted()) + " rows counted, " + Sizes.count(r.late()) + " late");
    timed(
        "silver",
        "bronze to silver",
        () -> new SilverStage(workspace.spark(), workspace.lake(), contract, progress).run(),
        r -> Sizes.count(r.loaded()) + " rows loaded, " + r.quarantined() + " quarantined");
    timed(
        "gold",
        "silver to gold",
        () ->
            new GoldStage(
                    workspace.spark(), workspace.lake(), contract, Clock.systemUTC(), progress)
                .run(Optional.empty()),
        r -> r.stream().mapToInt(g -> g.days().size()).sum() + " days recomputed");
  }

  private <T> T timed(String stage, String task, Supplier<T> work, Function<T, String> outcome) {
    progress.begin(task, 0);
    long begun = System.nanoTime();
    T result = work.get();
    seconds.merge(stage, Math.round((System.nanoTime() - begun) / 1e8) / 10.0, Double::sum);
    progress.end(outcome.apply(result));
    return result;
  }
}
