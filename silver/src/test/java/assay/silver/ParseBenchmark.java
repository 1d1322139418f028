package assay.silver;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.from_json;

import assay.core.SparkSessions;
import assay.core.contract.Column;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Rows a second of the parser beside {@code from_json}, both to {@code noop}, in one JVM. */
final class ParseBenchmark {
  private static final int ROWS = 1_000_000;
  private static final int ROUNDS = 6;

  private ParseBenchmark() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createTempDirectory("assay-parse-benchmark");
    SparkSession spark = SparkSessions.open("parse benchmark", Map.of("spark.master", "local[2]"));
    try {
      String path = folder.resolve("bronze").toString();
      generate(spark).write().parquet(path);
      Dataset<Row> bronze = spark.read().parquet(path);
      Contract contract = FlightsContract.contract();
      Map<String, Dataset<Row>> plans = new LinkedHashMap<>();
      plans.put("read only", bronze.select("value"));
      plans.put("from_json", plain(bronze, contract));
      plans.put("parse", new EventParser(contract).parse(bronze));
      System.out.printf("%-10s %6s %12s%n", "", "round", "rows/s");
      for (int round = 1; round <= ROUNDS; round++) {
        for (Map.Entry<String, Dataset<Row>> plan : plans.entrySet()) {
          long start = System.nanoTime();
          plan.getValue().write().format("noop").mode("overwrite").save();
          double seconds = (System.nanoTime() - start) / 1e9;
          System.out.printf("%-10s %6d %,12.0f%n", plan.getKey(), round, ROWS / seconds);
        }
      }
    } finally {
      spark.stop();
      FileUtils.deleteDirectory(folder.toFile());
    }
  }

  /** What a job without quarantine, strictness and positions would do. */
  private static Dataset<Row> plain(Dataset<Row> bronze, Contract contract) {
    StructType fields = new StructType();
    for (Column column : contract.columns()) {
      fields = fields.add(column.name(), column.type());
    }
    return bronze
        .select(from_json(col("value").cast(DataTypes.StringType), fields, Map.of()).as("read"))
        .select("read.*");
  }

  private static Dataset<Row> generate(SparkSession spark) {
    return spark
        .range(0, ROWS, 1, 4)
        .select(
            expr("CAST(id % 4 AS INT)").as("partition"),
            col("id").as("offset"),
            expr("timestamp_seconds(1767225600)").as("ingested_at"),
            expr("timestamp_seconds(1767225600)").as("kafka_timestamp"),
            expr("CAST(concat('f', id) AS BINARY)").as("key"),
            expr("CAST(concat('{\"flight_id\":\"f', id, '\",\"scheduled_at\":\"',"
                    + " date_format(timestamp_seconds(978307200 + id),"
                    + " \"yyyy-MM-dd'T'HH:mm:ss'Z'\"), '\",\"delay_minutes\":', id % 200 - 20,"
                    + " ',\"distance_miles\":', id % 2500, ',\"origin\":\"',"
                    + " element_at(array('SEA','LAX','DFW','JFK'), CAST(id % 4 + 1 AS INT)),"
                    + " '\",\"destination\":\"',"
                    + " element_at(array('ATL','HOU','ORD'), CAST(id % 3 + 1 AS INT)), '\"}')"
                    + " AS BINARY)")
                .as("value"));
  }
}
