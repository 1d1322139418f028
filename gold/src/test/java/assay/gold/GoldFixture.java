package assay.gold;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractReader;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.SilverStage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** A lake of one domain, fed by hand, whose contract is written out in the test. */
final class GoldFixture {
  private final SparkSession spark = TestSpark.session();
  private final Lake lake;
  private final Contract contract;
  private final BronzeFixture bronze;

  GoldFixture(Path folder, String contract) {
    this.lake = new Lake(folder.resolve("lake").toString());
    try {
      this.contract =
          ContractReader.read(Files.writeString(folder.resolve("contract.yaml"), contract));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.bronze = new BronzeFixture(spark, lake, this.contract.domain());
  }

  void ingest(String ingestedAt, String... values) {
    bronze.ingest(ingestedAt, values);
  }

  /** Silver, then gold. */
  List<GoldResult> run() {
    silver();
    return gold().run(Optional.empty());
  }

  void silver() {
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
  }

  GoldStage gold() {
    return new GoldStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT);
  }

  LakeTable silverTable() {
    return new LakeTable(spark, lake.silver(contract.domain()));
  }

  LakeTable table(String metrics) {
    return new LakeTable(spark, lake.gold(metrics));
  }

  /** The rows of a gold table in ascending order, each with its values as text. */
  List<String> cells(String metrics, String... columns) {
    return table(metrics)
        .read()
        .selectExpr(columns)
        .selectExpr(
            "array_join(transform(array(%s), v -> coalesce(v, 'NULL')), ' ')"
                .formatted(
                    String.join(
                        ", ",
                        List.of(columns).stream()
                            .map(c -> "CAST(`" + c + "` AS STRING)")
                            .toList())))
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .sorted()
        .toList();
  }
}
