package assay.reconciliation.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConsumersTest {
  private static final List<String> NAMES =
      IntStream.range(0, 20_000).mapToObj(i -> "consumer-" + i).toList();

  /** Computed once by hand: int(sha256(b"route_day/finance")[:8]) % 10000. */
  @Test
  void aConsumersPlaceIsWhatThePagesSay() {
    assertThat(at(10).bucket("finance")).isEqualTo(6398);
    assertThat(at(10).bucket("planning")).isEqualTo(50);
    assertThat(at(10).bucket("ops")).isEqualTo(3266);
  }

  @Test
  void aShareIsWhatItSays() {
    for (int share : new int[] {0, 1, 10, 50, 99, 100}) {
      double found = NAMES.stream().filter(at(share)::isCanary).count() / 20_000.0;
      assertThat(found).as(share + " %").isBetween(share / 100.0 - 0.01, share / 100.0 + 0.01);
    }
  }

  @Test
  void whoIsWithinAShareIsWithinEveryLargerOne() {
    assertThat(NAMES.stream().filter(at(10)::isCanary)).allMatch(at(50)::isCanary);
    assertThat(at(10).path("planning")).isEqualTo("/canary");
    assertThat(at(10).path("finance")).isEqualTo("/main");
    assertThat(at(64).path("finance")).isEqualTo("/canary");
  }

  private static Consumers at(int share) {
    return new Consumers("route_day", share, "/main", "/canary");
  }
}
