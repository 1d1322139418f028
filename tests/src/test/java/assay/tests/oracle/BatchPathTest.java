package assay.tests.oracle;

import static assay.tests.oracle.Disposition.DELETED;
import static assay.tests.oracle.Disposition.DUPLICATE;
import static assay.tests.oracle.Disposition.LOADED;
import static assay.tests.oracle.Disposition.QUARANTINED;
import static assay.tests.oracle.Disposition.SUPERSEDED;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The oracle itself, for changes of a database's rows, against values by hand. */
class BatchPathTest {
  private static final String TRUNCATE = "{\"op\":\"t\"}";

  @Test
  void theHighestRevisionStandsWhateverItsOrder() {
    assertThat(judged(true, upsert(2, 5), upsert(1, 6), upsert(3, 7), upsert(3, 7)))
        .containsExactly(SUPERSEDED, SUPERSEDED, LOADED, DUPLICATE);
  }

  @Test
  void aDeleteWithARevisionHasItsPlaceAmongTheRows() {
    assertThat(judged(true, upsert(2, 5), delete("3"), upsert(1, 6)))
        .containsExactly(SUPERSEDED, DELETED, SUPERSEDED);
    assertThat(judged(true, upsert(2, 5), delete("1"))).containsExactly(LOADED, SUPERSEDED);
    assertThat(judged(true, delete("3"), delete("3"), upsert(4, 5)))
        .containsExactly(SUPERSEDED, DUPLICATE, LOADED);
  }

  @Test
  void aDeleteWithoutARevisionCountsByWhenItCame() {
    assertThat(judged(true, upsert(9, 5), delete("null"), upsert(1, 6)))
        .containsExactly(SUPERSEDED, SUPERSEDED, LOADED);
    assertThat(judged(false, upsert(9, 5), delete("9"), delete("8")))
        .containsExactly(SUPERSEDED, DELETED, DUPLICATE);
  }

  @Test
  void aDuplicateChangesNothing() {
    assertThat(judged(true, delete("3"), delete("null"), upsert(2, 5)))
        .containsExactly(DELETED, DUPLICATE, SUPERSEDED);
  }

  @Test
  void aTruncateTakesAwayAllThatStandsAndWhatFollowsMeetsNothing() {
    assertThat(judged(true, upsert(9, 5), "no json", TRUNCATE, upsert(1, 5)))
        .containsExactly(SUPERSEDED, QUARANTINED, DELETED, LOADED);
    assertThat(judged(true, delete("9"), TRUNCATE, TRUNCATE, delete("1")))
        .containsExactly(SUPERSEDED, DELETED, DELETED, DELETED);
  }

  /** What becomes of each of the rows, one micro-batch each. */
  private static List<Disposition> judged(boolean ordered, String... values) {
    PaymentsContract contract = new PaymentsContract(true, ordered, false, true, true);
    List<Reading<Payment>> readings = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      ByteBuffer value = ByteBuffer.wrap(values[i].getBytes(UTF_8));
      readings.add(
          contract.read(new BronzeRow(0, i, Instant.ofEpochSecond(i), Optional.of(value))));
    }
    return List.copyOf(BatchPath.judge(readings, contract.orderBy()).values());
  }

  private static String upsert(int revision, int amount) {
    return ("{\"op\":\"u\",\"after\":{\"payment_id\":\"a\",\"paid_at\":\"2001-01-01T08:00:00Z\","
            + "\"revision\":%d,\"amount\":%d,\"kind\":\"card\"}}")
        .formatted(revision, amount);
  }

  private static String delete(String revision) {
    return "{\"op\":\"d\",\"before\":{\"payment_id\":\"a\",\"revision\":%s}}".formatted(revision);
  }
}
