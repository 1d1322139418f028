package assay.core.contract;

import assay.core.yaml.Names;
import org.apache.spark.sql.types.DataType;

/**
 * A column of the domain, in silver under the same name.
 *
 * @param required a row without it is quarantined by the rule {@code required}
 */
public record Column(String name, DataType type, boolean required) {

  /** Whether a contract may name a column so. */
  public static boolean mayBeNamed(String name) {
    return Names.isAllowed(name) && !ColumnReader.isReserved(name);
  }
}
