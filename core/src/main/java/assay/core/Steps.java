package assay.core;

/**
 * Told each time a stage has a step behind it: after every commit, and where long work begins. The
 * command shows progress with it; fault tests stop the process at each of them.
 */
@FunctionalInterface
public interface Steps {
  /** Tells nobody. */
  Steps SILENT = (stage, step) -> {};

  /**
   * Called when a step is done.
   *
   * @param stage {@code ingest}, {@code silver}, {@code gold}, {@code live}, {@code views}, {@code
   *     reconcile}, {@code compare} or {@code maintain}
   * @param step in the words of a person, such as {@code batch 3: quarantine committed}
   */
  void reached(String stage, String step);
}
