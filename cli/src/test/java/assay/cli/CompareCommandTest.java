package assay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code assay compare} of two exports, where there is neither a lake nor a contract. */
@ExtendWith(PlainPlans.class)
class CompareCommandTest {
  @TempDir Path folder;

  @Test
  void twoExportsAreComparedWithoutALake() throws IOException {
    String a = write("a.csv", "route,amount,note\nSEA-LAX,100.00,x\nSEA-JFK,5,\nLAX-SEA,1,z\n");
    String b = write("b.csv", "note,route,amount\nx,SEA-LAX,100.5\n\"\",SEA-JFK,5.0\n");
    CommandLineRun run =
        CommandLineRun.of(
            "compare",
            a,
            b,
            "--key",
            "route",
            "--tolerance",
            "amount=1%",
            "--json",
            "--config",
            folder.resolve("nowhere.yaml").toString());
    assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
    JsonNode result = new ObjectMapper().readTree(run.out());
    assertThat(result.get("verdict").asText()).isEqualTo("DIVERGED");
    assertThat(result.get("reached").asText()).isEqualTo("rows");
    assertThat(result.get("rows").toString())
        .isEqualTo(
            "{\"equal\":0,\"within_tolerance\":1,\"beyond_tolerance\":1,\"only_in_control\":1,"
                + "\"only_in_test\":0}");
    assertThat(result.at("/only_in_control/0/route").asText()).isEqualTo("LAX-SEA");
    assertThat(result.at("/differences/0/difference").decimalValue()).isEqualByComparingTo("0.5");
    assertThat(result.at("/differences/1/control").isNull()).isTrue();
  }

  private String write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }
}
