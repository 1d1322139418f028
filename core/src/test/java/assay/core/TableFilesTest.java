package assay.core;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.testing.TestSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableFilesTest {
  private static final StructType SCHEMA =
      new StructType().add("day", DataTypes.DateType).add("n", DataTypes.LongType);

  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private LakeTable table;
  private TableFiles files;

  @BeforeEach
  void makeTable() {
    table = new LakeTable(spark, folder.resolve("table").toString());
    files = new TableFiles(spark, table.path());
    table.createOrExtend(SCHEMA, List.of("day"));
    table.append(rows("('2001-01-01', 1), ('2001-01-01', 5), ('2001-01-02', 3)"), commit(1));
  }

  @Test
  void aSizeIsThatOfTheFilesAndCountsTheirRows() {
    TableSize size = files.size(1);
    assertThat(size.files()).isEqualTo(2);
    assertThat(size.rows()).isEqualTo(3);
    assertThat(size.bytes()).isEqualTo(bytesOnDisk());
    assertThat(files.size(0)).isEqualTo(TableSize.NONE);
    assertThat(new TableFiles(spark, folder.resolve("no").toString()).size(-1))
        .isEqualTo(TableSize.NONE);
  }

  @Test
  void aPartIsTheFilesOfItsPartitionsOrThoseThatStatisticsDoNotRuleOut() {
    assertThat(files.size(1, "day", Set.of("2001-01-01", "2001-01-09")).rows()).isEqualTo(2);
    assertThat(files.size(1, "day", Set.of())).isEqualTo(TableSize.NONE);
    assertThat(files.partitions(1, "day")).containsExactly("2001-01-01", "2001-01-02");
    assertThat(files.sizeWhere(1, TableFiles.greatest("n", "bigint").gt(lit(3L))).rows())
        .isEqualTo(2);
    table.append(rows("('2001-01-03', NULL)"), commit(2));
    assertThat(files.sizeWhere(2, TableFiles.greatest("n", "bigint").gt(lit(3L))).rows())
        .as("a file without a greatest value may hold anything")
        .isEqualTo(3);
  }

  @Test
  void aPartitionsFingerprintIsTheSameAsLongAsItsFilesAre() {
    Map<String, String> before = files.fingerprints(1, "day");
    assertThat(before).containsOnlyKeys("2001-01-01", "2001-01-02");
    table.append(rows("('2001-01-02', 4)"), commit(2));
    Map<String, String> after = files.fingerprints(2, "day");
    assertThat(after.get("2001-01-01")).isEqualTo(before.get("2001-01-01"));
    assertThat(after.get("2001-01-02")).isNotEqualTo(before.get("2001-01-02"));
    assertThat(files.fingerprints(-1, "day")).isEmpty();
    // Where the checksum does not name the files, a job says the same.
    SparkSession without = spark.newSession();
    without.conf().set("spark.databricks.delta.allFilesInCrc.enabled", "false");
    DeltaLog.clearCache();
    assertThat(new TableFiles(without, table.path()).fingerprints(2, "day")).isEqualTo(after);
  }

  @Test
  void rearrangedFilesAndEmptyCommitsAreNoDifference() {
    table.append(rows("('2001-01-01', 7)"), commit(2));
    assertThat(table.mayDiffer(1, 2)).isTrue();
    assertThat(table.mayDiffer(2, 2)).isFalse();
    assertThat(table.mayDiffer(2, 1)).as("another table stands there").isTrue();
    spark.sql("OPTIMIZE delta.`" + table.path() + "`");
    table.append(rows("('2001-01-01', 7)").limit(0), commit(3));
    assertThat(table.version()).isEqualTo(4);
    assertThat(table.mayDiffer(2, 4)).isFalse();
    spark.sql("ALTER TABLE delta.`" + table.path() + "` ADD COLUMNS (more INT)");
    assertThat(table.mayDiffer(2, 5)).isTrue();
    spark.sql("DELETE FROM delta.`" + table.path() + "` WHERE n = 3");
    assertThat(table.mayDiffer(5, 6)).isTrue();
  }

  private Dataset<Row> rows(String values) {
    return spark
        .sql("SELECT CAST(day AS DATE), CAST(n AS BIGINT) FROM VALUES " + values + " t(day, n)")
        .coalesce(1);
  }

  private static Transaction commit(long version) {
    return new Transaction("test", version);
  }

  private long bytesOnDisk() {
    try (Stream<Path> all = Files.walk(folder.resolve("table"))) {
      return all.filter(file -> file.toString().endsWith(".parquet"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
