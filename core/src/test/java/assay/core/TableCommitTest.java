package assay.core;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import assay.core.TableChange.Gone;
import assay.core.testing.TestSpark;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableCommitTest {
  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private LakeTable table;

  @BeforeEach
  void makeTable() {
    table = new LakeTable(spark, folder.resolve("table").toString());
    table.createOrExtend(ids(0, 1).schema(), List.of(), LakeTable.GUARDED);
  }

  @Test
  void rowsComeAndGoInOneCommitThatBringsItsNumbers() throws IOException {
    long first = commit(0, Optional.of(ids(0, 8)), Optional.empty(), 1);
    assertThat(read()).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
    assertChecksum(first, 1);
    long second = commit(first, Optional.of(ids(8, 10)), Optional.of(gone(first, 3, 5)), 2);
    assertThat(read()).containsExactly(0L, 1L, 2L, 4L, 6L, 7L, 8L, 9L);
    assertChecksum(second, 2);
    assertThat(table.numbersAt(first, "app")).isEqualTo(Map.of("app", 1L));
    assertThat(table.numbersAt(second, "app")).isEqualTo(Map.of("app", 2L));
    assertThat(table.numbersAt(0, "app")).isEmpty();
    assertThat(table.isEmptyAt(0)).isTrue();
    assertThat(table.isEmptyAt(second)).isFalse();
  }

  @Test
  void laterCommitsAreRefusedOrUndone() throws IOException {
    long base = commit(0, Optional.of(ids(0, 4)), Optional.empty(), 1);
    commit(base, Optional.of(ids(4, 6)), Optional.of(gone(base, 1)), 2);
    TableChange change = change(Optional.of(ids(10, 12)), Optional.of(gone(base, 2)), 3);
    assertThatThrownBy(() -> table.commit(base, change, LakeTable.Later.REFUSE))
        .isInstanceOfSatisfying(
            AssayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN));
    long undone = table.commit(base, change, LakeTable.Later.UNDO);
    assertThat(read()).containsExactly(0L, 1L, 3L, 10L, 11L);
    assertChecksum(undone, 3);
  }

  @Test
  void aRebuildPutsRowsInWhereAllOthersWere() throws IOException {
    long base = commit(0, Optional.of(ids(0, 4)), Optional.empty(), 1);
    Dataset<Row> texts = ids(7, 9).select(col("id").cast("string"));
    TableChange change = TableChange.rebuild(texts, texts.schema(), Map.of("app", 2L), Map.of());
    long rebuilt = table.commit(base, change, LakeTable.Later.REFUSE);
    assertThat(table.read().as(Encoders.STRING()).collectAsList())
        .containsExactlyInAnyOrder("7", "8");
    assertChecksum(rebuilt, 2);
  }

  @Test
  void chosenFilesAreReadWithTheirNames() {
    long first = commit(0, Optional.of(ids(0, 4).coalesce(1)), Optional.empty(), 1);
    long second = commit(first, Optional.of(ids(4, 6).coalesce(1)), Optional.empty(), 2);
    List<Row> files =
        table
            .readWithFiles(second)
            .groupBy(LakeTable.FILE)
            .count()
            .orderBy("count")
            .collectAsList();
    assertThat(files).extracting(file -> file.getLong(1)).containsExactly(2L, 4L);
    String name = files.get(0).getString(0);
    assertThat(table.readFiles(second, List.of(name)).collectAsList())
        .extracting(row -> row.getLong(0), row -> row.getString(1))
        .containsExactlyInAnyOrder(tuple(4L, name), tuple(5L, name));
    assertThat(table.readFiles(second, List.of()).collectAsList()).isEmpty();
  }

  /**
   * Delta derived the version's checksum from the one before, which is what spares each run the
   * reading of the whole log: only then are the numbers in it. It says what the log says.
   */
  private void assertChecksum(long version, long number) throws IOException {
    Path file = Path.of(table.path(), "_delta_log", "%020d.crc".formatted(version));
    JsonNode checksum = new ObjectMapper().readTree(file.toFile());
    assertThat(checksum.path("setTransactions"))
        .singleElement()
        .satisfies(app -> assertThat(app.path("version").asLong()).isEqualTo(number));
    assertThat(checksum.path("numFiles").asInt())
        .isEqualTo(table.readAt(version).inputFiles().length);
    assertThat(checksum.path("tableSizeBytes").asLong())
        .isEqualTo(new TableFiles(spark, table.path()).size(version).bytes());
  }

  private long commit(long base, Optional<Dataset<Row>> come, Optional<Gone> gone, long number) {
    return table.commit(base, change(come, gone, number), LakeTable.Later.REFUSE);
  }

  private static TableChange change(Optional<Dataset<Row>> come, Optional<Gone> gone, long number) {
    return TableChange.exchange(come, gone, Map.of("app", number));
  }

  private Gone gone(long version, Object... ids) {
    return new Gone(table.readWithFiles(version).where(col("id").isin(ids)), List.of("id"));
  }

  private List<Long> read() {
    return table.read().orderBy("id").as(Encoders.LONG()).collectAsList();
  }

  private Dataset<Row> ids(long from, long to) {
    return spark.range(from, to).toDF();
  }
}
