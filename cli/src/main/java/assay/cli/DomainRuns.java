package assay.cli;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.contract.Contract;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Runs a stage domain by domain. The trouble of one is told and does not take the others their
 * turn; the command then ends with the gravest exit code of all.
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

  private final Progress progress;
  private final Failures failures;
  private final boolean debug;
  private final Set<ErrorCode> codes = EnumSet.noneOf(ErrorCode.class);

  DomainRuns(Progress progress, PrintWriter err, String command, boolean debug) {
    this.progress = progress;
    this.failures = new Failures(err, command);
    this.debug = debug;
  }

  /**
   * Runs a stage over each domain.
   *
   * @param outcome what to say of a run that ended well
   * @return the results of those that did
   */
  <T> List<T> run(
      String stage,
      List<Contract> contracts,
      Function<Contract, T> work,
      Function<T, String> outcome) {
    List<T> results = new ArrayList<>();
    for (Contract contract : contracts) {
      progress.begin(stage + " " + contract.domain(), 0);
      try {
        T result = work.apply(contract);
        results.add(result);
        progress.end(outcome.apply(result));
      } catch (RuntimeException e) {
        progress.end("failed");
        failures.report(e, debug);
        codes.add(e instanceof AssayException known ? known.code() : ErrorCode.FAILED);
      }
    }
    return results;
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
