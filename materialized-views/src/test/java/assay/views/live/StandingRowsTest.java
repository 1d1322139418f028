package assay.views.live;

import static org.assertj.core.api.Assertions.assertThat;

import assay.views.live.StandingRows.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StandingRowsTest {
  @Test
  void itFindsWhatAListWouldAlsoWhereKeysShareAHash() {
    Random random = new Random(11);
    StandingRows rows = new StandingRows();
    List<Standing> expected = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      Standing row = new Standing(random.nextInt(300), random.nextInt(1000), i % 3, i);
      rows.add(row);
      expected.add(row);
      if (i % 3 != 0) {
        Standing gone = expected.remove(random.nextInt(expected.size()));
        rows.takeBack(gone);
      }
    }
    for (long hash = 0; hash < 301; hash++) {
      long of = hash;
      List<Standing> found = new ArrayList<>();
      boolean any = rows.find(hash, 400, found);
      assertThat(found)
          .containsExactlyInAnyOrderElementsOf(
              expected.stream().filter(r -> r.hash() == of && r.at() >= 400).toList());
      assertThat(any).isEqualTo(!found.isEmpty());
    }
  }

  @Test
  void whatIsBehindTheLookBackOrTakenBackIsForgottenSoThatItDoesNotGrow() {
    StandingRows rows = new StandingRows();
    for (long at = 0; at < 1_000_000; at++) {
      rows.forgetBefore(at - 1000);
      rows.add(new Standing(at, at, 0, at));
      rows.add(new Standing(-at, at, 1, at));
      rows.takeBack(new Standing(-at, at, 1, at));
    }
    assertThat(rows.bytes()).isLessThan(600_000);
    List<Standing> found = new ArrayList<>();
    assertThat(rows.find(999_000, 999_000, found)).isTrue();
    assertThat(rows.find(-999_000, 999_000, found)).isFalse();
  }
}
