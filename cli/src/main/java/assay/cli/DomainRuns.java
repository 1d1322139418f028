package assay.cli;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.contract.Contract;
import assay.core.runs.RunLog;
import assay.core.runs.RunRecord;
import assay.core.runs.TaskBytes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;

/**
 * Runs a stage domain by domain, or table by table. The trouble of one is told and does not take
 * the others their turn; the command then ends with the gravest exit code of all.
 */
final class DomainRuns {
  /** Schedulers must learn of a proof that failed first, and wait for another try last. */
  private static final List<ErrorCode> GRAVEST_FIRST =
      List.of(
          ErrorCode.DIVERGED,
          ErrorCode.FAILED,
          ErrorCode.USAGE,
          ErrorCode.INCONCLUSIVE,
          ErrorCode.TRY_AGAIN);

  private static final long LISTENER_MILLIS = 5_000;

  private final Workspace workspace;
  private final Progress progress;
  private final Failures failures;
  private final boolean debug;
  private String runId = "";
  private final Set<ErrorCode> codes = EnumSet.noneOf(ErrorCode.class);

  DomainRuns(Workspace workspace, Progress progress, Failures failures, boolean debug) {
    this.workspace = workspace;
    this.progress = progress;
    this.failures = failures;
    this.debug = debug;
  }

  /** Runs a stage over each domain, as {@link #runEach} does. */
  <T> List<T> run(
      String stage,
      Optional<String> range,
      List<Contract> contracts,
      Function<Contract, T> work,
      Function<T, RunSummary> summary) {
    return runEach(stage, range, contracts, Contract::domain, work, summary);
  }

  /**
   * Runs a stage over each of several things, and writes each run down in {@code ops/runs}.
   *
   * @param names the name of each, which stands where a domain's does
   * @param range the days or hours that were asked for
   * @param summary of a run that ended well
   * @return the results of those that did
   */
  <U, T> List<T> runEach(
      String stage,
      Optional<String> range,
      List<U> units,
      Function<U, String> names,
      Function<U, T> work,
      Function<T, RunSummary> summary) {
    List<T> results = new ArrayList<>();
    // Where Spark does not start, that is one error and no run.
    SparkContext context = workspace.spark().sparkContext();
    for (U unit : units) {
      runId = UUID.randomUUID().toString();
      progress.begin(stage + " " + names.apply(unit), 0);
      Clock clock = Clock.systemUTC();
      Instant begun = clock.instant();
      TaskBytes bytes = new TaskBytes();
      RunSummary done = new RunSummary("failed", Map.of(), Map.of());
      Optional<Exception> failure = Optional.empty();
      try {
        context.addSparkListener(bytes);
        T result = work.apply(unit);
        results.add(result);
        done = summary.apply(result);
      } catch (Exception e) {
        // Also a checked one, which the engine throws without saying so.
        failure = Optional.of(e);
      }
      progress.end(done.words());
      List<Exception> troubles = new ArrayList<>(failure.stream().toList());
      troubles.addAll(done.missing());
      troubles.forEach(this::tell);
      Optional<Exception> first = troubles.stream().findFirst();
      finishCounting(context, bytes);
      write(
          workspace,
          progress,
          new RunRecord(
              runId,
              stage,
              names.apply(unit),
              range,
              begun,
              Duration.between(begun, clock.instant()),
              outcome(first),
              done.rows(),
              done.versions(),
              bytes.read(),
              bytes.written(),
              first.map(Failures::messageOf)));
    }
    return results;
  }

  /** Does what is no run of a stage; empty where it failed, which is told and counted. */
  <T> Optional<T> attempt(Supplier<T> work) {
    try {
      return Optional.of(work.get());
    } catch (Exception e) {
      tell(e);
      return Optional.empty();
    }
  }

  /** The id of the run that is under way. */
  String runId() {
    return runId;
  }

  private void tell(Exception e) {
    failures.report(e, debug);
    codes.add(codeOf(e));
  }

  private static ErrorCode codeOf(Exception e) {
    return e instanceof AssayException known ? known.code() : ErrorCode.FAILED;
  }

  /** The engine tells of its tasks some time after they have ended. */
  private void finishCounting(SparkContext context, TaskBytes bytes) {
    try {
      context.listenerBus().waitUntilEmpty(LISTENER_MILLIS);
    } catch (TimeoutException e) {
      progress.say("The bytes of this run are not all counted.");
    }
    context.removeSparkListener(bytes);
  }

  /** What the record of a run says of how it ended. */
  static String outcome(Optional<Exception> failure) {
    return failure.map(e -> codeOf(e).name().toLowerCase(Locale.ROOT)).orElse(RunRecord.DONE);
  }

  /** A run that did its work has not failed because it could not be written down. */
  static void write(Workspace workspace, Progress progress, RunRecord run) {
    try {
      new RunLog(workspace.spark(), workspace.lake()).append(run);
    } catch (Exception e) {
      progress.say("This run could not be written to ops/runs: " + Failures.messageOf(e));
    }
  }

  /** Adds what a result itself stands for. */
  void add(Optional<ErrorCode> code) {
    code.ifPresent(codes::add);
  }

  int exitCode() {
    return GRAVEST_FIRST.stream()
        .filter(codes::contains)
        .findFirst()
        .map(ErrorCode::exitCode)
        .orElse(0);
  }
}
