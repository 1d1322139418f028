package assay.cli;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.Lake.Layer;
import assay.core.LakeCatalog;
import assay.core.Settings;
import assay.core.SparkSessions;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractReader;
import assay.core.contract.Definitions;
import assay.core.contract.GoldQuery;
import assay.core.contract.LiveDefinition;
import assay.ingestion.IngestStage.KafkaSource;
import assay.reconciliation.alerts.DomainAlerts;
import assay.reconciliation.serving.Consumers;
import assay.reconciliation.serving.Serving;
import assay.views.live.LiveCatalog;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/** What a command works on: the lake, the contracts and a Spark session, all from the settings. */
public final class Workspace implements AutoCloseable {
  private final Settings settings;
  private final Lake lake;
  private final Definitions definitions;
  private final Map<String, DomainAlerts> alerts = new HashMap<>();
  private Optional<SparkSession> spark = Optional.empty();

  public Workspace(Settings settings) {
    this.settings = settings;
    this.lake = new Lake(settings.lake());
    this.definitions = ContractReader.readDefinitions(settings.contracts());
  }

  public Lake lake() {
    return lake;
  }

  /** All that the folder of contracts defines. */
  public Definitions definitions() {
    return definitions;
  }

  /** The gold queries that read one domain, or all of them, each behind those that it reads. */
  public List<GoldQuery> goldQueries(Optional<String> domain) {
    return domain.isEmpty()
        ? definitions.goldQueries()
        : definitions.goldQueriesOver(contracts(domain).get(0));
  }

  /** The contract of one domain, or all of them. */
  public List<Contract> contracts(Optional<String> domain) {
    List<Contract> chosen =
        definitions.contracts().stream()
            .filter(c -> domain.isEmpty() || domain.get().equals(c.domain()))
            .toList();
    if (chosen.isEmpty()) {
      String known =
          definitions.contracts().stream().map(Contract::domain).collect(Collectors.joining(", "));
      throw AssayException.usage(
          domain
              .map(d -> "no contract in " + settings.contracts() + " has the domain " + d)
              .orElse("there is no contract in " + settings.contracts()),
          known.isEmpty() ? "write one, or run 'assay init'" : "the domains are: " + known);
    }
    return chosen;
  }

  /** Those of {@link #contracts} for which the stream keeps a view. */
  public List<Contract> liveContracts(Optional<String> domain) {
    return chosen(domain, c -> !c.liveTables().isEmpty(), "live view");
  }

  /** Those of {@link #contracts} that both paths compute; the others have nothing to compare. */
  public List<Contract> comparedContracts(Optional<String> domain) {
    return chosen(domain, c -> !c.liveMetrics().isEmpty(), "live view of a metric set");
  }

  /** Those with a live view that can be compared row by row. */
  List<Contract> contractsWithLatest(Optional<String> domain) {
    return chosen(
        domain,
        c -> c.keptViews().stream().anyMatch(v -> v instanceof LiveDefinition.Latest),
        "live view `latest`",
        "add one under 'live_views:' in a contract");
  }

  private List<Contract> chosen(Optional<String> domain, Predicate<Contract> wanted, String what) {
    return chosen(domain, wanted, what, "add 'live:' to a metric set in a contract");
  }

  private List<Contract> chosen(
      Optional<String> domain, Predicate<Contract> wanted, String what, String mend) {
    List<Contract> chosen = contracts(domain).stream().filter(wanted).toList();
    if (chosen.isEmpty()) {
      throw AssayException.usage(
          domain.map(d -> "domain " + d + " has no " + what).orElse("no contract has a " + what),
          mend);
    }
    return chosen;
  }

  /** What tells people of a domain; the same for all that a command does. */
  public DomainAlerts alerts(Contract contract, Progress progress) {
    return alerts.computeIfAbsent(
        contract.domain(),
        domain ->
            new DomainAlerts(
                spark(), lake, contract, settings.alerts(), Clock.systemUTC(), progress::say));
  }

  /** Kafka as the settings have it. */
  public KafkaSource kafka(Optional<Long> maxRecordsPerBatch) {
    String servers =
        settings
            .kafka()
            .bootstrapServers()
            .orElseThrow(
                () ->
                    AssayException.usage(
                        "the settings name no Kafka",
                        "add 'kafka: {bootstrap_servers: HOST:PORT}' to assay.yaml"));
    return new KafkaSource(servers, settings.kafka().properties(), maxRecordsPerBatch);
  }

  /** The session, started with the first call. */
  public SparkSession spark() {
    if (spark.isEmpty()) {
      spark = Optional.of(SparkSessions.open("assay", settings.spark()));
    }
    return spark.get();
  }

  /**
   * Makes all tables and views of the lake known to SQL.
   *
   * @return the live views that are left out, see {@link LiveCatalog#registerViews}
   */
  public List<String> registerTables() {
    new LakeCatalog(spark(), lake).registerTables();
    LiveCatalog live = new LiveCatalog(spark(), lake);
    return definitions.contracts().stream().flatMap(c -> live.registerViews(c).stream()).toList();
  }

  /** Makes {@code serving.METRICS} the table that a consumer reads, after all others. */
  public void registerServing(String consumer) {
    LakeCatalog catalog = new LakeCatalog(spark(), lake);
    List<String> there = catalog.tablesIn(lake.folder(Layer.SERVING));
    for (Serving serving : ServedMetrics.of(this, List.of(), Steps.SILENT)) {
      if (!there.contains(serving.metrics() + "_canary")) {
        continue;
      }
      Consumers consumers = serving.consumers();
      if (consumers.isCanary(consumer)) {
        spark().sql("DROP TABLE IF EXISTS serving.`%s`".formatted(serving.metrics()));
        catalog.register(Layer.SERVING, serving.metrics(), consumers.canaryPath());
      }
    }
  }

  @Override
  public void close() {
    spark.ifPresent(SparkSession::stop);
  }
}
