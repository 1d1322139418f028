package assay.cli;

import assay.core.AssayException;
import assay.core.contract.ViewQuery;
import assay.core.runs.RunRecord;
import assay.views.materialized.MaterializedViews;
import assay.views.materialized.RefreshPlan;
import assay.views.materialized.RefreshResult;
import assay.views.materialized.Strategy;
import assay.views.materialized.ViewScheduler;
import assay.views.materialized.ViewState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.hadoop.util.ShutdownHookManager;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Keeps materialized views up to date. */
@Command(
    name = "views",
    description = "Keep materialized views up to date, each with the least work that is right.",
    sortOptions = false,
    subcommands = {
      ViewsCommand.PlanViews.class,
      ViewsCommand.ListViews.class,
      ViewsCommand.RefreshViews.class,
      ViewsCommand.RunViews.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay views plan                     what a refresh of each would do, and why",
      "  assay views list                     what stands in each, and when it is due",
      "  assay views refresh daily_summary    one view, now",
      "  assay views run                      each at its own interval, until stopped"
    })
final class ViewsCommand implements Runnable {
  private static final String STAGE = "views";

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("unused") // Only picocli reads it.
  private boolean help;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "plan, list, refresh or run?");
  }

  /** Which views, and as of when. */
  static final class Chosen {
    @Parameters(
        paramLabel = "NAME",
        arity = "0..*",
        description = "Views, each behind those that it reads. Default: all")
    private List<String> names = List.of();

    @Option(
        names = "--as-of",
        paramLabel = "TIME",
        description = "What :as_of stands for, as 2001-01-03T12:00. Default: now")
    private String asOf;

    Instant moment() {
      return asOf == null ? Clock.systemUTC().instant() : TimeOptions.time("--as-of", asOf);
    }

    List<ViewQuery> of(Workspace workspace) {
      List<ViewQuery> views = workspace.definitions().views();
      List<String> known = views.stream().map(ViewQuery::name).toList();
      for (String name : names) {
        if (!known.contains(name)) {
          throw AssayException.usage(
              "there is no view " + name,
              known.isEmpty()
                  ? "write one in the folder 'views' beside the contracts"
                  : "the views are: " + String.join(", ", known));
        }
      }
      return views.stream().filter(v -> names.isEmpty() || names.contains(v.name())).toList();
    }
  }

  /** What a refresh would do. */
  @Command(
      name = "plan",
      description = "Say what a refresh of each view would do now, and why.",
      sortOptions = false)
  static final class PlanViews implements Callable<Integer> {
    @Mixin private CommonOptions common;
    @Mixin private Chosen chosen;

    @Override
    public Integer call() {
      try (Workspace workspace = new Workspace(common.settings());
          Progress progress = common.progress()) {
        DomainRuns failures = common.domainRuns(workspace, progress);
        MaterializedViews views = views(workspace, progress);
        List<RefreshPlan> plans = new ArrayList<>();
        for (ViewQuery view : chosen.of(workspace)) {
          failures.attempt(() -> views.plan(view, chosen.moment(), false)).ifPresent(plans::add);
        }
        if (common.json()) {
          common
              .output()
              .json(Map.of("views", plans.stream().map(ViewsCommand::document).toList()));
        } else {
          common
              .output()
              .table(
                  Table.of(
                      List.of("view", "strategy", "because", "as of", "sources"),
                      plans.stream()
                          .map(
                              p ->
                                  List.of(
                                      p.view(),
                                      p.strategy().word(),
                                      p.reason(),
                                      text(p.asOf()),
                                      versions(p.sources())))
                          .toList()));
        }
        return failures.exitCode();
      }
    }
  }

  /** What stands in each view. */
  @Command(
      name = "list",
      description =
          "Tell what stands in each view, when it is due, and how old its sources make it.",
      sortOptions = false)
  static final class ListViews implements Callable<Integer> {
    @Mixin private CommonOptions common;

    @Override
    public Integer call() {
      try (Workspace workspace = new Workspace(common.settings());
          Progress progress = common.progress()) {
        MaterializedViews views = views(workspace, progress);
        Instant now = Clock.systemUTC().instant().truncatedTo(ChronoUnit.SECONDS);
        List<Map<String, Object>> documents = new ArrayList<>();
        for (ViewQuery view : workspace.definitions().views()) {
          documents.add(document(view, views.state(view), now));
        }
        if (common.json()) {
          common.output().json(Map.of("views", documents));
        } else {
          List<String> header =
              List.of(
                  "view", "every", "due", "last", "next", "strategy", "seconds", "rows", "behind");
          common
              .output()
              .table(
                  Table.of(
                      header,
                      documents.stream()
                          .map(d -> header.stream().map(key -> d.get(key).toString()).toList())
                          .toList()));
        }
        return 0;
      }
    }

    private static Map<String, Object> document(ViewQuery view, ViewState state, Instant now) {
      Instant next = state.last().map(view.schedule()::next).orElse(now);
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("view", state.view());
      document.put("every", view.schedule().text());
      document.put("due", next.isAfter(now) ? "no" : "yes");
      document.put("last", text(state.last().map(i -> i.truncatedTo(ChronoUnit.SECONDS))));
      document.put("next", next.truncatedTo(ChronoUnit.SECONDS).toString());
      document.put("strategy", state.strategy().map(Strategy::word).orElse(""));
      document.put("reason", state.reason());
      document.put("seconds", seconds(state.took()));
      document.put("rows", state.rows());
      document.put("version", state.version());
      document.put(
          "behind",
          state.behind().entrySet().stream()
              .map(e -> e.getKey() + " " + e.getValue() + " s")
              .collect(Collectors.joining(", ")));
      return document;
    }
  }

  /** Refreshes views now. */
  @Command(
      name = "refresh",
      description = "Bring views up to date now.",
      sortOptions = false,
      footerHeading = "%nExamples:%n",
      footer = {
        "  assay views refresh",
        "  assay views refresh kpis_last_hour --as-of 2001-01-03T12:00",
        "  assay views refresh daily_summary --full"
      })
  static final class RefreshViews implements Callable<Integer> {
    @Mixin private CommonOptions common;
    @Mixin private Chosen chosen;

    @Option(names = "--full", description = "Compute everything anew.")
    private boolean full;

    @Override
    public Integer call() {
      try (Workspace workspace = new Workspace(common.settings());
          Progress progress = common.progress()) {
        DomainRuns runs = common.domainRuns(workspace, progress);
        MaterializedViews views = views(workspace, progress);
        List<RefreshResult> results =
            runs.runEach(
                STAGE,
                Optional.empty(),
                chosen.of(workspace),
                view -> view.query().table().toString(),
                view -> views.refresh(view, chosen.moment(), full),
                ViewsCommand::summary);
        if (common.json()) {
          common
              .output()
              .json(Map.of("views", results.stream().map(ViewsCommand::document).toList()));
        } else {
          common
              .output()
              .table(
                  Table.of(
                      List.of("view", "strategy", "because", "rows", "seconds", "version"),
                      results.stream().map(ViewsCommand::row).toList()));
        }
        return runs.exitCode();
      }
    }
  }

  /** Refreshes each view at its own interval. */
  @Command(
      name = "run",
      description = "Refresh each view at its own interval, until stopped.",
      sortOptions = false)
  static final class RunViews implements Callable<Integer> {
    /** Long enough for a refresh of a view; a longer one is cut off and made up for next time. */
    private static final long STOP_SECONDS = 60;

    private static final int BEFORE_SPARK = 1_000;

    @Mixin private CommonOptions common;

    @Option(
        names = "--threads",
        paramLabel = "N",
        defaultValue = "2",
        description = "How many views are refreshed at a time. Default: ${DEFAULT-VALUE}")
    private int threads;

    @Override
    public Integer call() throws InterruptedException {
      if (threads < 1) {
        throw AssayException.usage("--threads " + threads + " is below one", "give 1 or more");
      }
      try (Workspace workspace = new Workspace(common.settings());
          Progress progress = common.progress()) {
        List<ViewQuery> queries = workspace.definitions().views();
        if (queries.isEmpty()) {
          throw AssayException.usage(
              "there is no view", "write one in the folder 'views' beside the contracts");
        }
        MaterializedViews views = views(workspace, progress);
        ViewScheduler scheduler =
            new ViewScheduler(
                queries,
                views::lastRefresh,
                threads,
                Clock.systemUTC(),
                new Random(),
                (view, at) -> refresh(workspace, progress, views, view, at));
        CountDownLatch ended = new CountDownLatch(1);
        // Before Spark's own, which would take the session away from a refresh that is under way.
        ShutdownHookManager.get()
            .addShutdownHook(
                () -> stop(scheduler, ended), BEFORE_SPARK, STOP_SECONDS + 5, TimeUnit.SECONDS);
        progress.say(queries.size() + " views are kept up to date; Ctrl-C stops it");
        try {
          scheduler.run();
        } finally {
          ended.countDown();
        }
        return 0;
      }
    }

    private static void stop(ViewScheduler scheduler, CountDownLatch ended) {
      scheduler.stop();
      try {
        boolean unused = ended.await(STOP_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private static void refresh(
        Workspace workspace,
        Progress progress,
        MaterializedViews views,
        ViewQuery view,
        Instant began)
        throws Exception {
      // A pool of its own, so that a long one leaves the others their share of the cores.
      workspace.spark().sparkContext().setLocalProperty("spark.scheduler.pool", view.name());
      String table = view.query().table().toString();
      RunSummary done = new RunSummary("failed", Map.of(), Map.of());
      Optional<Exception> failure = Optional.empty();
      boolean worth = true;
      try {
        RefreshResult result = views.refresh(view, began, false);
        worth = result.plan().strategy() != Strategy.NONE;
        done = summary(result);
        if (worth) {
          progress.say(table + ": " + done.words() + ", " + seconds(result.took()) + " s");
        }
      } catch (Exception e) {
        // Also a checked one, which the engine throws without saying so.
        failure = Optional.of(e);
        progress.say(table + " failed: " + Failures.messageOf(e));
      }
      if (worth) {
        DomainRuns.write(
            workspace,
            progress,
            new RunRecord(
                UUID.randomUUID().toString(),
                STAGE,
                table,
                Optional.empty(),
                began,
                Duration.between(began, Clock.systemUTC().instant()),
                DomainRuns.outcome(failure),
                done.rows(),
                done.versions(),
                // Bytes are those of no run, where several go on at once.
                0,
                0,
                failure.map(Failures::messageOf)));
      }
      if (failure.isPresent()) {
        throw failure.get();
      }
    }
  }

  private static MaterializedViews views(Workspace workspace, Progress progress) {
    return new MaterializedViews(
        workspace.spark(), workspace.lake(), workspace.definitions(), Clock.systemUTC(), progress);
  }

  private static RunSummary summary(RefreshResult result) {
    RefreshPlan plan = result.plan();
    Map<String, Long> versions = new TreeMap<>(plan.sources());
    versions.put("materialized_views." + plan.view(), result.version());
    return new RunSummary(
        plan.strategy().word() + ": " + plan.reason(),
        result.rows() < 0 ? Map.of() : Map.of("written", result.rows()),
        versions);
  }

  private static List<String> row(RefreshResult result) {
    return List.of(
        result.plan().view(),
        result.plan().strategy().word(),
        result.plan().reason(),
        result.rows() < 0 ? "" : result.rows() + "",
        seconds(result.took()),
        result.version() + "");
  }

  private static Map<String, Object> document(RefreshPlan plan) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("view", plan.view());
    document.put("strategy", plan.strategy().word());
    document.put("because", plan.reason());
    plan.asOf().ifPresent(asOf -> document.put("as_of", asOf.toString()));
    document.put("sources", plan.sources());
    return document;
  }

  private static Map<String, Object> document(RefreshResult result) {
    Map<String, Object> document = document(result.plan());
    if (result.rows() >= 0) {
      document.put("rows", result.rows());
    }
    document.put("seconds", result.took().toMillis() / 1000.0);
    document.put("version", result.version());
    return document;
  }

  private static String text(Optional<Instant> moment) {
    return moment.map(Instant::toString).orElse("");
  }

  private static String versions(Map<String, Long> sources) {
    return sources.entrySet().stream()
        .map(e -> e.getKey() + " " + e.getValue())
        .collect(Collectors.joining(", "));
  }

  private static String seconds(Duration took) {
    return String.format(Locale.ROOT, "%.1f", took.toMillis() / 1000.0);
  }
}
