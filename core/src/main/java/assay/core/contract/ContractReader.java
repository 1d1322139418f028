package assay.core.contract;

import assay.core.AssayException;
import assay.core.yaml.Checked;
import assay.core.yaml.SchemaCheck;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Reads contracts. Every mistake of a file is found in one go, with its place and what to write
 * instead; a mistake is told once, and what depends on it is left alone. No Spark session is
 * started; Spark's parser and analyzer do without.
 */
public final class ContractReader {
  private ContractReader() {}

  /**
   * Reads one contract.
   *
   * @throws AssayException with {@code USAGE} and all mistakes, one a line
   */
  public static Contract read(Path file) {
    return check(file).orThrow();
  }

  /**
   * Reads every {@code *.yaml} and {@code *.yml} of a folder but {@code assay.yaml}, by name.
   *
   * @throws AssayException with {@code USAGE} and all mistakes of all files, one a line
   */
  public static List<Contract> readAll(Path folder) {
    return checkAll(folder).orThrow();
  }

  /** As {@link #read}, without an exception. */
  public static Checked<Contract> check(Path file) {
    return ContractFile.read(file, schema()).contract();
  }

  /** As {@link #readAll}, without an exception. Two files may not make the same tables. */
  public static Checked<List<Contract>> checkAll(Path folder) {
    return ContractFolder.read(folder, schema()).contracts();
  }

  /**
   * Reads every contract of a folder, as {@link #readAll} does, and every query of its folders
   * {@code gold} and {@code views}.
   *
   * @throws AssayException with {@code USAGE} and all mistakes of all files, one a line
   */
  public static Definitions readDefinitions(Path folder) {
    return checkDefinitions(folder).orThrow();
  }

  /** As {@link #readDefinitions}, without an exception. */
  public static Checked<Definitions> checkDefinitions(Path folder) {
    ContractFolder contracts = ContractFolder.read(folder, schema());
    Checked<List<GoldQuery>> queries = GoldQueryFolder.check(folder, contracts.names());
    Checked<List<ViewQuery>> views = ViewQueryFolder.check(folder, contracts);
    return contracts.contracts() instanceof Checked.Good<List<Contract>> good
            && queries instanceof Checked.Good<List<GoldQuery>> goodQueries
            && views instanceof Checked.Good<List<ViewQuery>> goodViews
        ? new Checked.Good<>(new Definitions(good.value(), goodQueries.value(), goodViews.value()))
        : new Checked.Bad<>(
            Stream.of(contracts.contracts(), queries, views)
                .flatMap(checked -> checked.problems().stream())
                .toList());
  }

  /** The schema and Spark's parser take as long to load as each other, and share nothing. */
  private static SchemaCheck schema() {
    CompletableFuture<SchemaCheck> schema =
        CompletableFuture.supplyAsync(
            () -> SchemaCheck.ofResource("/assay/core/contract.schema.json"));
    SqlText.load();
    return schema.join();
  }
}
