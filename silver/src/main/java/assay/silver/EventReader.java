package assay.silver;

import assay.core.Lake;
import assay.core.Transaction;
import assay.core.contract.Contract;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Bronze rows to rows that can be judged: parsed, checked and enriched. Every stage reads bronze
 * through it.
 */
public final class EventReader {
  private final EventParser parser;
  private final Enrichment enrichment;

  private EventReader(EventParser parser, Enrichment enrichment) {
    this.parser = parser;
    this.enrichment = enrichment;
  }

  /** Reads with the reference tables as they are now. */
  public static EventReader now(SparkSession spark, Lake lake, Contract contract) {
    return new EventReader(new EventParser(contract), new Enrichment(spark, lake, contract));
  }

  /** Reads with the versions of the reference tables that a micro-batch of a stage read. */
  public static EventReader atVersionsOf(
      SparkSession spark, Lake lake, Contract contract, BronzeReads reads, OptionalLong batchId) {
    boolean looksUp = !contract.enrich().isEmpty() && batchId.isPresent();
    Map<String, Long> pinned =
        looksUp ? reads.referenceVersions(batchId.getAsLong()) : Map.<String, Long>of();
    return new EventReader(
        new EventParser(contract), new Enrichment(spark, lake, contract, pinned));
  }

  /**
   * Reads a micro-batch. One that was begun before and not finished is read with the versions of
   * the reference tables that it began with: some of its rows may stand in tables already, and must
   * not be judged in another way.
   *
   * @param reads of the stage, to which the micro-batch's summary is written before its data
   * @param transaction that the summary is written with
   */
  public static EventReader ofBatch(
      SparkSession spark,
      Lake lake,
      Contract contract,
      BronzeReads reads,
      Transaction transaction) {
    boolean begun =
        !contract.enrich().isEmpty()
            && reads.table().lastTransaction(transaction.appId()).orElse(-1)
                >= transaction.version();
    return begun
        ? atVersionsOf(spark, lake, contract, reads, OptionalLong.of(transaction.version()))
        : now(spark, lake, contract);
  }

  /** One row each, none left out: {@link EventParser#parse}, then {@link Enrichment#enrich}. */
  public Dataset<Row> read(Dataset<Row> bronze) {
    return enrichment.enrich(parser.parse(bronze));
  }

  /** See {@link Enrichment#versions}. */
  public Map<String, Long> versions() {
    return enrichment.versions();
  }
}
