package assay.core.rows;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.testing.TestSpark;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class KeyHashesTest {
  @Test
  void aSetOfHashesHoldsWhatWasAdded() {
    Random random = new Random(7);
    KeyHashes hashes = new KeyHashes();
    Set<Long> expected = new HashSet<>();
    assertThat(hashes.isEmpty()).isTrue();
    for (int i = 0; i < 20_000; i++) {
      // Small ones meet each other, and 0 is the mark of an empty place.
      long hash = i % 2 == 0 ? random.nextInt(3_000) : random.nextLong();
      assertThat(hashes.add(hash)).isEqualTo(expected.add(hash));
    }
    assertThat(hashes.isEmpty()).isFalse();
    for (long hash : expected) {
      assertThat(hashes.contains(hash)).isTrue();
    }
    for (long hash = 0; hash < 6_000; hash++) {
      assertThat(hashes.contains(hash)).isEqualTo(expected.contains(hash));
    }
    KeyHashes zero = new KeyHashes();
    assertThat(zero.contains(0)).isFalse();
    assertThat(zero.add(0)).isTrue();
    assertThat(zero.isEmpty()).isFalse();
  }

  @Test
  void rowsAreFoundByTheirKey() {
    Dataset<Row> rows =
        TestSpark.session().range(100).selectExpr("CAST(id AS STRING) AS a", "id % 3 AS b");
    List<String> key = List.of("a", "b");
    KeyHashes hashes = new KeyHashes();
    for (long[] part : KeyHashes.collect(rows.where("id % 10 = 7"), key)) {
      for (long hash : part) {
        hashes.add(hash);
      }
    }
    try (SharedHashes shared = new SharedHashes(rows.sparkSession(), hashes)) {
      assertThat(rows.where(shared.holds(key)).select("a").as(Encoders.STRING()).collectAsList())
          .containsExactlyInAnyOrder("7", "17", "27", "37", "47", "57", "67", "77", "87", "97");
    }
  }
}
