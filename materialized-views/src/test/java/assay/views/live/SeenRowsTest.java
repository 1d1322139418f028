package assay.views.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SeenRowsTest {
  @Test
  void itHoldsTheLastTimeOfEachRowAsAMapWould() {
    Random random = new Random(11);
    SeenRows seen = new SeenRows();
    Map<List<Long>, Long> expected = new HashMap<>();
    for (int i = 0; i < 50_000; i++) {
      // Halves that meet each other, and 0.
      long a = random.nextInt(200);
      long b = random.nextInt(200);
      long at = random.nextInt(1_000_000);
      seen.put(a, b, at);
      expected.merge(List.of(a, b), at, Math::max);
    }
    expected.forEach((row, at) -> assertThat(seen.last(row.get(0), row.get(1))).isEqualTo(at));
    assertThat(seen.last(7, 200)).isEqualTo(SeenRows.NEVER);
    assertThat(seen.held()).isEqualTo(expected.size());
  }

  @Test
  void whatIsBehindTheLookBackIsForgottenSoThatItDoesNotGrow() {
    SeenRows seen = new SeenRows();
    for (long at = 0; at < 1_000_000; at++) {
      seen.forgetBefore(at - 1000);
      seen.put(at, -at, at);
      assertThat(seen.held()).isLessThan(4200);
    }
    assertThat(seen.bytes()).isLessThan(400_000);
    assertThat(seen.last(999_000, -999_000)).isEqualTo(999_000);
  }
}
