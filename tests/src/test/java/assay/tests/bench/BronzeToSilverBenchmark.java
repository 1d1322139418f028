package assay.tests.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.ingestion.Bronze;
import assay.silver.SilverResult;
import assay.silver.SilverStage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Two million rows of some 150 bytes from bronze to silver, into a fresh lake each round, beside
 * the least that any pipeline would do with them: {@code from_json}, {@code dropDuplicates} on the
 * key, and nothing written.
 */
final class BronzeToSilverBenchmark {
  private static final int ROUNDS = 5;
  private static final int BATCHES = 8;
  private static final String REFERENCE = "from_json + dropDuplicates → noop";
  private static final String SILVER = "assay silver";

  private final SparkSession spark;
  private final Path folder;
  private final Contract contract = FlightsContract.contract();
  private final long rows;

  BronzeToSilverBenchmark(SparkSession spark, Path folder, double scale) {
    this.spark = spark;
    this.folder = folder;
    this.rows = Math.max(1, Math.round(2_000_000 * scale / BATCHES / 4)) * BATCHES * 4;
  }

  String run() throws IOException {
    Lake source = new Lake(folder.resolve("source").toString());
    String bronze = source.bronze(contract.domain());
    fill(bronze);
    Timings timings = new Timings();
    for (int round = 0; round < ROUNDS; round++) {
      Lake lake = new Lake(folder.resolve("round-" + round).toString());
      FileUtils.copyDirectory(
          Path.of(bronze).toFile(), Path.of(lake.bronze(contract.domain())).toFile());
      timings.time(REFERENCE, () -> reference(bronze));
      timings.time(SILVER, () -> silver(lake));
      FileUtils.deleteDirectory(Path.of(lake.root()).toFile());
    }
    List<List<String>> table = new ArrayList<>();
    for (String what : List.of(REFERENCE, SILVER)) {
      List<String> cells = new ArrayList<>(List.of(what));
      timings.warm(what).forEach(seconds -> cells.add(perSecond(seconds)));
      cells.add(
          String.format(
              Locale.ROOT, "%.0f %%", 100 * timings.median(REFERENCE) / timings.median(what)));
      table.add(cells);
    }
    return "%,d rows of %.0f bytes from bronze to silver, rows a second%n%n"
            .formatted(rows, bytesOfAValue(bronze))
        + Timings.markdown(header(), table);
  }

  private static List<String> header() {
    Stream<String> rounds = IntStream.rangeClosed(2, ROUNDS).mapToObj(round -> "round " + round);
    return Stream.of(Stream.of(""), rounds, Stream.of("of the reference"))
        .flatMap(cells -> cells)
        .toList();
  }

  private void fill(String path) {
    BronzeMaker bronze = new BronzeMaker(spark, path);
    long each = rows / BATCHES;
    for (int batch = 0; batch < BATCHES; batch++) {
      Dataset<Row> flights =
          BronzeMaker.flights(
              spark.range(each),
              "concat('flight-', %d + id)".formatted(batch * each),
              "1735689600 + %d * 3600 + id %% 3600".formatted(batch),
              "id % 240 - 30");
      bronze.ingest(flights, each);
    }
  }

  private void reference(String bronze) {
    StructType fields = new StructType();
    for (assay.core.contract.Column column : contract.columns()) {
      fields = fields.add(column.name(), column.type());
    }
    new LakeTable(spark, bronze)
        .read()
        .select(from_json(col(Bronze.VALUE).cast("string"), fields).as("json"))
        .select("json.*")
        .dropDuplicates(contract.key().toArray(String[]::new))
        .write()
        .format("noop")
        .mode("overwrite")
        .save();
  }

  private void silver(Lake lake) {
    SilverResult result = new SilverStage(spark, lake, contract, Steps.SILENT).run();
    if (result.loaded() != rows) {
      throw new IllegalStateException(
          "silver holds %d of %d rows".formatted(result.loaded(), rows));
    }
  }

  private double bytesOfAValue(String bronze) {
    return new LakeTable(spark, bronze)
        .read()
        .selectExpr("CAST(avg(octet_length(value)) AS DOUBLE)")
        .head()
        .getDouble(0);
  }

  private String perSecond(double seconds) {
    return "%,.0f".formatted(rows / seconds);
  }
}
