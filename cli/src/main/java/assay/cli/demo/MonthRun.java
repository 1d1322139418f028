package assay.cli.demo;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import assay.cli.Progress;
import assay.cli.Workspace;
import assay.cli.demo.MonthOutcome.Proof;
import assay.cli.demo.MonthOutcome.Round;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.Transaction;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.gold.GoldStage;
import assay.ingestion.IngestStage;
import assay.ingestion.KafkaBroker;
import assay.reconciliation.DayEvidence;
import assay.reconciliation.DayVerdict;
import assay.reconciliation.EvidenceTables;
import assay.reconciliation.ReconcileRequest;
import assay.reconciliation.ReconcileStage;
import assay.reconciliation.Verdict;
import assay.reconciliation.convergence.LatenessAdvisor;
import assay.reconciliation.report.ReportFile;
import assay.reconciliation.report.ReportFormat;
import assay.reconciliation.report.ReportReader;
import assay.reconciliation.report.ReportRequest;
import assay.reconciliation.serving.Serving;
import assay.silver.SilverStage;
import assay.views.live.LiveStage;
import assay.views.live.ViewBuild;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/**
 * A month of flights, each day as it would have been: what becomes known is ingested batch by
 * batch, and before midnight both paths run, are compared, and what BI reads follows. Whoever must
 * say yes to a step towards the stream does so as soon as it may be taken. On one day a release of
 * the stream counts that day's rows twice; it is taken back on the next.
 */
final class MonthRun {
  /** What a bad release is known by in the log of the live table. */
  private static final String BAD_RELEASE = "bad-release";

  private static final LocalTime END_OF_DAY = LocalTime.of(23, 0);
  private static final int PARTITIONS = 2;
  private static final String WHO = "the demo";

  private final Plan plan;
  private final DemoFolder folder;
  private final Progress progress;
  private final SetClock clock = new SetClock();

  /**
   * What to run.
   *
   * @param days how many days of the flights, one or more
   * @param badDay the day of the bad release, from 1 on
   * @param batch how much time a micro-batch of bronze covers
   */
  record Plan(Path contract, Path flights, int days, int badDay, Duration batch) {}

  MonthRun(Plan plan, DemoFolder folder, Progress progress) {
    this.plan = plan;
    this.folder = folder;
    this.progress = progress;
  }

  MonthOutcome run() {
    MonthFlights flights = MonthFlights.read(plan.flights());
    return DemoEngines.run(
        folder,
        plan.contract(),
        () -> KafkaBroker.start(folder.kafka()),
        (broker, workspace) -> run(flights, broker, workspace));
  }

  private MonthOutcome run(MonthFlights flights, KafkaBroker broker, Workspace workspace) {
    Contract contract = workspace.contracts(Optional.empty()).get(0);
    broker.createTopic(contract.source().topic(), PARTITIONS);
    Days days = new Days(workspace, contract, broker.bootstrapServers(), flights);
    List<Round> rounds = new ArrayList<>();
    LocalDate last = flights.first().plusDays(plan.days() - 1L);
    last = last.isBefore(flights.last()) ? last : flights.last();
    // The last day is over on the one behind it.
    for (LocalDate day = flights.first(); !day.isAfter(last.plusDays(1)); day = day.plusDays(1)) {
      progress.begin(day.toString(), 0);
      Round round = days.round(day);
      rounds.add(round);
      progress.end(
          "%,d flights, %s, %s"
              .formatted(
                  round.flights(),
                  round.yesterday().map(v -> v.label() + " the day before").orElse("nothing over"),
                  round.stands()));
    }
    return days.outcome(rounds, last);
  }

  /** The stages, over one lake. */
  private final class Days {
    private final Workspace workspace;
    private final SparkSession spark;
    private final Contract contract;
    private final MetricSet metrics;
    private final MonthFlights flights;
    private final DemoProducer producer;
    private final Serving serving;
    private final LocalDate badDay;
    private Instant read;

    Days(Workspace workspace, Contract contract, String servers, MonthFlights flights) {
      this.workspace = workspace;
      this.spark = workspace.spark();
      this.contract = contract;
      this.metrics = contract.liveMetrics().get(0);
      this.flights = flights;
      this.badDay = flights.first().plusDays(plan.badDay() - 1L);
      this.producer = new DemoProducer(servers, contract.source().topic());
      this.serving = new Serving(spark, workspace.lake(), contract, metrics, clock, Steps.SILENT);
      this.read = flights.first().minusDays(1).atTime(END_OF_DAY).toInstant(ZoneOffset.UTC);
    }

