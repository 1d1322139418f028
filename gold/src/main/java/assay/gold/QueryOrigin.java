package assay.gold;

import assay.core.contract.GoldQuery;
import assay.core.sql.TableName;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructType;

/**
 * What the rows of a query's table were made of. It is kept at the first column of the table's own
 * schema, so that it changes in the same commit as they do.
 *
 * @param definition of the query
 * @param asOf what {@code :as_of} stood for; empty where the query does not use it
 */
record QueryOrigin(String definition, Optional<LocalDate> asOf, Map<TableName, Source> sources) {
  private static final String KEY = "assay.query";
  private static final String DEFINITION = "definition";
  private static final String AS_OF = "as_of";
  private static final String SOURCES = "sources";
  private static final String ID = "id";
  private static final String VERSION = "version";

  /**
   * A version of a table that was read.
   *
   * @param id that the table got when it was created
   */
  record Source(String id, long version) {}

  /** The origin in a schema; empty where no query of this name made the table. */
  static Optional<QueryOrigin> of(StructType schema, GoldQuery query) {
    if (schema.isEmpty() || !schema.fields()[0].metadata().contains(KEY)) {
      return Optional.empty();
    }
    Metadata own = schema.fields()[0].metadata().getMetadata(KEY);
    Metadata read = own.getMetadata(SOURCES);
    Map<TableName, Source> sources = new TreeMap<>();
    for (TableName table : query.query().reads()) {
      if (read.contains(table.toString())) {
        Metadata source = read.getMetadata(table.toString());
        sources.put(table, new Source(source.getString(ID), source.getLong(VERSION)));
      }
    }
    Optional<LocalDate> asOf =
        own.contains(AS_OF) ? Optional.of(LocalDate.parse(own.getString(AS_OF))) : Optional.empty();
    return Optional.of(new QueryOrigin(own.getString(DEFINITION), asOf, sources));
  }

  Metadata metadata() {
    MetadataBuilder read = new MetadataBuilder();
    sources.forEach(
        (table, source) -> {
          MetadataBuilder one =
              new MetadataBuilder().putString(ID, source.id()).putLong(VERSION, source.version());
          read.putMetadata(table.toString(), one.build());
        });
    MetadataBuilder own =
        new MetadataBuilder().putString(DEFINITION, definition).putMetadata(SOURCES, read.build());
    asOf.ifPresent(day -> own.putString(AS_OF, day.toString()));
    return new MetadataBuilder().putMetadata(KEY, own.build()).build();
  }
}
