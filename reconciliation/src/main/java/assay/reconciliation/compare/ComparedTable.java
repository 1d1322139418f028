package assay.reconciliation.compare;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One side of a comparison, pinned to what it was when it was opened.
 *
 * @param name as the person wrote it
 * @param what it was found to be, such as {@code Delta, version 12}
 * @param texts whether columns of texts are values that were written down as such, as in CSV
 */
record ComparedTable(String name, String what, Dataset<Row> rows, boolean texts) {}