    Round round(LocalDate day) {
      String deployed = "";
      if (day.equals(badDay.plusDays(1))) {
        new ViewBuild(spark, workspace.lake(), contract).rebuild(metrics.name());
        deployed = "the bad release is taken back, its view built again";
      }
      long known = ingestUntil(day.atTime(END_OF_DAY).toInstant(ZoneOffset.UTC));
      long late =
          new LiveStage(spark, workspace.lake(), contract, Steps.SILENT).runUntilCaughtUp().late();
      if (day.equals(badDay)) {
        countTwice(day);
        deployed = "a release that counts rows twice";
      }
      new SilverStage(spark, workspace.lake(), contract, Steps.SILENT).run();
      new GoldStage(spark, workspace.lake(), contract, clock, Steps.SILENT).run(Optional.empty());
      Map<LocalDate, Verdict> verdicts = reconcile();
      serving.publish();
      if (serving.check(true).fit()) {
        serving.promote(true, WHO);
        serving.publish();
      }
      return new Round(
          day,
          known,
          late,
          Optional.ofNullable(verdicts.get(day.minusDays(1))),
          Optional.ofNullable(verdicts.get(day)),
          serving.standing().position().inWords(),
          deployed);
    }

    private long ingestUntil(Instant end) {
      long known = 0;
      while (read.isBefore(end)) {
        Instant to = read.plus(plan.batch());
        to = to.isBefore(end) ? to : end;
        List<DemoRecord> records = flights.between(read, to);
        clock.set(to);
        read = to;
        if (!records.isEmpty()) {
          producer.send(records);
          new IngestStage(
                  spark,
                  workspace.lake(),
                  contract,
                  workspace.kafka(Optional.empty()),
                  clock,
                  Steps.SILENT)
              .runUntilCaughtUp();
          known += records.size();
        }
      }
      return known;
    }

    /** What a release does that merges its micro-batches twice. */
    private void countTwice(LocalDate day) {
      LakeTable view = new LakeTable(spark, workspace.lake().live(metrics.name()));
      view.append(
          view.read().where(col("event_date").equalTo(lit(day))), new Transaction(BAD_RELEASE, 0));
    }

    /** By day, of all that there are; compared are those that changed. */
    private Map<LocalDate, Verdict> reconcile() {
      return new ReconcileStage(spark, workspace.lake(), contract, clock, Steps.SILENT)
          .run(ReconcileRequest.CHANGED).days().stream()
              .filter(verdict -> verdict.metrics().equals(metrics.name()))
              .collect(Collectors.toMap(DayVerdict::day, DayVerdict::verdict));
    }

    /**
     * All of it.
     *
     * @param last the last day that is over
     */
    MonthOutcome outcome(List<Round> rounds, LocalDate last) {
      progress.begin("write the report", 0);
      List<DayEvidence> newest =
          new EvidenceTables(spark, workspace.lake())
              .newestByDay(metrics.name()).stream().filter(e -> !e.day().isAfter(last)).toList();
      Path page = folder.lake().resolveSibling("report.html");
      new ReportFile(page)
          .write(
              ReportFormat.HTML.write(
                  new ReportReader(spark, workspace.lake(), List.of(contract), clock)
                      .read(
                          new ReportRequest(Optional.empty(), rounds.size(), Set.of(), Set.of()))));
      progress.end(page.toString());
      Map<LocalDate, String> evidence =
          newest.stream().collect(Collectors.toMap(DayEvidence::day, DayEvidence::evidenceId));
      return new MonthOutcome(
          badDay.isAfter(last) ? Optional.empty() : Optional.of(badDay),
          rounds,
          serving.changes(),
          newest.stream()
              .map(e -> new Proof(e.day(), e.verdict(), e.cells(), e.differing()))
              .toList(),
          new LatenessAdvisor(spark, workspace.lake(), contract)
              .advise(rounds.size(), Map.of(metrics.name(), evidence))
              .suggested(),
          page,
          folder.settings());
    }
  }
}
