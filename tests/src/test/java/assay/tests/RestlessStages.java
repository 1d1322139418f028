package assay.tests;

import assay.core.Lake;
import assay.core.Steps;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/**
 * A process that runs stages over a lake one after the other, again and again, until it is killed.
 *
 * <p>Arguments: the lake, a file to make once the first stage begins, and the stages.
 */
final class RestlessStages {
  private RestlessStages() {}

  public static void main(String[] args) throws IOException {
    SparkSession spark = TestSpark.session();
    Files.createFile(Path.of(args[1]));
    while (true) {
      for (int i = 2; i < args.length; i++) {
        PipelineStages.run(
            args[i], spark, new Lake(args[0]), FlightsContract.contract(), Steps.SILENT);
      }
    }
  }
}
