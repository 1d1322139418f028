package assay.cli;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.contract.Contract;
import assay.gold.upkeep.Compaction;
import assay.gold.upkeep.DoubledKey;
import assay.gold.upkeep.KeyCheck;
import assay.gold.upkeep.MaintainRequest;
import assay.gold.upkeep.MaintainResult;
import assay.gold.upkeep.MaintainStage;
import assay.gold.upkeep.RetentionFinding;
import assay.gold.upkeep.Vacuumed;
import assay.gold.upkeep.ViewUpkeep;
import assay.gold.upkeep.ViewUpkeepResult;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs upkeep. */
@Command(
    name = "maintain",
    description =
        "Keep the files of silver, gold and views few, and say what their logs forget; daily.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay maintain                           put the small files of closed days together",
      "  assay maintain --dry-run --vacuum        say what would be done",
      "  assay maintain --vacuum --retain 30      delete what no version of 30 days needs",
      "  assay maintain --check-keys              look for keys that stand in silver twice",
      "",
      "Exit codes: 0 done, 1 a key stands twice or a repeated run may write rows twice, 75 another",
      "run wrote the same files: try again later."
    })
final class MaintainCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;
  @Mixin private DomainOption domain;

  @Option(names = "--dry-run", description = "Say what would be done, and write nothing.")
  private boolean dryRun;

  @Option(
      names = "--check-keys",
      description = "Look for keys that stand in silver more than once; reads all of silver.")
  private boolean checkKeys;

  @Option(
      names = "--vacuum",
      description = "Delete files that no version of the last days needs. Never of bronze.")
  private boolean vacuum;

  @Option(
      names = "--retain",
      paramLabel = "DAYS",
      description = "How many days --vacuum keeps such files; 7, the default, or more.")
  private Integer retain;

  @Option(
      names = "--vacuum-cdf",
      description = "Let --vacuum take tables with a change data feed as well.")
  private boolean vacuumChangeFeeds;

  @Override
  public Integer call() {
    MaintainRequest request = request();
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      DomainRuns runs = common.domainRuns(workspace, progress);
      List<Contract> contracts = workspace.contracts(domain.chosen());
      List<MaintainResult> results =
          dryRun
              ? contracts.stream().map(c -> stage(workspace, c, progress).plan(request)).toList()
              : runs.run(
                  "maintain",
                  Optional.empty(),
                  contracts,
                  contract -> stage(workspace, contract, progress).run(request),
                  MaintainCommand::summary);
      print(results, maintainViews(workspace, progress, runs, request));
      results.stream()
          .filter(MaintainResult::needsAttention)
          .forEach(result -> runs.add(Optional.of(ErrorCode.FAILED)));
      return runs.exitCode();
    }
  }

  private MaintainRequest request() {
    if (!vacuum && (retain != null || vacuumChangeFeeds)) {
      throw AssayException.usage(
          "--retain and --vacuum-cdf go with --vacuum", "add --vacuum, or leave them out");
    }
    Duration kept =
        retain == null ? MaintainRequest.Vacuum.LEAST : Duration.ofDays(retain.longValue());
    return new MaintainRequest(
        checkKeys,
        vacuum
            ? Optional.of(new MaintainRequest.Vacuum(kept, vacuumChangeFeeds))
            : Optional.empty());
  }

  /** Views are of no domain: they take their turn where none is chosen and there are any. */
  private List<ViewUpkeepResult> maintainViews(
      Workspace workspace, Progress progress, DomainRuns runs, MaintainRequest request) {
    if (domain.chosen().isPresent()) {
      return List.of();
    }
    ViewUpkeep upkeep =
        new ViewUpkeep(
            workspace.spark(),
            workspace.lake(),
            workspace.definitions(),
            Clock.systemUTC(),
            progress);
    if (!upkeep.any()) {
      return List.of();
    }
    return dryRun
        ? List.of(upkeep.plan(request))
        : runs.runEach(
            "maintain",
            Optional.empty(),
            List.of(Lake.Layer.MATERIALIZED_VIEWS),
            Lake.Layer::folder,
            layer -> upkeep.run(request),
            result -> summary(result.compactions(), result.vacuumed()));
  }

  private static MaintainStage stage(Workspace workspace, Contract contract, Progress progress) {
    return new MaintainStage(
        workspace.spark(), workspace.lake(), contract, Clock.systemUTC(), progress);
  }

  private static RunSummary summary(MaintainResult result) {
    RunSummary files = summary(result.compactions(), result.vacuumed());
    Map<String, Long> rows = new LinkedHashMap<>(files.rows());
    rows.put("retentions_too_short", (long) result.retentions().size());
    result.keys().ifPresent(check -> rows.put("doubled_keys", check.doubled()));
    return new RunSummary(files.words(), rows, Map.of());
  }

  private static RunSummary summary(List<Compaction> compactions, List<Vacuumed> vacuumed) {
    Map<String, Long> rows = new LinkedHashMap<>();
    long before = compactions.stream().mapToLong(c -> c.plan().files()).sum();
    long after = compactions.stream().mapToLong(c -> c.filesAfter().orElse(0)).sum();
    rows.put("files_before", before);
    rows.put("files_after", after);
    rows.put("files_deleted", vacuumed.stream().mapToLong(Vacuumed::files).sum());
    rows.put("bytes_deleted", vacuumed.stream().mapToLong(Vacuumed::bytes).sum());
    return new RunSummary("%d files made %d".formatted(before, after), rows, Map.of());
  }

  private void print(List<MaintainResult> results, List<ViewUpkeepResult> views) {
    if (common.json()) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put(
          dryRun ? "plan" : "maintain", results.stream().map(MaintainCommand::document).toList());
      views.forEach(result -> document.put("views", document(result)));
      common.output().json(document);
      return;
    }
    Output output = common.output();
    output.table(
        Table.of(
            List.of("table", "days", "ordered by key", "bytes", "files before", "files after"),
            Stream.concat(
                    results.stream().flatMap(r -> r.compactions().stream()),
                    views.stream().flatMap(r -> r.compactions().stream()))
                .map(MaintainCommand::row)
                .toList()));
    for (MaintainResult result : results) {
      if (!result.openDays().isEmpty()) {
        output.line(
            "%s: left alone until they are closed: %s"
                .formatted(result.domain(), shortList(texts(result.openDays()))));
      }
    }
    if (vacuum) {
      output.line(dryRun ? "Files to delete:" : "Deleted files:");
      output.table(
          Table.of(
              List.of("table", "files", "bytes", "left alone because"),
              Stream.concat(
                      results.stream().flatMap(r -> r.vacuumed().stream()),
                      views.stream().flatMap(r -> r.vacuumed().stream()))
                  .map(
                      v ->
                          List.of(
                              v.table(), v.files() + "", v.bytes() + "", v.leftAlone().orElse("")))
                  .toList()));
    }
    results.forEach(result -> printFindings(output, result));
    views.stream()
        .flatMap(result -> result.undefined().stream())
        .forEach(
            table ->
                output.line(
                    "%s is of a view that no file defines: nothing refreshes it.%n  what to do: put"
                            .formatted(table)
                        + " its file back, or delete the folder"));
  }

  private static void printFindings(Output output, MaintainResult result) {
    for (RetentionFinding finding : result.retentions()) {
      output.line(
          "%s keeps %d days by %s, and %d are needed: %s.%n  what to do: %s"
              .formatted(
                  finding.table(),
                  finding.keeps().toDays(),
                  finding.property(),
                  finding.needs().toDays(),
                  finding.consequence(),
                  finding.mend()));
    }
    result
        .keys()
        .ifPresent(
            check -> {
              output.line(
                  "%s: %d keys stand more than once; %d files of %d bytes were read"
                      .formatted(result.domain(), check.doubled(), check.files(), check.bytes()));
              if (check.doubled() > 0) {
                output.table(places(check));
              }
            });
  }

  private static Table places(KeyCheck check) {
    List<List<String>> rows = new ArrayList<>();
    for (DoubledKey doubled : check.examples()) {
      String key =
          doubled.key().entrySet().stream()
              .map(e -> e.getKey() + "=" + e.getValue())
              .collect(Collectors.joining(", "));
      for (DoubledKey.Place place : doubled.places()) {
        rows.add(List.of(key, place.day().toString(), place.partition() + "", place.offset() + ""));
      }
    }
    return Table.of(List.of("key", "day", "partition", "offset"), rows);
  }

  private static List<String> row(Compaction compaction) {
    return List.of(
        compaction.plan().table(),
        shortList(compaction.plan().partitions()),
        compaction.plan().ordered() ? "yes" : "no",
        compaction.plan().bytes() + "",
        compaction.plan().files() + "",
        compaction.filesAfter().isPresent() ? compaction.filesAfter().getAsLong() + "" : "");
  }

  private static Map<String, Object> document(MaintainResult result) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("domain", result.domain());
    document.put(
        "compactions", result.compactions().stream().map(MaintainCommand::document).toList());
    document.put("open_days", texts(result.openDays()));
    document.put("vacuumed", result.vacuumed().stream().map(MaintainCommand::document).toList());
    document.put(
        "retentions", result.retentions().stream().map(MaintainCommand::document).toList());
    result.keys().ifPresent(check -> document.put("keys", document(check)));
    return document;
  }

  private static Map<String, Object> document(ViewUpkeepResult result) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put(
        "compactions", result.compactions().stream().map(MaintainCommand::document).toList());
    document.put("vacuumed", result.vacuumed().stream().map(MaintainCommand::document).toList());
    document.put("undefined", result.undefined());
    return document;
  }

  private static Map<String, Object> document(Compaction compaction) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("table", compaction.plan().table());
    document.put("partitions", compaction.plan().partitions());
    document.put("ordered_by_key", compaction.plan().ordered());
    document.put("bytes", compaction.plan().bytes());
    document.put("files_before", compaction.plan().files());
    compaction.filesAfter().ifPresent(files -> document.put("files_after", files));
    return document;
  }

  private static Map<String, Object> document(Vacuumed vacuumed) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("table", vacuumed.table());
    document.put("files", vacuumed.files());
    document.put("bytes", vacuumed.bytes());
    vacuumed.leftAlone().ifPresent(reason -> document.put("left_alone", reason));
    return document;
  }

  private static Map<String, Object> document(RetentionFinding finding) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("table", finding.table());
    document.put("property", finding.property());
    document.put("keeps_days", finding.keeps().toDays());
    document.put("needs_days", finding.needs().toDays());
    document.put("endangers_idempotence", finding.endangersIdempotence());
    document.put("consequence", finding.consequence());
    document.put("what_to_do", finding.mend());
    return document;
  }

  private static Map<String, Object> document(KeyCheck check) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("doubled", check.doubled());
    document.put("files_read", check.files());
    document.put("bytes_read", check.bytes());
    List<Map<String, Object>> examples = new ArrayList<>();
    for (DoubledKey doubled : check.examples()) {
      List<Map<String, Object>> places = new ArrayList<>();
      for (DoubledKey.Place place : doubled.places()) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("day", place.day().toString());
        one.put("partition", place.partition());
        one.put("offset", place.offset());
        places.add(one);
      }
      Map<String, Object> example = new LinkedHashMap<>();
      example.put("key", doubled.key());
      example.put("places", places);
      examples.add(example);
    }
    document.put("examples", examples);
    return document;
  }

  private static List<String> texts(List<?> days) {
    return days.stream().map(Object::toString).toList();
  }

  private static String shortList(List<String> days) {
    return days.size() <= 3
        ? String.join(", ", days)
        : "%d, from %s to %s".formatted(days.size(), days.get(0), days.get(days.size() - 1));
  }
}
