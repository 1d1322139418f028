package assay.cli;

import assay.core.StreamRun;
import assay.core.contract.Contract;
import assay.ingestion.IngestResult;
import assay.ingestion.IngestStage;
import assay.ingestion.IngestStage.KafkaSource;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs ingestion. */
@Command(
    name = "ingest",
    description = "Land Kafka's records in bronze, until stopped or until all are there.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay ingest                       read on, a micro-batch every 10 seconds",
      "  assay ingest --until-caught-up     read what is there, then end",
      "  assay ingest --accept-gaps         go on behind records that Kafka removed unread"
    })
final class IngestCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;
  @Mixin private DomainOption domain;

  @Option(
      names = "--until-caught-up",
      description = "End when all that Kafka holds now is in bronze.")
  private boolean untilCaughtUp;

  @Option(
      names = "--every",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "Seconds between micro-batches. Default: ${DEFAULT-VALUE}")
  private int every;

  @Option(
      names = "--max-records",
      paramLabel = "N",
      description = "At most N records a micro-batch. Default: no bound")
  private Long maxRecords;

  @Option(
      names = "--accept-gaps",
      description =
          "Go on where Kafka removed records before they were read, and record which. Default: end"
              + " with an error that names them")
  private boolean acceptGaps;

  @Override
  public Integer call() {
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      KafkaSource kafka = workspace.kafka(Optional.ofNullable(maxRecords));
      List<Contract> contracts = workspace.contracts(domain.chosen());
      if (!untilCaughtUp) {
        readOn(workspace, kafka, contracts, progress);
        return 0;
      }
      DomainRuns runs = common.domainRuns(workspace, progress);
      print(
          runs.run(
              "ingest",
              Optional.empty(),
              contracts,
              contract -> stage(workspace, kafka, contract, progress).runUntilCaughtUp(),
              result ->
                  new RunSummary(
                      result.rows() + " rows in " + result.batches() + " micro-batches",
                      Map.of("appended", result.rows()),
                      Map.of("bronze", result.version()))));
      return runs.exitCode();
    }
  }

  private void readOn(
      Workspace workspace, KafkaSource kafka, List<Contract> contracts, Progress progress) {
    List<Supplier<StreamRun.Running>> streams = new ArrayList<>();
    for (Contract contract : contracts) {
      streams.add(
          () ->
              new StreamRun.Running(
                  "ingest",
                  contract.domain(),
                  stage(workspace, kafka, contract, progress).start(Duration.ofSeconds(every))));
    }
    Streams.runUntilStopped(workspace.spark(), streams, progress);
  }

  private IngestStage stage(
      Workspace workspace, KafkaSource kafka, Contract contract, Progress progress) {
    return new IngestStage(
        workspace.spark(),
        workspace.lake(),
        contract,
        kafka,
        Clock.systemUTC(),
        progress,
        acceptGaps);
  }

  private void print(List<IngestResult> results) {
    if (common.json()) {
      common.output().json(Map.of("ingested", results));
    } else {
      common
          .output()
          .table(
              Table.of(
                  List.of("domain", "rows", "micro-batches", "bronze version"),
                  results.stream()
                      .map(
                          r ->
                              List.of(
                                  r.domain(), r.rows() + "", r.batches() + "", r.version() + ""))
                      .toList()));
    }
  }
}
