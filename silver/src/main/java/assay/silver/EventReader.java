package assay.silver;

import assay.core.Lake;
import assay.core.contract.Contract;
import java.util.Map;
import org.apache.spark.sql.Column;
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

  /**
   * Reads with given versions of the reference tables.
   *
   * @param versions by the look-up's name; the newest where one is not named
   */
  public static EventReader at(
      SparkSession spark, Lake lake, Contract contract, Map<String, Long> versions) {
    return new EventReader(
        new EventParser(contract), new Enrichment(spark, lake, contract, versions));
  }

  /** One row each, none left out: {@link EventParser#parse}, then {@link Enrichment#enrich}. */
  public Dataset<Row> read(Dataset<Row> bronze) {
    return enrichment.enrich(parser.parse(bronze));
  }

  /**
   * Gives rows that were read before, and do not fail, what the look-ups give now; all else in them
   * is left as it is.
   *
   * @param rows with the contract's columns, enriched ones too, and {@link EventParser#EVENT_DATE}
   * @param where of which rows; the others keep what they have
   */
  public Dataset<Row> lookUpAnew(Dataset<Row> rows, Column where) {
    return enrichment.anew(rows, where);
  }

  /** See {@link Enrichment#versions}. */
  public Map<String, Long> versions() {
    return enrichment.versions();
  }
}
