package assay.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import assay.core.TableUpkeep.Compacted;
import assay.core.TableUpkeep.Group;
import assay.core.testing.TestSpark;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableUpkeepTest {
  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private LakeTable table;
  private TableUpkeep files;

  @BeforeEach
  void makeTable() {
    table = new LakeTable(spark, folder.resolve("table").toString());
    files = new TableUpkeep(spark, table.path());
    table.createOrExtend(
        rows(0).schema(),
        List.of("day"),
        Map.of("delta.deletedFileRetentionDuration", "interval 1 seconds"));
  }

  @Test
  void filesAreCountedByPartitionAndPutTogetherWhereTheyWereAskedFor() {
    table.append(rows(1), new Transaction("test", 1));
    table.append(rows(2), new Transaction("test", 2));
    assertThat(files.groups(Optional.of("day")))
        .extracting(Group::partition, Group::files, Group::small)
        .containsExactly(tuple(Optional.of("0"), 2L, 2L), tuple(Optional.of("1"), 2L, 2L));
    assertThat(files.groups(Optional.empty()))
        .singleElement()
        .satisfies(
            all -> {
              assertThat(all.files()).isEqualTo(4);
              assertThat(all.smallBytes()).isPositive().isEqualTo(all.bytes());
            });
    assertThat(files.compact(Optional.of("day = '1'"))).isEqualTo(new Compacted(2, 1));
    assertThat(files.compact(Optional.of("day = '1'"))).isEqualTo(Compacted.NOTHING);
    assertThat(files.groups(Optional.of("day"))).extracting(Group::files).containsExactly(2L, 1L);
    assertThat(table.partitionsChanged("day", 2, table.version()))
        .as("no row changed")
        .contains(Set.of());
  }

  @Test
  void aVersionStaysReadableForAsLongAsItsFilesDo() throws InterruptedException {
    table.append(rows(1), new Transaction("test", 1));
    Thread.sleep(Duration.ofSeconds(2).toMillis());
    Instant before = Instant.now().minusMillis(500);
    table.append(rows(2), new Transaction("test", 2));
    assertThat(files.supersededAt(2)).isEmpty();
    assertThat(files.supersededAt(1)).hasValueSatisfying(at -> assertThat(at).isAfter(before));
    assertThat(table.readAt(1).count()).isEqualTo(2);
  }

  @Test
  void whatATableKeepsIsTold() {
    assertThat(files.retention().deletedFiles()).isEqualTo(Duration.ofSeconds(1));
    assertThat(files.retention().log()).isEqualTo(Duration.ofDays(30));
    assertThat(files.retention().transactions()).isEmpty();
    assertThat(files.feedsChanges()).isFalse();
    spark.sql(
        "ALTER TABLE delta.`%s` SET TBLPROPERTIES ('delta.setTransactionRetentionDuration' ="
                .formatted(table.path())
            + " 'interval 3 days', 'delta.enableChangeDataFeed' = 'true')");
    assertThat(files.retention().transactions()).contains(Duration.ofDays(3));
    assertThat(files.feedsChanges()).isTrue();
  }

  /** One row of each of two days. */
  private Dataset<Row> rows(int value) {
    return spark.range(2).selectExpr(value + " AS value", "CAST(id AS STRING) AS day");
  }
}
