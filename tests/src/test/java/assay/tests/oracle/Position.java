package assay.tests.oracle;

import java.util.Comparator;

/** Where a record stands in Kafka. */
public record Position(int partition, long offset) implements Comparable<Position> {
  @Override
  public int compareTo(Position other) {
    return Comparator.comparing(Position::partition)
        .thenComparing(Position::offset)
        .compare(this, other);
  }
}
