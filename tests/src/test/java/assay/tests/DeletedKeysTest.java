package assay.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.testing.TestSpark;
import assay.tests.oracle.BronzeRow;
import assay.tests.oracle.PaymentsContract;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A delete as Debezium tells of it by default: its event, then a tombstone. */
class DeletedKeysTest {
  private static final Contract CONTRACT =
      PaymentsYaml.contract(new PaymentsContract(true, true, false, false, false));

  @TempDir Path folder;

  @Test
  void aTombstoneBehindADeleteLetsNoOlderRowBack() {
    assertThat(dispositions(true))
        .containsExactly("superseded", "deleted", "duplicate", "superseded");
  }

  @Test
  void norDoesItWhereEachCameInAMicroBatchOfItsOwn() {
    assertThat(dispositions(false))
        .containsExactly("superseded", "deleted", "duplicate", "superseded");
  }

  /** Of an upsert, its delete, the tombstone, and an older upsert that comes too late. */
  private List<String> dispositions(boolean atOnce) {
    BatchPathDriver lake = new BatchPathDriver(TestSpark.session(), new Lake(folder.toString()));
    List<Optional<String>> values =
        List.of(
            Optional.of(upsert(2)),
            Optional.of("{\"op\":\"d\",\"before\":{\"payment_id\":\"a\",\"revision\":3}}"),
            Optional.empty(),
            Optional.of(upsert(1)));
    for (int i = 0; i < values.size(); i++) {
      lake.ingest(
          List.of(
              new BronzeRow(
                  0,
                  i,
                  Instant.parse("2026-01-01T00:00:00Z").plusSeconds(i),
                  Optional.of(bytes("{\"payment_id\":\"a\"}")),
                  values.get(i).map(DeletedKeysTest::bytes))));
      if (!atOnce) {
        lake.runSilver(CONTRACT, Steps.SILENT);
      }
    }
    lake.runSilver(CONTRACT, Steps.SILENT);
    BatchTables tables = lake.tables(CONTRACT);
    assertThat(tables.silver()).isEmpty();
    List<List<Object>> rows = new ArrayList<>(tables.exceptions());
    rows.sort(Comparator.comparing(row -> (Long) row.get(1)));
    return rows.stream().map(row -> (String) row.get(row.size() - 1)).toList();
  }

  private static String upsert(int revision) {
    return ("{\"op\":\"u\",\"after\":{\"payment_id\":\"a\",\"paid_at\":\"2001-01-01T08:00:00Z\","
            + "\"revision\":%d,\"amount\":5,\"kind\":\"card\"}}")
        .formatted(revision);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }
}
