package assay.tests;

import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.Rule;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/**
 * A process that runs the batch path over a lake again and again until it is killed. In each round
 * all rows are read anew under a stricter contract, and what that put into quarantine is let out
 * again, so that every kind of write happens.
 *
 * <p>Arguments: the lake, and a file to make once the first stage begins.
 */
final class RestlessStages {
  private RestlessStages() {}

  public static void main(String[] args) throws IOException {
    SparkSession spark = TestSpark.session();
    Lake lake = new Lake(args[0]);
    Contract contract = FlightsContract.contract();
    Contract stricter =
        FlightsContract.withRules(
            List.of(new Rule("punctual", "delay_minutes < 60", Rule.Otherwise.QUARANTINE)));
    Files.createFile(Path.of(args[1]));
    while (true) {
      PipelineStages.run("silver", spark, lake, contract, Steps.SILENT);
      PipelineStages.run("reprocess", spark, lake, stricter, Steps.SILENT);
      PipelineStages.run("gold", spark, lake, contract, Steps.SILENT);
      PipelineStages.run("retry", spark, lake, contract, Steps.SILENT);
    }
  }
}
