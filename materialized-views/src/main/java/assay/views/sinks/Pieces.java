package assay.views.sinks;

import java.util.Iterator;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** Rows that the driver reads one after the other, of which it holds some thousands at a time. */
final class Pieces {
  private static final long ROWS = 20_000;

  private Pieces() {}

  /** In any order. */
  static Iterator<Message> of(Dataset<Row> rows, long count, Function<Row, Message> message) {
    Dataset<Row> pieces = count <= ROWS ? rows.coalesce(1) : rows.repartition(pieces(count));
    return mapped(pieces.toLocalIterator(), message);
  }

  /**
   * By some columns, ascending.
   *
   * @param by at least one
   */
  static Iterator<Message> ordered(
      Dataset<Row> rows, long count, Function<Row, Message> message, String... by) {
    Column[] order = Stream.of(by).map(functions::col).toArray(Column[]::new);
    Dataset<Row> pieces =
        count <= ROWS ? rows.coalesce(1) : rows.repartitionByRange(pieces(count), order);
    return mapped(pieces.sortWithinPartitions(order).toLocalIterator(), message);
  }

  private static int pieces(long count) {
    return Math.toIntExact(count / ROWS + 1);
  }

  private static Iterator<Message> mapped(Iterator<Row> rows, Function<Row, Message> message) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Message next() {
        return message.apply(rows.next());
      }
    };
  }
}
